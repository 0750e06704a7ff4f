import { runInNewContext, runInThisContext } from "node:vm"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import {
  BigDecimal,
  type Brand,
  Cause,
  Chunk,
  Data,
  DateTime,
  Duration,
  Effect,
  Either,
  Exit,
  HashMap,
  HashSet,
  List,
  MutableRef,
  Option,
  Redacted,
  Order,
  Schema,
  SortedSet
} from "effect"
import { Issue, Json } from "../src/index.js"
import { faults, plain, refusals } from "./support.js"

const refused = (value: unknown) => refusals(Json.Json, value)

const nested = (levels: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = [value]
  return value
}

class Reading {
  readonly #unit = "°C"
  constructor(readonly celsius: number) {}
  describe(): string {
    return `${this.celsius} ${this.#unit}`
  }
}

class Money {
  constructor(readonly cents: bigint) {}
  toJSON(): string {
    return String(this.cents)
  }
}

describe("A JSON value", () => {
  it("is accepted and returned unchanged", () => {
    for (const value of [
      null,
      true,
      0,
      -1.5,
      "",
      "text",
      [],
      [1, [null]],
      {},
      { a: { b: [{}] } },
      Object.create(null)
    ]) {
      assert.deepStrictEqual(refused(value), [])
      assert.strictEqual(Schema.encodeUnknownSync(Json.Json)(value), value)
      assert.strictEqual(Schema.decodeUnknownSync(Json.Json)(value), value)
    }
  })

  it("may contain dates, objects with toJSON, class instances, and properties that are undefined", () => {
    assert.deepStrictEqual(refused({ at: new Date(0) }), [])
    assert.deepStrictEqual(refused(new Money(5n)), [])
    assert.deepStrictEqual(refused([new Reading(4.5)]), [])
    assert.deepStrictEqual(refused({ id: 1, note: undefined, address: { street: undefined } }), [])
    assert.deepStrictEqual(refused({ rows: [{ note: undefined }] }), [])
    assert.deepStrictEqual(refused(new URL("https://mammoth.io")), [])
  })

  it("is refused if it is a row whose properties are all undefined", () => {
    const row = { total: undefined, note: undefined }
    assert.match(refused(row).join(), /^total: expected a value, because every property of the row is undefined/)
    assert.match(refused([{ total: 1 }, row]).join(), /^\[1\]\.total: expected a value, because/)
    assert.match(refused({ toJSON: () => row }).join(), /^total: expected a value, because/)
    assert.match(
      refused(Object.assign(new Reading(1), { celsius: undefined })).join(),
      /^celsius: expected a value, because/
    )
    assert.deepStrictEqual(refused([{}]), [])
  })

  it("may contain the same object twice", () => {
    const shared = { a: 1 }
    assert.deepStrictEqual(refused([shared, shared, { shared }]), [])
  })

  it("may be nested 256 levels deep", () => {
    assert.deepStrictEqual(refused(nested(256)), [])
  })

  it.prop("is the same after encoding and decoding", [Json.Json], ([value]) => {
    assert.deepStrictEqual(Schema.decodeSync(Json.Json)(Schema.encodeSync(Json.Json)(value)), value)
    assert.deepStrictEqual(refused(JSON.parse(JSON.stringify(value))), [])
  })
})

