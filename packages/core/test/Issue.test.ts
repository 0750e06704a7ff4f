import { assert, describe, it } from "@effect/vitest"
import { Either, ParseResult, Redacted, Schema } from "effect"
import { Issue } from "../src/index.js"
import { faults, refusals } from "./support.js"

describe("shape", () => {
  it.each([
    [undefined, "nothing"],
    [null, "null"],
    ["", "an empty string"],
    ["x", "a string of 1 character"],
    ["hunter2", "a string of 7 characters"],
    [Number.NaN, "NaN"],
    [-Infinity, "an infinite number"],
    [1.5, "a number with a fraction"],
    [2 ** 53, "an integer beyond 2^53"],
    [-3, "a negative integer"],
    [0, "zero"],
    [3, "a positive integer"],
    [true, "a boolean"],
    [1n, "a bigint"],
    [Symbol("hunter2"), "a symbol"],
    [[], "an empty list"],
    [[1, 2], "a list of 2"],
    [() => 1, "a function"],
    [{}, "an object without keys"],
    [{ password: "hunter2" }, "an object"],
    [Redacted.make("hunter2"), "a redacted value"]
  ])("describes %o as %s", (value, shape) => {
    assert.strictEqual(Issue.shape(value), shape)
  })

  it("describes an object as unreadable if reading the object throws", () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    assert.strictEqual(Issue.shape(proxy), "an object that cannot be read")
  })
})

describe("format", () => {
  it("writes the path with dots and brackets, as in code", () => {
    const at = (path: ReadonlyArray<string | number>) => Issue.format({ path, expected: "x", received: "y" })
    assert.strictEqual(at([]), "expected x, received y")
    assert.strictEqual(at(["limit"]), "limit: expected x, received y")
    assert.strictEqual(at(["id", 0]), "id[0]: expected x, received y")
    assert.strictEqual(at(["patch", 1, "value"]), "patch[1].value: expected x, received y")
    assert.strictEqual(at([2, "a"]), "[2].a: expected x, received y")
  })
})

describe("fromParseIssue", () => {
  const Row = Schema.Struct({
    name: Schema.String,
    count: Schema.optional(Schema.Int),
    tags: Schema.optional(Schema.Array(Schema.String)),
    pair: Schema.Tuple(Schema.Literal("a"), Schema.Boolean)
  })

  it("lists every issue with its path", () => {
    assert.deepStrictEqual(faults(Row, { count: 1.5, tags: ["a", 1], pair: ["b", 0] }), [
      "name: expected a string, received nothing",
      "count: expected an integer, received a number with a fraction",
      "tags[1]: expected a string, received a positive integer",
      'pair[0]: expected "a", received a string of 1 character',
      "pair[1]: expected a boolean, received zero"
    ])
    assert.deepStrictEqual(faults(Row, null), ["expected an object, received null"])
    assert.deepStrictEqual(faults(Row, { name: "x", pair: ["a", true], tags: 1 }), [
      "tags: expected a list, received a positive integer"
    ])
  })

  it("reports unknown keys by name", () => {
    assert.deepStrictEqual(refusals(Row, { name: "x", pair: ["a", true], nmae: "hunter2" }), [
      "nmae: expected no property with this name, received a string of 7 characters"
    ])
  })

  it("reports the deepest issue of a union, or describes all members if no issue is deeper", () => {
    const Either = Schema.Union(Schema.Struct({ a: Schema.Struct({ b: Schema.Int }) }), Schema.String)
    assert.deepStrictEqual(faults(Either, { a: { b: "x" } }), [
      "a.b: expected an integer, received a string of 1 character"
    ])
    assert.deepStrictEqual(faults(Either, 1), ["expected an object or a string, received a positive integer"])
    assert.deepStrictEqual(faults(Schema.NullOr(Schema.Boolean), 1), [
      "expected a boolean or null, received a positive integer"
    ])
  })

  it("describes a number outside a range as larger or smaller, and other refused values by their shape", () => {
    const Total = Schema.NumberFromString.pipe(Schema.nonNegative())
    assert.deepStrictEqual(faults(Total, "-5"), ["expected a non-negative number, received a negative integer"])
    assert.deepStrictEqual(faults(Total, "x"), ["expected a number written as text, received a string of 1 character"])

    const Celsius = Schema.Number.pipe(Schema.between(10, 30))
    const expected = "expected a number between 10 and 30, received"
    assert.deepStrictEqual(faults(Celsius, 30.5), [`${expected} a larger number`])
    assert.deepStrictEqual(faults(Celsius, 9), [`${expected} a smaller number`])
    assert.deepStrictEqual(faults(Celsius, -9), [`${expected} a negative integer`])
    assert.deepStrictEqual(faults(Celsius, Number.NaN), [`${expected} NaN`])

    const Code = Schema.transform(Schema.String, Schema.Int, { decode: Number, encode: String })
    assert.deepStrictEqual(faults(Code, "1.5"), ["expected an integer, received a number with a fraction"])
  })

  it("uses the message of a filter, and does not show the value", () => {
    const Password = Schema.String.pipe(Schema.filter((text) => (text.length < 9 ? "a longer password" : undefined)))
    assert.deepStrictEqual(faults(Password, "hunter2"), [
      "expected a longer password, received a string of 7 characters"
    ])
  })
})

