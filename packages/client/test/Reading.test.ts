import { assert, describe, it } from "@effect/vitest"
import { type Operation, Operations, Webhook, WebhookPage } from "@mammoth-effect/core"
import { Arbitrary, Either, Equal, FastCheck as fc, ParseResult, Schema } from "effect"
import { makeReader, unread } from "../src/internal/codec/reader.js"
import { inputOf, jsonOf, schemas as randomSchemas } from "./support/Schemas.js"

interface Tree {
  readonly value: number
  readonly next: Tree | null
}

const schemas = {
  "a page": WebhookPage.WebhookPage,
  "a page of two fields": WebhookPage.projection(["datasetId", "secret"]),
  "a webhook": Webhook.Webhook,
  "a webhook's details": Webhook.details(["uri", "name"]),
  scalars: Schema.Struct({
    id: Schema.Int,
    kind: Schema.Literal("a", 1, null),
    on: Schema.NullOr(Schema.Boolean),
    at: Schema.optional(Schema.NonEmptyString)
  }),
  "properties with defaults, other names, and of other types": Schema.Struct({
    count: Schema.optionalWith(Schema.NumberFromString, { default: () => 7 }),
    orderId: Schema.propertySignature(Schema.Int).pipe(Schema.fromKey("order_id")),
    note: Schema.optionalWith(Schema.Trim, { nullable: true }),
    at: Schema.Date
  }),
  "a filter over the whole": Schema.Struct({ a: Schema.Int, b: Schema.Int }).pipe(Schema.filter(({ a, b }) => a <= b)),
  "lists of lists": Schema.Array(Schema.NonEmptyArray(Schema.parseJson(Schema.Struct({ a: Schema.Int })))),
  "a class": class Order extends Schema.Class<Order>("Order")({ id: Schema.Int, total: Schema.Finite }) {},
  "unions of structs": Schema.Union(
    Schema.Struct({ kind: Schema.Literal("a"), a: Schema.String }),
    Schema.Struct({ kind: Schema.Literal("b"), b: Schema.Finite }),
    Schema.Struct({ kind: Schema.String })
  ),
  "records and tuples": Schema.Struct({
    tags: Schema.Record({ key: Schema.String, value: Schema.Finite }),
    pair: Schema.Tuple(Schema.Int, Schema.String)
  }),
  "what takes no further keys": Schema.Struct({ a: Schema.Int }).annotations({
    parseOptions: { onExcessProperty: "error" }
  }),
  "names that every object has": Schema.Struct({ toString: Schema.optional(Schema.String), a: Schema.Int }),
  "what refers to itself": Schema.Struct({
    value: Schema.Number,
    next: Schema.NullOr(Schema.suspend((): Schema.Schema<Tree> => schemas["what refers to itself"]))
  }),
  "a fallback for what is missing": Schema.Struct({
    a: Schema.Union(Schema.Int.annotations({ decodingFallback: () => Either.right(1) }), Schema.String)
  })
} satisfies Record<string, Schema.Schema.AnyNoContext>

/** Redacted values are equal by what they hide. */
const isSame = (a: unknown, b: unknown): boolean =>
  Object.is(a, b)
  || Equal.equals(a, b)
  || (typeof a === "object"
    && typeof b === "object"
    && a !== null
    && b !== null
    && Object.getPrototypeOf(a) === Object.getPrototypeOf(b)
    && Object.keys(a).length > 0 === Object.keys(b).length > 0
    && (a instanceof Date
      ? b instanceof Date && a.getTime() === b.getTime()
      : Object.keys({ ...a, ...b }).every((key) => isSame(Reflect.get(a, key), Reflect.get(b, key)))))

describe("An answer", () => {
  for (const [name, schema] of Object.entries<Schema.Schema.AnyNoContext>(schemas)) {
    it(`is read as its schema decodes it: ${name}`, () => {
      const read = makeReader(schema.ast, "decode")
      const decode = ParseResult.decodeUnknownEither(schema)
      fc.assert(
        fc.property(jsonOf(schema), (json) => {
          const before = JSON.stringify(json)
          const expected = decode(json)
          const value = read(json)
          if (value !== unread) assert.isTrue(Either.isRight(expected) && isSame(value, expected.right))
          // where it is not read, the schema decides
          else assert.isTrue(Either.isLeft(expected) || name === "a fallback for what is missing")
          assert.strictEqual(JSON.stringify(json), before)
        }),
        { seed: 7, numRuns: 500 }
      )
    })
  }

  it("is read as its schema decodes it, whatever the schema", () => {
    let reads = 0
    const cases = randomSchemas.chain((schema) => jsonOf(schema).map((json) => ({ schema, json })))
    fc.assert(
      fc.property(cases, ({ json, schema }) => {
        const expected = ParseResult.decodeUnknownEither(schema)(json)
        const value = makeReader(schema.ast, "decode")(json)
        if (value === unread) return assert.isTrue(Either.isLeft(expected), `gave up on ${JSON.stringify(json)}`)
        reads += 1
        assert.isTrue(Either.isRight(expected) && isSame(value, expected.right))
      }),
      { seed: 7, numRuns: 500 }
    )
    assert.isAbove(reads, 150)
  })

  it("of each operation is read as it was decoded before", () => {
    for (const operation of [Operations.list, Operations.create, Operations.getDetails, Operations.update]) {
      const schema: Schema.Schema.AnyNoContext = operation.success
      const read = makeReader(schema.ast, "decode")
      fc.assert(
        fc.property(Arbitrary.make(schema), (value) => {
          const json: unknown = JSON.parse(JSON.stringify(Schema.encodeUnknownSync(schema)(value)))
          assert.isTrue(isSame(read(json), Schema.decodeUnknownSync(schema)(json)))
        }),
        { seed: 7, numRuns: 100 }
      )
    }
  })
})