describe("Json", () => {
  const anything = "expected a JSON value: null, true, false, a finite number, a string, a list or an object, received"
  const nothingSent =
    "expected a plain object or list, because this object has no properties that JSON writes, received"
  const iterable =
    "expected an array, because JSON does not write other iterables as lists (send Array.from(iterable)), received"

  it("refuses numbers that are not finite", () => {
    assert.deepStrictEqual(refused(Number.NaN), ["expected a finite number, received NaN"])
    assert.deepStrictEqual(refused({ a: [1, Infinity] }), [
      "a[1]: expected a finite number, received an infinite number"
    ])
    assert.deepStrictEqual(refused({ a: -Infinity }), ["a: expected a finite number, received an infinite number"])
  })

  it("refuses bigints, functions, symbols, undefined and holes", () => {
    assert.deepStrictEqual(refused({ id: 1n }), [`id: ${anything} a bigint`])
    assert.deepStrictEqual(refused({ run: () => 1 }), [`run: ${anything} a function`])
    assert.deepStrictEqual(refused({ key: Symbol("hunter2") }), [`key: ${anything} a symbol`])
    assert.deepStrictEqual(refused(undefined), [`${anything} nothing`])
    assert.deepStrictEqual(refused([1, undefined]), [`[1]: ${anything} nothing`])
    assert.deepStrictEqual(refused(Object.assign([], { length: 1 })), [`[0]: ${anything} nothing`])
  })

  it("refuses invalid dates", () => {
    assert.deepStrictEqual(refused({ at: new Date(Number.NaN) }), [
      "at: expected a valid date, received an object without keys"
    ])
  })

  it("refuses redacted values, because their mask would be stored", () => {
    assert.deepStrictEqual(refused({ token: Redacted.make("hunter2") }), [
      "token: expected a plain value, because JSON writes only the mask of a redacted value (unwrap it with Redacted.value), received a redacted value"
    ])
  })

  it("refuses maps, sets, typed arrays and other objects without own keys", () => {
    assert.deepStrictEqual(refused({ rows: new Map([["a", 1]]) }), [`rows: ${iterable} an object without keys`])
    assert.deepStrictEqual(refused(new Set([1])), [`${iterable} an object without keys`])
    assert.deepStrictEqual(refused(new Float64Array([1])), [`${iterable} an object`])
    assert.deepStrictEqual(refused({ match: /a/ }), [`match: ${nothingSent} an object without keys`])
    assert.deepStrictEqual(refused(new Error("hunter2")), [`${nothingSent} an object without keys`])
    assert.deepStrictEqual(refused({ cause: Object.assign(new Error("hunter2"), { code: "E1" }) }), [
      "cause: expected a value other than an Error, because JSON drops its message (send { message: error.message }), received an object"
    ])
  })

  it("refuses the data types of Effect, because their toJSON writes internal fields", () => {
    const values: Readonly<Record<string, unknown>> = {
      BigDecimal: BigDecimal.unsafeFromString("9.99"),
      Option: Option.some(1),
      Duration: Duration.millis(5),
      Chunk: Chunk.make(1),
      HashMap: HashMap.make(["a", 1]),
      HashSet: HashSet.make(1),
      List: List.make(1),
      SortedSet: SortedSet.make(Order.string)("a"),
      Either: Either.right(1),
      Exit: Exit.succeed(1),
      Cause: Cause.fail(1),
      Effect: Effect.sync(() => 1),
      MutableRef: MutableRef.make(1)
    }
    for (const [name, value] of Object.entries(values)) {
      assert.deepStrictEqual(refused({ total: value }), [
        `total: expected a JSON value, because JSON would write the internal fields of Effect's ${name} (encode the row with a schema, or convert the value to a string or a number), received an object`
      ])
    }
  })

  it("refuses an Option from another copy of Effect, even if that copy has the next major version", () => {
    class Other {
      toJSON() {
        return { _id: "Option", _tag: "None" }
      }
    }
    assert.deepStrictEqual(refused(new Other()), [])
    for (const id of [Symbol.for("effect/Option"), "~effect/data/Option", Symbol.for("@effect/platform/Body")]) {
      const other = Object.assign(new Other(), { [id]: {} })
      assert.match(
        refused({ note: other }).join(),
        /^note: expected a JSON value, because JSON would write the internal fields of Effect's Option/
      )
    }
  })

  it("accepts a class whose toJSON writes an `_id`, even if the class extends Schema.Class", () => {
    class Document {
      toJSON() {
        return { _id: "5f1a", name: "Ann" }
      }
    }
    class Customer extends Schema.Class<Customer>("Customer")({ key: Schema.String }) {
      toJSON() {
        return { _id: this.key }
      }
    }
    assert.deepStrictEqual(refused([new Document(), new Customer({ key: "5f1a" })]), [])
  })

  it("accepts a DateTime, a struct of Data, and an instance of a schema's class", () => {
    class Order extends Schema.Class<Order>("Order")({ id: Schema.Int }) {}
    const row = {
      utc: DateTime.unsafeMake(0),
      zoned: DateTime.unsafeMakeZoned(0, { timeZone: "Europe/Berlin" }),
      struct: Data.struct({ a: 1 }),
      order: new Order({ id: 1 })
    }
    assert.deepStrictEqual(refused(row), [])
    assert.deepStrictEqual(JSON.parse(JSON.stringify(row)), {
      utc: "1970-01-01T00:00:00.000Z",
      zoned: "1970-01-01T00:00:00.000Z",
      struct: { a: 1 },
      order: { id: 1 }
    })
  })

  it("treats values from another realm like values from this realm", () => {
    const foreign = (code: string): unknown => runInNewContext(`(${code})`)
    for (const code of ["{}", "[]", "{ a: [{}], at: new Date(0) }", "Object.create(null)"]) {
      assert.deepStrictEqual(refused(foreign(code)), [])
    }
    for (const code of [
      "new Date(NaN)",
      "new Map([[1, 2]])",
      "new Set()",
      "new Error('x')",
      "Object.assign(new Error('x'), { code: 1 })",
      "/a/",
      "[1n]",
      "new Uint8Array(1)",
      "Promise.resolve()"
    ]) {
      const own = runInThisContext(`(${code})`)
      assert.strictEqual(refused(own).length, 1)
      assert.deepStrictEqual(refused(foreign(code)), refused(own))
    }
  })

  it("refuses cycles, and values nested deeper than 256 levels", () => {
    const parent: Record<string, unknown> = { a: 1 }
    parent["child"] = { parent }
    assert.deepStrictEqual(refused(parent), [
      "child.parent: expected a value that does not contain itself, received an object"
    ])
    assert.deepStrictEqual(
      refused(nested(257)).map((line) => line.replace(/^(\[0\])+/, "")),
      [": expected at most 256 levels of nesting, received a list of 1"]
    )
    assert.strictEqual(refused(nested(100_000)).length, 1)
  })

  it("refuses an object whose toJSON returns a bigint, undefined or a date", () => {
    assert.deepStrictEqual(refused({ a: { toJSON: () => 1n } }), [`a: ${anything} a bigint`])
    assert.deepStrictEqual(refused({ a: { toJSON: () => undefined } }), [`a: ${anything} nothing`])
    const late = { toJSON: () => new Date(0) }
    assert.strictEqual(JSON.stringify(late), "{}")
    assert.deepStrictEqual(refused(late), [`${nothingSent} an object without keys`])
  })

  it("accepts an object whose toJSON returns a copy of the object", () => {
    const itself = {
      a: 1,
      toJSON(): unknown {
        return { ...this, toJSON: undefined }
      }
    }
    assert.deepStrictEqual(refused(itself), [])
  })

  it("reports only the first issue of a value", () => {
    assert.deepStrictEqual(refused([1n, 2n]).length, 1)
  })
})