it.prop("An issue is the same after encoding and decoding", [Issue.Issue], ([issue]) => {
  assert.deepStrictEqual(Schema.decodeUnknownSync(Issue.Issue)(Schema.encodeSync(Issue.Issue)(issue)), issue)
})

it("Issues never quote a value, even if the schema's own message does", () => {
  const said = (schema: Schema.Schema.AnyNoContext, input: unknown) =>
    Either.match(ParseResult.decodeUnknownEither(schema)(input), {
      onLeft: (issue) => Issue.fromParseIssue(issue).map(Issue.format),
      onRight: () => []
    })
  assert.deepStrictEqual(said(Schema.Struct({ id: Schema.NumberFromString }), { id: "sesame" }), [
    "id: expected a number written as text, received a string of 6 characters"
  ])
  const Unquoted = Schema.String.pipe(Schema.filter((text) => `a password better than ${text}`))
  assert.deepStrictEqual(said(Unquoted, "sesame street"), ["expected a string, received a string of 13 characters"])
  for (const schema of [Schema.DateFromString, Schema.URL, Schema.BigInt, Schema.UUID, Schema.parseJson(Schema.Int)]) {
    assert.notInclude(said(Schema.Struct({ a: schema }), { a: "sesame" }).join(), "sesame")
  }
})

