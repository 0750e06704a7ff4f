/** Makes random schemas, and values that match or nearly match a schema. */
import { Arbitrary, FastCheck as fc, Schema } from "effect"

type Any = Schema.Schema.AnyNoContext

const scalars: ReadonlyArray<Any> = [
  Schema.String,
  Schema.Number,
  Schema.Boolean,
  Schema.Null,
  Schema.Int,
  Schema.Finite,
  Schema.NonEmptyString,
  Schema.String.pipe(Schema.maxLength(3)),
  Schema.Literal("a", 1, true, null),
  Schema.NullOr(Schema.Int.pipe(Schema.between(-5, 5))),
  Schema.Int.pipe(Schema.brand("Id"))
]

const transformed: ReadonlyArray<Any> = [
  Schema.NumberFromString,
  Schema.Trim,
  Schema.Date,
  Schema.BooleanFromString,
  Schema.parseJson(Schema.Struct({ a: Schema.Int })),
  Schema.Redacted(Schema.String),
  Schema.OptionFromNullOr(Schema.Int)
]

const names = fc.constantFrom("id", "name", "order_id", "a b", "ü", "0")

/** Makes a property of a struct: required, optional, nullable, or with a default. */
const property = (schema: fc.Arbitrary<Any>) =>
  fc.oneof(
    schema,
    schema.map((type) => Schema.optional(type)),
    schema.map((type) => Schema.optionalWith(type, { exact: true })),
    schema.map((type) => Schema.optionalWith(type, { nullable: true })),
    fc.constant(Schema.optionalWith(Schema.Int, { default: () => 7 }))
  )

const schemasOf = (leaf: fc.Arbitrary<Any>): fc.Arbitrary<Any> =>
  fc.letrec<{ schema: Any }>((tie) => ({
    schema: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      tie("schema").map((item) => Schema.Array(item)),
      tie("schema").map((item) => Schema.NullOr(item)),
      fc.tuple(tie("schema"), tie("schema")).map(([a, b]) => Schema.Union(a, b)),
      fc.tuple(tie("schema"), tie("schema")).map(([a, b]) => Schema.Tuple(a, b)),
      tie("schema").map((value) => Schema.Record({ key: Schema.String, value })),
      fc
        .uniqueArray(fc.tuple(names, property(tie("schema"))), { maxLength: 4, selector: ([name]) => name })
        .map((properties): Any => Schema.Struct(Object.fromEntries(properties))),
      tie("schema").map((type) => Schema.Struct({ id: Schema.propertySignature(type).pipe(Schema.fromKey("wire_id")) }))
    )
  })).schema

/** Makes schemas of any kind. */
export const schemas = schemasOf(fc.constantFrom(...scalars, ...transformed))

/** Changes, removes or adds a part of a value. */
const change = (value: unknown, other: unknown, at: number): unknown => {
  if (Array.isArray(value) && value.length > 0) {
    const index = at % value.length
    return value.map((item, i) => (i === index ? change(item, other, at >> 3) : item))
  }
  if (typeof value !== "object" || value === null) return other
  const keys = [...Object.keys(value), "extra"]
  const key = keys[at % keys.length] ?? "extra"
  const { [key]: old, ...rest } = value as Record<string, unknown>
  return at % 7 === 0 ? rest : { ...rest, [key]: change(old, other, at >> 3) }
}

/** Makes the given values, slightly changed values, and other values. */
export const about = (values: fc.Arbitrary<unknown>, others: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    values,
    fc.tuple(values, others, fc.nat()).map(([value, other, at]) => change(value, other, at)),
    others
  )

/** Makes JSON values that the schema can decode, slightly changed values, and other JSON values. */
export const jsonOf = (schema: Schema.Schema.AnyNoContext): fc.Arbitrary<unknown> => {
  const encode = Schema.encodeUnknownSync(schema)
  const encoded = Arbitrary.make(schema).map((value): unknown => JSON.parse(JSON.stringify(encode(value)) ?? "null"))
  return about(encoded, fc.jsonValue())
}

/** Makes values that the schema can encode, slightly changed values, and other values. */
export const inputOf = (schema: Schema.Schema.AnyNoContext): fc.Arbitrary<unknown> =>
  about(
    Arbitrary.make(schema).map((value): unknown => value),
    fc.oneof(fc.jsonValue(), fc.constant(undefined))
  )