describe("A key `__proto__`", () => {
  const row: unknown = JSON.parse('{"a":1,"nested":[{"__proto__":{"b":2}}]}')
  const refusal =
    "nested[0].__proto__: expected a column with another name, because JavaScript uses this name for prototypes (rename the column), received an object"
  const anyRow = Schema.Record({ key: Schema.String, value: Schema.Unknown })

  it("is kept by a schema that returns the whole object without copying its keys", () => {
    assert.strictEqual(Json.keepColumns(Schema.Unknown), Schema.Unknown)
    assert.deepStrictEqual(Json.makeEncoder(Schema.Unknown)(row), Either.right(JSON.stringify(row)))
    assert.deepStrictEqual(refused(row), [])
  })

  interface Tree {
    readonly nested: ReadonlyArray<Tree | { readonly [key: string]: unknown }>
  }
  const Tree: Schema.Schema<Tree> = Schema.Struct({
    nested: Schema.Array(
      Schema.Union(
        anyRow,
        Schema.suspend(() => Tree)
      )
    )
  })
  const preserving = Schema.Struct({}).annotations({ parseOptions: { onExcessProperty: "preserve" } })
  for (const [name, schema] of Object.entries<Schema.Schema.AnyNoContext>({
    "a record": anyRow,
    "a record within lists, unions and recursion": Tree,
    "a record within recursion alone": Schema.suspend(() => anyRow),
    "a record before a transformation": Schema.transform(anyRow, Schema.Unknown, {
      decode: (row) => row,
      encode: () => ({})
    }),
    "a record within a data type": Schema.OptionFromSelf(anyRow),
    "a property of that name": Schema.Struct({ ["__proto__"]: Schema.Unknown }),
    "a struct that keeps other keys": Schema.Struct({ nested: Schema.Array(preserving) })
  })) {
    it(`is refused by ${name}, in both directions`, () => {
      const checked = Json.keepColumns(schema)
      assert.deepStrictEqual(faults(checked, row), [refusal])
      assert.deepStrictEqual(refusals(checked, row), [refusal])
      assert.deepStrictEqual(refusals(Schema.Struct({ row: checked }), { row }), [`row.${refusal}`])
    })
  }

  it("is not reported for a value that contains itself but has no key `__proto__`", () => {
    const circle: Record<string, unknown> = { a: 1 }
    circle["self"] = circle
    assert.deepStrictEqual(faults(Json.keepColumns(anyRow), circle), [])
    assert.deepStrictEqual(Schema.decodeUnknownSync(Json.keepColumns(anyRow))({ a: 1 }), { a: 1 })
  })
})