describe("A decoder or encoder", () => {
  const Row = Schema.Struct({ id: Schema.Int, name: Schema.String, note: Schema.optional(Schema.String) })
  const Page = Schema.Struct({ rows: Schema.Array(Row), next: Schema.NullOr(Schema.String) })

  const wrong = (schema: Schema.Schema.AnyNoContext, value: unknown): Issue.Issues =>
    Either.match(Issue.decodeUnknown(schema)(value), {
      onLeft: (issues) => issues,
      onRight: () => assert.fail("right")
    })

  /** Makes a schema of strings that counts how many values it reads. */
  const counting = () => {
    const count = { reads: 0 }
    const text = Schema.declare((value): value is string => {
      count.reads += 1
      return typeof value === "string"
    })
    return { count, text }
  }

  it("stops reading after 20 issues, and counts the unread items of a list", () => {
    const { count, text } = counting()
    const { issues, omitted } = wrong(Schema.Struct({ rows: Schema.Array(text) }), {
      rows: Array.from({ length: 100_000 }, () => 1)
    })
    assert.deepStrictEqual(
      issues.map(({ path }) => path),
      Array.from({ length: 20 }, (_, i) => ["rows", i])
    )
    assert.strictEqual(omitted, 99_980)
    assert.isBelow(count.reads, 100)
  })

  it("reports the paths of issues at the end of a long list", () => {
    const rows = Array.from({ length: 5000 }, (_, id) => ({ id, name: "tea" }))
    const found = wrong(Page, { rows: [...rows, { id: "x", name: 7 }], next: 1 })
    assert.strictEqual(
      Issue.formatAll(found),
      [
        "rows[5000].id: expected an integer, received a string of 1 character",
        "rows[5000].name: expected a string, received a positive integer",
        "next: expected a string or null, received a positive integer"
      ].join("; ")
    )
  })

  it("reports all issues of a small value that has at most 20", () => {
    const value = { rows: [{ id: 1.5 }, null], next: 1 }
    const { issues, omitted } = wrong(Page, value)
    assert.deepStrictEqual(issues.map(Issue.format), faults(Page, value))
    assert.strictEqual(omitted, 0)
  })

  it("lists the first 20 issues of a small value, and counts the remaining issues", () => {
    const { issues, omitted } = wrong(
      Schema.Array(Row),
      Array.from({ length: 30 }, () => ({}))
    )
    assert.strictEqual(issues.length, 20)
    assert.strictEqual(omitted, 40)
    assert.match(Issue.formatAll({ issues, omitted }), /; and 40 more$/)
  })

  it("reports only the first issue of a large record", () => {
    const entries = Array.from({ length: 50_000 }, (_, i) => [`key${i}`, 1] as const)
    const { issues } = wrong(Schema.Record({ key: Schema.String, value: Schema.String }), Object.fromEntries(entries))
    assert.deepStrictEqual(issues.map(Issue.format), ["key0: expected a string, received a positive integer"])
  })

  it("reports the issue of a filter on a list whose items are valid", () => {
    const Few = Schema.Array(Schema.Int).pipe(Schema.maxItems(3, { description: "at most 3 items" }))
    assert.strictEqual(
      Issue.formatAll(
        wrong(
          Few,
          Array.from({ length: 5000 }, () => 1)
        )
      ),
      "expected at most 3 items, received a list of 5000"
    )
  })

  it("limits the length of keys, the depth of paths and the length of the formatted issues", () => {
    interface Nested {
      readonly [key: string]: Nested | number
    }
    const Deep: Schema.Schema<Nested | number> = Schema.Union(
      Schema.Int,
      Schema.Record({ key: Schema.String, value: Schema.suspend(() => Deep) })
    )
    const long = wrong(Schema.Record({ key: Schema.String, value: Schema.Int }), { ["k".repeat(1_000_000)]: "x" })
    assert.isBelow(Issue.formatAll(long).length, 300)
    assert.isBelow(JSON.stringify(long).length, 300)
    let value: unknown = "x"
    for (let i = 0; i < 200; i++) value = { key: value }
    assert.isAtMost(wrong(Deep, value).issues[0]?.path.length ?? 0, 32)
    const many = Issue.formatAll({
      issues: Array.from({ length: 100_000 }, () => ({ path: [], expected: "e".repeat(1000), received: "" })),
      omitted: 5
    })
    assert.isBelow(many.length, 4100)
    assert.match(many, /; and 99,985 more$/)
  })

  it("refuses unknown keys when encoding, and stops after 20 issues", () => {
    const encode = Issue.encodeUnknown(Page, { onExcessProperty: "error" })
    const found = Either.flip(
      encode({ rows: Array.from({ length: 5000 }, () => ({ id: 1, name: "tea", nmae: 1 })), next: null })
    )
    assert.isTrue(Either.isRight(found))
    if (Either.isLeft(found)) return
    assert.strictEqual(found.right.issues.length, 20)
    assert.strictEqual(found.right.omitted, 4980)
    assert.deepStrictEqual(found.right.issues[0]?.path, ["rows", 0, "nmae"])
  })
})

it("shorten drops the first half of a surrogate pair that the cut would split", () => {
  assert.strictEqual(Issue.shorten("abc", 3), "abc")
  assert.strictEqual(Issue.shorten("abcd", 3), "ab…")
  assert.strictEqual(Issue.shorten("a\u{1F600}bc", 3), "a…")
})

describe("nearest", () => {
  const known = ["workspaceId", "projectId", "env", "retry"]

  it("returns the known word that is most similar to a misspelled word", () => {
    for (const word of ["workspace_id", "WORKSPACE-ID", "workspaceID", "workSpacesId", "worksapceId"]) {
      assert.strictEqual(Issue.nearest(word, known), "workspaceId")
    }
    assert.strictEqual(Issue.nearest("projektId", known), "projectId")
    assert.strictEqual(Issue.nearest("envs", known), "env")
    assert.strictEqual(Issue.nearest("retyr", ["retry", "retyre"]), "retyre")
  })

  it("returns undefined if no known word is similar to the given word", () => {
    for (const word of ["colour", "id", "", "event", "x".repeat(1_000_000)]) {
      assert.isUndefined(Issue.nearest(word, known))
    }
    assert.isUndefined(Issue.nearest("retry", []))
  })
})