const { addData, addDataUsingGet, create, delete: remove, getDetails, list, update } = Operations
const operations = { addData, addDataUsingGet, create, remove, getDetails, list, update }

const inputs: Record<string, Schema.Schema.AnyNoContext> = { ...schemas }
for (const [name, { body, path, query }] of Object.entries<Operation.Operation>(operations)) {
  inputs[`the path of ${name}`] = path
  inputs[`the query of ${name}`] = query
  if (body !== undefined) inputs[`the body of ${name}`] = body
}

describe("What a caller gives", () => {
  for (const [name, schema] of Object.entries(inputs)) {
    it(`is written as its schema encodes it, in the same order, and refused where it has more: ${name}`, () => {
      const read = makeReader(schema.ast, "encode")
      const encode = ParseResult.encodeUnknownEither(schema, { onExcessProperty: "error", errors: "all" })
      fc.assert(
        fc.property(inputOf(schema), (input) => {
          const expected = encode(input)
          const value = read(input)
          // where it is not read, the schema decides
          if (value === unread) assert.isTrue(Either.isLeft(expected) || name === "a fallback for what is missing")
          else {
            assert.isTrue(Either.isRight(expected))
            assert.strictEqual(JSON.stringify(value), JSON.stringify(Either.getOrThrow(expected)))
          }
        }),
        { seed: 7, numRuns: 300 }
      )
    })
  }
})

describe("What a caller gives, whatever the schema", () => {
  it("is written as its schema encodes it, or refused", () => {
    let written = 0
    const cases = randomSchemas.chain((schema) => inputOf(schema).map((input) => ({ schema, input })))
    fc.assert(
      fc.property(cases, ({ input, schema }) => {
        const expected = ParseResult.encodeUnknownEither(schema, { onExcessProperty: "error" })(input)
        const value = makeReader(schema.ast, "encode")(input)
        if (value === unread) return assert.isTrue(Either.isLeft(expected))
        written += 1
        assert.strictEqual(JSON.stringify(value), JSON.stringify(Either.getOrThrow(expected)))
      }),
      { seed: 7, numRuns: 500 }
    )
    assert.isAbove(written, 150)
  })
})

describe("What only a caller can give, and no answer has", () => {
  class Inherited {
    readonly extra = 1
    get at() {
      return 5
    }
  }
  const hidden = Object.defineProperty({ extra: 1 }, "at", { value: 5 })
  const optional = Schema.Struct({ at: Schema.optional(Schema.Number) })
  const exact = Schema.Struct({ at: Schema.optionalWith(Schema.Number, { exact: true }) })
  const told = Schema.transform(Schema.String, Schema.typeSchema(optional), {
    decode: () => ({}),
    encode: (value) => Object.keys(value).join()
  })
  const cases: ReadonlyArray<readonly [what: string, schema: Schema.Schema.AnyNoContext, input: unknown]> = [
    ["undefined", optional, { at: undefined }],
    ["undefined where only absence is taken", exact, { at: undefined }],
    ["undefined, which an encoder looks for", told, { at: undefined }],
    ["a symbol beside what is asked for", optional, { at: 1, [Symbol("more")]: 1 }],
    ["a getter of a class, and a key that nobody asked for", optional, new Inherited()],
    ["the same for what has to be there", Schema.Struct({ at: Schema.Number }), new Inherited()],
    ["a key that does not show, and one that nobody asked for", optional, hidden]
  ]
  for (const [what, schema, input] of cases) {
    it(`is taken only as its schema takes it: ${what}`, () => {
      const expected = ParseResult.encodeUnknownEither(schema, { onExcessProperty: "error", errors: "all" })(input)
      const value = makeReader(schema.ast, "encode")(input)
      // where it is not read, the schema decides
      assert.deepStrictEqual(value, Either.isRight(expected) && value !== unread ? expected.right : unread)
    })
  }
})