describe("makeEncoder", () => {
  const encode = Json.makeEncoder(Schema.Struct({ at: Schema.Date, total: Schema.Number }))

  it("writes the encoded row as JSON", () => {
    assert.deepStrictEqual(
      encode({ at: new Date(0), total: 9.5 }),
      Either.right('{"at":"1970-01-01T00:00:00.000Z","total":9.5}')
    )
  })

  it("returns the issues of values that the schema refuses or JSON would change", () => {
    assert.deepStrictEqual(
      Either.mapLeft(encode({ at: new Date(0), total: Number.NaN }), ({ issues }) => issues.map(Issue.format)),
      Either.left(["total: expected a finite number, received NaN"])
    )
    assert.deepStrictEqual(
      Either.mapLeft(encode({ at: new Date(Number.NaN), total: 1 }), ({ issues }) => issues.map(({ path }) => path)),
      Either.left([["at"]])
    )
  })
})

declare const marked: unique symbol

describe("Compatible", () => {
  interface Order {
    readonly id: number
    readonly note?: string | undefined
    readonly lines: ReadonlyArray<{ readonly sku: string; readonly at: Date }>
  }
  const push = <A>(row: Json.Compatible<A>): unknown => row

  it("accepts Json itself, interfaces, dates, and objects that have a toJSON", () => {
    const order: Order = { id: 1, lines: [] }
    assert.strictEqual(push(order), order)
    push<Order>(order)
    push<Json.Json>({ a: 1 })
    push(new Money(5n))
    push([{ at: new Date(0), money: new Money(5n) }])
    push({ at: DateTime.unsafeMake(0) })
    expectTypeOf<Order>().toExtend<Json.Compatible<Order>>()
    expectTypeOf<Json.Json>().toExtend<Json.Compatible<Json.Json>>()
    // Check that the type Json does not accept an interface, but Compatible does.
    expectTypeOf<Order>().not.toExtend<Json.Json>()
  })

  it("refuses a property or item whose type JSON cannot represent", () => {
    // @ts-expect-error The type refuses a bigint.
    push({ id: 1n })
    // @ts-expect-error The type refuses a function.
    push({ id: 1, run: () => 1 })
    // @ts-expect-error The type refuses a symbol.
    push([Symbol.iterator])
    // @ts-expect-error The type refuses a redacted value.
    push({ token: Redacted.make("hunter2") })
    // @ts-expect-error The type refuses undefined.
    push(undefined)
    // @ts-expect-error The type refuses a class that has methods but no toJSON.
    push(new Reading(4.5))
    // @ts-expect-error The type refuses an Option, because its toJSON writes internal fields.
    push({ note: Option.some("text") })
    // @ts-expect-error The type refuses bytes, although a Buffer has a toJSON.
    push({ photo: Buffer.from("text") })
    // @ts-expect-error The type refuses a computed symbol key.
    push({ [Symbol("total")]: 1 })
    expectTypeOf<Json.Compatible<bigint>>().toEqualTypeOf<Json.NotJson<"a bigint: send String(bigint)">>()
    expectTypeOf<Json.Compatible<{ readonly id: bigint }>["id"]>().toEqualTypeOf<
      bigint & Json.NotJson<"a bigint: send String(bigint)">
    >()
  })

  it("accepts brands, recursive types, and rows in generic functions", () => {
    interface Node extends Brand.Brand<"Node"> {
      readonly at: Date
      readonly children: ReadonlyArray<Node>
    }
    const pushAll = <A>(rows: ReadonlyArray<Json.Compatible<A>>) => rows.map((row) => push(row))
    expectTypeOf<Node>().toExtend<Json.Compatible<Node>>()
    assert.deepStrictEqual(pushAll([{ at: new Date(0) }]), [{ at: new Date(0) }])
    expectTypeOf<{ readonly [marked]: true; readonly id: 1 }>().toExtend<
      Json.Compatible<{ readonly [marked]: true; readonly id: 1 }>
    >()
  })
})

