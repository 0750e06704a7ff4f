import { assert, describe, it } from "@effect/vitest"
import { Json } from "@mammoth-effect/core"
import { Arbitrary, Either, FastCheck as fc, ParseResult, Schema } from "effect"
import { makeEncoder } from "../src/internal/codec/encodeRows.js"
import { makeWriter } from "../src/internal/codec/writer.js"
import { inputOf, schemas } from "./support/Schemas.js"

const checkJson = ParseResult.encodeUnknownEither(Json.Json)

/** Encodes, checks and writes a row in three separate steps. */
const slowly = (schema: Schema.Schema.AnyNoContext, row: unknown) =>
  Either.map(Either.flatMap(ParseResult.encodeUnknownEither(schema)(row), checkJson), (json) => JSON.stringify(json))

const plain = {
  "a struct of scalars": Schema.Struct({
    id: Schema.Int,
    name: Schema.String,
    value: Schema.Finite,
    on: Schema.Boolean
  }),
  "optional and nullable properties": Schema.Struct({
    a: Schema.optionalWith(Schema.String, { exact: true }),
    b: Schema.NullOr(Schema.Number.pipe(Schema.finite(), Schema.between(-5, 5))),
    c: Schema.Literal("x", 1, true, null)
  }),
  "nested structs and lists": Schema.Struct({
    lines: Schema.Array(Schema.Struct({ sku: Schema.NonEmptyString, count: Schema.NonNegativeInt })),
    address: Schema.Struct({ 'a "quoted" name': Schema.String })
  })
}

const others = {
  "dates and renamed keys": Schema.Struct({
    at: Schema.Date,
    id: Schema.propertySignature(Schema.Int).pipe(Schema.fromKey("order_id"))
  }),
  "a filter over the whole row": Schema.Struct({ a: Schema.Int, b: Schema.Int }).pipe(
    Schema.filter(({ a, b }) => a <= b)
  ),
  "unions of structs": Schema.Union(
    Schema.Struct({ kind: Schema.Literal("a"), a: Schema.String }),
    Schema.Struct({ kind: Schema.Literal("b"), b: Schema.Finite })
  ),
  "records and tuples": Schema.Struct({
    tags: Schema.Record({ key: Schema.String, value: Schema.Finite }),
    pair: Schema.Tuple(Schema.Int, Schema.String)
  }),
  "schemas that accept no further keys": Schema.Struct({ a: Schema.Int }).annotations({
    parseOptions: { onExcessProperty: "error" }
  }),
  "a class": class Order extends Schema.Class<Order>("Order")({ id: Schema.Int, total: Schema.Finite }) {}
}

const odd: ReadonlyArray<unknown> = [
  undefined,
  null,
  1,
  "text",
  [],
  {},
  { a: 1, extra: true },
  { a: undefined, b: null, c: "x" },
  { a: '\u2028\ud800 \u0007 "\\', b: 3, c: null },
  { id: 1.5, name: "x", value: 1, on: true },
  { id: 1, name: "x", value: Number.NaN, on: true },
  { id: -0, name: "emoji 😀 ü", value: -0, on: false, extra: { any: 1n } },
  { id: 1, name: "x", value: 1e21, on: true, toJSON: () => ({ lost: true }) },
  Object.create({ id: 1, name: "inherited", value: 1, on: true }),
  {
    lines: [
      { sku: "a", count: 1 },
      { sku: "", count: 1 }
    ],
    address: { 'a "quoted" name': "x" }
  },
  { lines: Array(2), address: { 'a "quoted" name': "x" } },
  { kind: "a", a: "x", b: 1 },
  { kind: "b", a: "x", b: 1 }
]

describe("A row", () => {
  it("is refused with an error that names its first field if all its properties are undefined", () => {
    const optional = { total: Schema.optional(Schema.Number), note: Schema.optional(Schema.String) }
    const { row } = makeEncoder(Schema.Struct(optional))
    assert.nestedInclude(row({ note: undefined }), { "issues[0].path[0]": "note" })
    assert.strictEqual(row({ total: 1, note: undefined }), '{"total":1}')
    assert.strictEqual(row({}), "{}")
  })

  for (const [name, schema] of Object.entries<Schema.Schema.AnyNoContext>({ ...plain, ...others })) {
    it(`is written as the schema encodes it: ${name}`, () => {
      const encode = makeEncoder(schema)
      fc.assert(
        fc.property(fc.oneof(Arbitrary.make(schema), fc.constantFrom(...odd), fc.anything()), (row) => {
          const expected = slowly(schema, row)
          const written = encode.row(row)
          assert.strictEqual(typeof written === "string", Either.isRight(expected))
          if (typeof written !== "string" || Either.isLeft(expected)) return
          assert.deepStrictEqual(JSON.parse(written), JSON.parse(expected.right))
          assert.strictEqual(encode.byteLength(written), new TextEncoder().encode(written).length)
        }),
        { seed: 7, numRuns: 300 }
      )
    })
  }

  it("is written as the schema encodes it, for random schemas", () => {
    let writes = 0
    const cases = schemas.chain((schema) => inputOf(schema).map((row) => ({ schema, row })))
    fc.assert(
      fc.property(cases, ({ row, schema }) => {
        const expected = slowly(schema, row)
        const { write } = makeWriter(schema.ast)
        const written = write(row)
        if (written === undefined) return
        writes += 1
        assert.strictEqual(written, Either.getOrThrow(expected))
      }),
      { seed: 7, numRuns: 500 }
    )
    assert.isAbove(writes, 150)
  })

  for (const [name, schema] of Object.entries<Schema.Schema.AnyNoContext>(plain)) {
    it(`is written by the compiled function if its schema has only plain types: ${name}`, () => {
      const { write } = makeWriter(schema.ast)
      fc.assert(
        fc.property(Arbitrary.make(schema), (row) => assert.isDefined(write(row))),
        { seed: 7, numRuns: 100 }
      )
    })
  }
})
