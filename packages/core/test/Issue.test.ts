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
  ])("of %o says nothing of the value but its shape: %s", (value, shape) => {
    assert.strictEqual(Issue.shape(value), shape)
  })
})

describe("format", () => {
  it("writes a path as one would in code", () => {
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

  it("lists what is wrong by place", () => {
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

  it("names keys that do not belong there", () => {
    assert.deepStrictEqual(refusals(Row, { name: "x", pair: ["a", true], nmae: "hunter2" }), [
      "nmae: expected no such property, received a string of 7 characters"
    ])
  })

  it("of a union says what the member that got furthest says, or all that it may be", () => {
    const Either = Schema.Union(Schema.Struct({ a: Schema.Struct({ b: Schema.Int }) }), Schema.String)
    assert.deepStrictEqual(faults(Either, { a: { b: "x" } }), [
      "a.b: expected an integer, received a string of 1 character"
    ])
    assert.deepStrictEqual(faults(Either, 1), ["expected an object or a string, received a positive integer"])
    assert.deepStrictEqual(faults(Schema.NullOr(Schema.Boolean), 1), [
      "expected a boolean or null, received a positive integer"
    ])
  })

  it("tells what a filter was given, where that comes from text, and on which side of a range it is", () => {
    const Total = Schema.NumberFromString.pipe(Schema.nonNegative())
    assert.deepStrictEqual(faults(Total, "-5"), ["expected a non-negative number, received a negative integer"])
    assert.deepStrictEqual(faults(Total, "x"), ["expected a number, received a string of 1 character"])

    const Celsius = Schema.Number.pipe(Schema.between(10, 30))
    const expected = "expected a number between 10 and 30, received"
    assert.deepStrictEqual(faults(Celsius, 30.5), [`${expected} a larger number`])
    assert.deepStrictEqual(faults(Celsius, 9), [`${expected} a smaller number`])
    assert.deepStrictEqual(faults(Celsius, -9), [`${expected} a negative integer`])
    assert.deepStrictEqual(faults(Celsius, Number.NaN), [`${expected} NaN`])

    const Code = Schema.transform(Schema.String, Schema.Int, { decode: Number, encode: String })
    assert.deepStrictEqual(faults(Code, "1.5"), ["expected an integer, received a number with a fraction"])
  })

  it("keeps the words of a filter that has its own, and never a value", () => {
    const Password = Schema.String.pipe(Schema.filter((text) => (text.length < 9 ? "a longer password" : undefined)))
    assert.deepStrictEqual(faults(Password, "hunter2"), [
      "expected a longer password, received a string of 7 characters"
    ])
  })
})

it.prop("an issue survives its own schema", [Issue.Issue], ([issue]) => {
  assert.deepStrictEqual(Schema.decodeUnknownSync(Issue.Issue)(Schema.encodeSync(Issue.Issue)(issue)), issue)
})

it("no value is quoted, also where the schema's own words do", () => {
  const said = (schema: Schema.Schema.AnyNoContext, input: unknown) =>
    Either.match(ParseResult.decodeUnknownEither(schema)(input), {
      onLeft: (issue) => Issue.fromParseIssue(issue).map(Issue.format),
      onRight: () => []
    })
  assert.deepStrictEqual(said(Schema.Struct({ id: Schema.NumberFromString }), { id: "sesame" }), [
    "id: expected a number, received a string of 6 characters"
  ])
  for (const schema of [Schema.DateFromString, Schema.URL, Schema.BigInt, Schema.UUID, Schema.parseJson(Schema.Int)]) {
    assert.notInclude(said(Schema.Struct({ a: schema }), { a: "sesame" }).join(), "sesame")
  }
})