describe("A flat record", () => {
  const refusedFlat = (value: unknown) => refusals(Json.Flat, value)
  const scalar =
    "expected a well-formed string, a finite number or a boolean, because a query string carries only these (send lists, objects and null with addData), received"

  it("is encoded as an object of strings", () => {
    assert.deepStrictEqual(Schema.encodeSync(Json.Flat)({ celsius: -4.5, raining: false, station: "", count: 0 }), {
      celsius: "-4.5",
      raining: "false",
      station: "",
      count: "0"
    })
  })

  it("is decoded as an object of strings, because a query string has no types", () => {
    assert.deepStrictEqual(Schema.decodeSync(Json.Flat)({ celsius: "4.5" }), { celsius: "4.5" })
  })

  it("is refused if it is empty", () => {
    assert.deepStrictEqual(refusedFlat({}), [
      "expected at least one key, because an empty query writes no row, received an object without keys"
    ])
    assert.strictEqual(faults(Json.Flat, {}).length, 1)
  })

  it("is refused if a key is empty", () => {
    assert.deepStrictEqual(refusedFlat({ "": 1 }), [
      "expected keys of at least one character, because each key names a column, received an object"
    ])
  })

  it("is refused if it has the key `__proto__`, because the column would be lost", () => {
    assert.deepStrictEqual(refusedFlat(JSON.parse('{"a":1,"__proto__":2}')), [
      "__proto__: expected a column with another name, because JavaScript uses this name for prototypes (rename the column), received a positive integer"
    ])
    const query: unknown = JSON.parse('{"a":"1","__proto__":"2"}')
    assert.match(faults(Json.Flat, query).join(), /^__proto__: expected a column with another name/)
    assert.throws(() => Schema.encodeUnknownSync(Json.Flat)(query))
  })

  it("is encoded from the result of toJSON if the object has a toJSON", () => {
    const user = { id: 1, passwordHash: "hunter2", toJSON: () => ({ id: 1 }) }
    assert.deepStrictEqual(Schema.encodeUnknownSync(Json.Flat)(user), { id: "1" })
    assert.match(
      refusedFlat(Option.none()).join(),
      /^expected a JSON value, because JSON would write the internal fields of Effect's Option/
    )
    const broken = { toJSON: () => assert.fail("hunter2") }
    assert.deepStrictEqual(refusedFlat(broken), [
      "expected a value whose properties and toJSON can be read without an error, received an object"
    ])
  })

  it("is refused if a value is a list, an object, null, undefined or not finite", () => {
    assert.deepStrictEqual(refusedFlat({ a: [1] }), [`a: ${scalar} a list of 1`])
    assert.deepStrictEqual(refusedFlat({ a: 1, b: { c: 1 } }), [`b: ${scalar} an object`])
    assert.deepStrictEqual(refusedFlat({ a: null }), [`a: ${scalar} null`])
    assert.deepStrictEqual(refusedFlat({ a: undefined }), [`a: ${scalar} nothing`])
    assert.deepStrictEqual(refusedFlat({ a: Number.NaN }), [`a: ${scalar} NaN`])
    assert.deepStrictEqual(refusedFlat({ a: 1n }), [`a: ${scalar} a bigint`])
  })

  it("is refused if it is not a record", () => {
    assert.strictEqual(refusedFlat([1]).length, 1)
    assert.strictEqual(refusedFlat("a=1").length, 1)
    assert.strictEqual(refusedFlat(null).length, 1)
  })

  it("has a type that accepts objects of scalars, and refuses null and lists", () => {
    expectTypeOf<{ readonly a: string; readonly b: number; readonly c: boolean }>().toExtend<Json.Flat>()
    expectTypeOf<{ readonly a: null }>().not.toExtend<Json.Flat>()
    expectTypeOf<{ readonly a: ReadonlyArray<number> }>().not.toExtend<Json.Flat>()
  })

  it.prop("is encoded by converting each value to a string", [Json.Flat], ([data]) => {
    const wire = Schema.encodeSync(Json.Flat)(data)
    assert.deepStrictEqual(
      plain(wire),
      Object.fromEntries(Object.entries(data).map(([key, each]) => [key, String(each)]))
    )
  })
})
