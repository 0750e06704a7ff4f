import { assert, describe, it } from "@effect/vitest"
import { Duration, Either, FastCheck, Option } from "effect"
import { Issue, Time } from "../src/index.js"

const told = (given: unknown, options?: { readonly orZero: boolean }) =>
  Either.match(Time.read(["timeout"], given, options), { onLeft: Issue.format, onRight: Duration.toMillis })

describe("A length of time", () => {
  it("is a duration, milliseconds or text", () => {
    assert.strictEqual(told(Duration.seconds(3)), 3000)
    assert.strictEqual(told(250), 250)
    assert.strictEqual(told(0.5), 0.5)
    assert.strictEqual(told("1 minute"), 60_000)
    assert.strictEqual(told(" 1 minute\n"), 60_000)
    assert.strictEqual(told(5_000_000n), 5)
    assert.strictEqual(told(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY)
    assert.strictEqual(told(Duration.infinity), Number.POSITIVE_INFINITY)
    assert.strictEqual(told("Infinity"), Number.POSITIVE_INFINITY)
  })

  it("is refused by name, with one that is valid, where it is none or not above zero", () => {
    const expected = `timeout: expected a time above zero, such as "10 seconds" or 10_000 (milliseconds)`
    assert.strictEqual(told(Number.NaN), `${expected}, received NaN`)
    assert.strictEqual(told(0), `${expected}, received zero`)
    assert.strictEqual(told(-5), `${expected}, received a negative integer`)
    assert.strictEqual(told(-0.5), `${expected}, received a number with a fraction`)
    assert.strictEqual(told(Number.NEGATIVE_INFINITY), `${expected}, received an infinite number`)
    assert.strictEqual(told(Duration.zero), `${expected}, received 0`)
    assert.strictEqual(told(undefined), `${expected}, received nothing`)
    assert.strictEqual(told(null), `${expected}, received null`)
    assert.strictEqual(told([1]), `${expected}, received a list of 1`)
    for (const text of ["30s", "-5 seconds", "0 seconds", "5000", "", "soon", "seconds"]) {
      assert.match(String(told(text)), /^timeout: expected a time above zero, such as "10 seconds", received a/)
    }
  })

  it("may be zero where that is said, and nothing else that decodes as zero", () => {
    const orZero = { orZero: true }
    for (const zero of [0, "0 millis", "0.0 seconds", Duration.zero]) assert.strictEqual(told(zero, orZero), 0)
    for (const other of [Number.NaN, -1, "-0.5 seconds", "-1 day", Number.NEGATIVE_INFINITY, [Number.NaN, 0], ""]) {
      assert.match(String(told(other, orZero)), /^timeout: expected a time from zero, such as "10 seconds"/)
    }
  })

  it("is never an exception, and never zero", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.anything({ withBigInt: true, withDate: true }), (given) => {
        const time = told(given)
        assert.isTrue(typeof time === "string" || time > 0)
      })
    )
  })
})

describe("A limit", () => {
  it("is none where it is left out or infinite", () => {
    for (const none of [undefined, Number.POSITIVE_INFINITY, Duration.infinity, "Infinity"]) {
      assert.isTrue(Option.isNone(Either.getOrThrow(Time.limit(["deadline"], none))))
    }
    const second = Either.getOrThrow(Time.limit(["deadline"], "1 second"))
    assert.deepStrictEqual(Option.getOrNull(second), Duration.seconds(1))
    assert.isTrue(Either.isLeft(Time.limit(["deadline"], null)))
  })
})
