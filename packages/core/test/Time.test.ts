import { assert, describe, it } from "@effect/vitest"
import { Duration, Either, FastCheck, Option } from "effect"
import { Issue, Time } from "../src/index.js"

const readOrIssue = (given: unknown, options?: { readonly orZero: boolean }) =>
  Either.match(Time.read(["timeout"], given, options), { onLeft: Issue.format, onRight: Duration.toMillis })

describe("read", () => {
  it("accepts a duration, milliseconds or a string", () => {
    assert.strictEqual(readOrIssue(Duration.seconds(3)), 3000)
    assert.strictEqual(readOrIssue(250), 250)
    assert.strictEqual(readOrIssue(0.5), 0.5)
    assert.strictEqual(readOrIssue("1 minute"), 60_000)
    assert.strictEqual(readOrIssue(" 1 minute\n"), 60_000)
    assert.strictEqual(readOrIssue(5_000_000n), 5)
    assert.strictEqual(readOrIssue(Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY)
    assert.strictEqual(readOrIssue(Duration.infinity), Number.POSITIVE_INFINITY)
    assert.strictEqual(readOrIssue("Infinity"), Number.POSITIVE_INFINITY)
  })

  it("refuses zero, negative times and values that are not times, with an example in the issue", () => {
    const expected = `timeout: expected a time above zero, such as "10 seconds" or 10_000 (milliseconds)`
    assert.strictEqual(readOrIssue(Number.NaN), `${expected}, received NaN`)
    assert.strictEqual(readOrIssue(0), `${expected}, received zero`)
    assert.strictEqual(readOrIssue(-5), `${expected}, received a negative integer`)
    assert.strictEqual(readOrIssue(-0.5), `${expected}, received a number with a fraction`)
    assert.strictEqual(readOrIssue(Number.NEGATIVE_INFINITY), `${expected}, received an infinite number`)
    assert.strictEqual(readOrIssue(Duration.zero), `${expected}, received 0`)
    assert.strictEqual(readOrIssue(undefined), `${expected}, received nothing`)
    assert.strictEqual(readOrIssue(null), `${expected}, received null`)
    assert.strictEqual(readOrIssue([1]), `${expected}, received a list of 1`)
    for (const text of ["30s", "-5 seconds", "0 seconds", "5000", "", "soon", "seconds"]) {
      assert.match(String(readOrIssue(text)), /^timeout: expected a time above zero, such as "10 seconds", received a/)
    }
  })

  it("accepts zero with `orZero`, but refuses other values that decode as zero", () => {
    const orZero = { orZero: true }
    for (const zero of [0, "0 millis", "0.0 seconds", Duration.zero]) assert.strictEqual(readOrIssue(zero, orZero), 0)
    for (const other of [Number.NaN, -1, "-0.5 seconds", "-1 day", Number.NEGATIVE_INFINITY, [Number.NaN, 0], ""]) {
      assert.match(
        String(readOrIssue(other, orZero)),
        /^timeout: expected a time of zero or more, such as "10 seconds"/
      )
    }
  })

  it("returns an issue or a time above zero for any value", () => {
    FastCheck.assert(
      FastCheck.property(FastCheck.anything({ withBigInt: true, withDate: true }), (given) => {
        const time = readOrIssue(given)
        assert.isTrue(typeof time === "string" || time > 0)
      })
    )
  })
})

describe("limit", () => {
  it("returns None for undefined and for an infinite time", () => {
    for (const none of [undefined, Number.POSITIVE_INFINITY, Duration.infinity, "Infinity"]) {
      assert.isTrue(Option.isNone(Either.getOrThrow(Time.limit(["deadline"], none))))
    }
    const second = Either.getOrThrow(Time.limit(["deadline"], "1 second"))
    assert.deepStrictEqual(Option.getOrNull(second), Duration.seconds(1))
    assert.isTrue(Either.isLeft(Time.limit(["deadline"], null)))
  })
})
