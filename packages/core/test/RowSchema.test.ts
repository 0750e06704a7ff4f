import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Schema } from "effect"
import { Json, RowSchema } from "../src/index.js"

const fault = (schema: RowSchema.RowSchema<unknown>) => {
  const issue = RowSchema.findFault(schema)
  return issue && [issue.path.join("."), issue.received]
}

const celsius = Schema.Struct({ celsius: Schema.Number })

describe("findFault", () => {
  it("returns the type and the place of a part that JSON never represents", () => {
    const map = Schema.MapFromSelf({ key: Schema.String, value: Schema.Number })
    assert.deepStrictEqual(fault(Schema.Struct({ by: map })), ["schema.by", "a Map"])
    assert.isUndefined(fault(Schema.Tuple(celsius, Schema.optionalElement(Schema.BigIntFromSelf))))
    assert.deepStrictEqual(fault(Schema.Tuple(celsius, Schema.BigIntFromSelf)), ["schema.1", "a bigint"])
    assert.deepStrictEqual(fault(Schema.Struct({ at: Schema.Struct({ id: Schema.BigIntFromSelf }) })), [
      "schema.at.id",
      "a bigint"
    ])
    const never: ReadonlyArray<readonly [schema: Schema.Schema.AnyNoContext, received: string]> = [
      [Schema.SymbolFromSelf, "a symbol"],
      [Schema.Undefined, "undefined"],
      [Schema.Void, "undefined"],
      [Schema.Literal(1n), "a bigint"],
      [Schema.SetFromSelf(Schema.Date), "a Set"],
      [Schema.Uint8ArrayFromSelf, "bytes"],
      [Schema.RedactedFromSelf(Schema.String), "a Redacted"],
      [Schema.OptionFromSelf(Schema.DateFromString), "an Option"],
      [Schema.EitherFromSelf({ left: Schema.String, right: Schema.String }), "an Either"],
      [Schema.ChunkFromSelf(Schema.String), "a Chunk"],
      [Schema.NonEmptyChunkFromSelf(Schema.String), "a Chunk"],
      [Schema.HashMapFromSelf({ key: Schema.String, value: Schema.String }), "a HashMap"],
      [Schema.HashSetFromSelf(Schema.String), "a HashSet"],
      [Schema.ListFromSelf(Schema.String), "a List"],
      [Schema.BigDecimalFromSelf, "a BigDecimal"],
      [Schema.DurationFromSelf, "a Duration"],
      [Schema.Union(Schema.BigIntFromSelf, Schema.OptionFromSelf(Schema.String)), "a bigint"],
      [Schema.PositiveBigIntFromSelf, "a bigint"]
    ]
    for (const [schema, received] of never) {
      assert.deepStrictEqual(fault(Schema.Tuple(Schema.Number, schema)), ["schema.1", received])
    }
  })

  it("accepts schemas if JSON can represent all rows or some rows", () => {
    interface Node {
      readonly children: ReadonlyArray<Node>
    }
    const Node = Schema.Struct({ children: Schema.Array(Schema.suspend((): Schema.Schema<Node> => Node)) })
    for (const schema of [
      celsius,
      // This schema is accepted, because JSON leaves out a property that is undefined.
      Schema.Struct({ id: Schema.Int, big: Schema.UndefinedOr(Schema.BigIntFromSelf) }),
      Node,
      Json.Json,
      Schema.Unknown,
      Schema.Any,
      Schema.DateFromSelf,
      Schema.URLFromSelf,
      Schema.DateTimeUtcFromSelf,
      Schema.Map({ key: Schema.String, value: Schema.BigInt }),
      Schema.Struct({ note: Schema.Option(Schema.String), token: Schema.Redacted(Schema.String) }),
      Schema.Struct({ note: Schema.Undefined, total: Schema.Union(Schema.Number, Schema.BigIntFromSelf) }),
      Schema.Struct({ tags: Schema.optional(Schema.SetFromSelf(Schema.String)) }),
      Schema.Array(Schema.BigIntFromSelf),
      Schema.Record({ key: Schema.String, value: Schema.BigIntFromSelf })
    ]) {
      assert.isUndefined(fault(schema), String(schema.ast))
    }
  })

  const waiting = (encode: (n: number) => Effect.Effect<string>) =>
    Schema.transformOrFail(Schema.String, Schema.Number, { decode: (s) => Effect.succeed(Number(s)), encode })

  it.live("finds a transformation that waits, and interrupts it", () =>
    Effect.gen(function* () {
      let interrupted = 0
      const load = async (n: number) => String(n)
      const received = "a transformation that waits, for example for a promise"
      for (const encode of [
        (n: number) => Effect.promise(() => load(n)),
        (n: number) => Effect.promise(() => load(n)).pipe(Effect.map((text) => text.trim())),
        () =>
          Effect.gen(function* () {
            yield* Effect.sync(() => "first")
            return yield* Effect.async<string>(() => Effect.sync(() => void interrupted++))
          })
      ]) {
        const schema = waiting(encode)
        assert.deepStrictEqual(fault(Schema.Struct({ a: schema })), ["schema.a", received])
        assert.deepStrictEqual(fault(Schema.Array(schema)), ["schema", received])
        assert.deepStrictEqual(fault(Schema.NullOr(Schema.Struct({ a: schema }))), ["schema.a", received])
        assert.deepStrictEqual(fault(Schema.compose(schema, Schema.Int)), ["schema", received])
      }
      yield* Effect.sleep("10 millis")
      assert.strictEqual(interrupted, 4)
    })
  )

  it("does not call the encoder of a Schema.transform, because this encoder cannot wait", () => {
    let calls = 0
    const encode = (n: number) => `${n}${(calls += 1)}`
    assert.isUndefined(fault(Schema.transform(Schema.String, Schema.Number, { decode: Number, encode })))
    assert.strictEqual(calls, 0)
    const throwing = Schema.transformOrFail(Schema.String, Schema.Number, {
      decode: (text) => Effect.succeed(Number(text)),
      encode: (): Effect.Effect<string> => {
        throw new Error("cannot encode")
      }
    })
    assert.isUndefined(fault(throwing))
  })

  it("accepts a transformation that does not wait, or that throws on the made-up value", () => {
    assert.isUndefined(fault(waiting((n) => Effect.sync(() => String(n)))))
    assert.isUndefined(
      fault(
        Schema.transform(Schema.String, Schema.OptionFromSelf(Schema.Number), {
          decode: (text) => Option.some(Number(text)),
          encode: Option.match({ onNone: () => "", onSome: String })
        })
      )
    )
  })
})
