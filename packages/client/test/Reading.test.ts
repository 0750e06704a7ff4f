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
  "properties with defaults, new names and other types": Schema.Struct({
    count: Schema.optionalWith(Schema.NumberFromString, { default: () => 7 }),
    orderId: Schema.propertySignature(Schema.Int).pipe(Schema.fromKey("order_id")),
    note: Schema.optionalWith(Schema.Trim, { nullable: true }),
    at: Schema.Date
  }),
  "a filter over the whole struct": Schema.Struct({ a: Schema.Int, b: Schema.Int }).pipe(
    Schema.filter(({ a, b }) => a <= b)
  ),
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
  "a schema that accepts no further keys": Schema.Struct({ a: Schema.Int }).annotations({
    parseOptions: { onExcessProperty: "error" }
  }),
  "names that every object has": Schema.Struct({ toString: Schema.optional(Schema.String), a: Schema.Int }),
  "a recursive schema": Schema.Struct({
    value: Schema.Number,
    next: Schema.NullOr(Schema.suspend((): Schema.Schema<Tree> => schemas["a recursive schema"]))
  }),
  "a fallback for a refused value": Schema.Struct({
    a: Schema.Union(Schema.Int.annotations({ decodingFallback: () => Either.right(1) }), Schema.String)
  })
} satisfies Record<string, Schema.Schema.AnyNoContext>

/** Returns true if two values are equal. Redacted values are equal if their hidden values are equal. */
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

describe("The reader of responses", () => {
  for (const [name, schema] of Object.entries<Schema.Schema.AnyNoContext>(schemas)) {
    it(`decodes JSON as the schema does: ${name}`, () => {
      const read = makeReader(schema.ast, "decode")
      const decode = ParseResult.decodeUnknownEither(schema)
      fc.assert(
        fc.property(jsonOf(schema), (json) => {
          const before = JSON.stringify(json)
          const expected = decode(json)
          const value = read(json)
          if (value !== unread) assert.isTrue(Either.isRight(expected) && isSame(value, expected.right))
          // If the reader gives up on a value, expect the schema to refuse the value, too. The exception is the schema
          // that has a fallback.
          else assert.isTrue(Either.isLeft(expected) || name === "a fallback for a refused value")
          assert.strictEqual(JSON.stringify(json), before)
        }),
        { seed: 7, numRuns: 500 }
      )
    })
  }

  it("decodes JSON as the schema does, for random schemas", () => {
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

  it("decodes the response of each operation as the operation's schema does", () => {
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

describe("The reader of a caller's input", () => {
  for (const [name, schema] of Object.entries(inputs)) {
    it(`encodes input as the schema does, with the properties in the same order: ${name}`, () => {
      const read = makeReader(schema.ast, "encode")
      const encode = ParseResult.encodeUnknownEither(schema, { onExcessProperty: "error", errors: "all" })
      fc.assert(
        fc.property(inputOf(schema), (input) => {
          const expected = encode(input)
          const value = read(input)
          // If the reader gives up, expect the schema to fail too. Only the schema with a fallback may succeed.
          if (value === unread) assert.isTrue(Either.isLeft(expected) || name === "a fallback for a refused value")
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

describe("The reader of a caller's input for a random schema", () => {
  it("encodes input as the schema does, and returns `unread` only if the schema fails", () => {
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

describe("Unusual input", () => {
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
    ["undefined for a property that can only be left out", exact, { at: undefined }],
    ["undefined for a key that an encoder lists", told, { at: undefined }],
    ["an unknown symbol", optional, { at: 1, [Symbol("more")]: 1 }],
    ["an optional getter of a class, and an unknown key", optional, new Inherited()],
    ["a required getter of a class, and an unknown key", Schema.Struct({ at: Schema.Number }), new Inherited()],
    ["a key that is not enumerable, and an unknown key", optional, hidden]
  ]
  for (const [what, schema, input] of cases) {
    it(`is accepted only if its schema accepts the input: ${what}`, () => {
      const expected = ParseResult.encodeUnknownEither(schema, { onExcessProperty: "error", errors: "all" })(input)
      const value = makeReader(schema.ast, "encode")(input)
      // Expect the reader to return the schema's result, or to give up. If the schema fails, the reader must give up.
      assert.deepStrictEqual(value, Either.isRight(expected) && value !== unread ? expected.right : unread)
    })
  }
})
