import { assert, describe, it } from "@effect/vitest"
import type { Verdict } from "@mammoth-effect/core"
import { Effect, FastCheck as fc } from "effect"
import { Bisection } from "../src/index.js"

describe("A bisection", () => {
  it("delivers each good row once and in order, and finds each bad row", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 70 }), (isBad) => {
        const delivered: Array<number> = []
        const dead: Array<number> = []
        let requests = 0
        const request = (part: ReadonlyArray<number>) =>
          Effect.sync(() => {
            requests += 1
            if (!part.some((row) => isBad[row])) {
              delivered.push(...part)
              return []
            }
            if (part.length > 1) return part
            dead.push(...part)
            return []
          })
        Effect.runSync(
          Bisection.run(
            isBad.map((_, row) => row),
            request
          )
        )
        const rows = (bad: boolean) => isBad.flatMap((is, row) => (is === bad ? [row] : []))
        assert.deepStrictEqual(delivered, rows(false))
        assert.deepStrictEqual(dead, rows(true))
        // Allow one request for all rows, and two requests for each halving that leads to a bad row.
        assert.isAtMost(requests, 1 + 2 * dead.length * Math.ceil(Math.log2(isBad.length + 1)))
      })
    )
  })

  it("resends only the refused rows, in two halves", () => {
    const parts: Array<ReadonlyArray<number>> = []
    const request = (part: ReadonlyArray<number>) =>
      Effect.sync(() => {
        parts.push(part)
        // Refuse all rows except row 0 if the request has more than three rows.
        return part.length > 3 ? part.filter((row) => row !== 0) : []
      })
    Effect.runSync(Bisection.run([0, 1, 2, 3, 4], request))
    assert.deepStrictEqual(parts, [
      [0, 1, 2, 3, 4],
      [1, 2],
      [3, 4]
    ])
  })

  it.effect("fails with the error of the first failed request, and sends nothing more", () =>
    Effect.gen(function* () {
      let requests = 0
      const request = (part: ReadonlyArray<number>) =>
        Effect.suspend(() => (++requests === 2 ? Effect.fail("no") : Effect.succeed(part)))
      assert.strictEqual(yield* Effect.flip(Bisection.run([1, 2, 3, 4], request)), "no")
      assert.strictEqual(requests, 2)
    })
  )
})

describe("The counter of consecutive failures", () => {
  const tooLarge = { status: 413 }
  const bad = { status: 400 }

  const after = (...noted: ReadonlyArray<readonly [verdict: Verdict.Verdict, times: number, error?: object]>) => {
    const streak = Bisection.makeStreak()
    for (const [verdict, times, error] of noted) for (let i = 0; i < times; i++) streak.note(verdict, 1, error)
    return [streak.isRowToBlame(bad), streak.isServerDown()]
  }

  it("stops blaming the row after 20 refused requests with one row each, without a delivery between them", () => {
    assert.deepStrictEqual(after(["refused", 19, bad]), [true, false])
    assert.deepStrictEqual(after(["refused", 20, bad]), [false, false])
    assert.deepStrictEqual(after(["refused", 19, bad], ["delivered", 1], ["refused", 19, bad]), [true, false])
    assert.deepStrictEqual(after(["refused", 19, bad], ["unknown", 1], ["refused", 1, bad]), [false, false])
  })

  it("always blames a row that is too large, and does not count its refusal", () => {
    assert.deepStrictEqual(after(["refused", 100, tooLarge]), [true, false])
    const streak = Bisection.makeStreak()
    for (let i = 0; i < 20; i++) streak.note("refused", 1, bad)
    assert.isTrue(streak.isRowToBlame(tooLarge))
  })

  it("reports the server as down after 20 unknown verdicts without a delivery between them", () => {
    assert.deepStrictEqual(after(["unknown", 19]), [true, false])
    assert.deepStrictEqual(after(["unknown", 20]), [true, true])
    assert.deepStrictEqual(after(["unknown", 19], ["delivered", 1], ["unknown", 19]), [true, false])
  })

  it("ignores refusals of requests with several rows", () => {
    const streak = Bisection.makeStreak()
    for (let i = 0; i < 30; i++) streak.note("refused", 2, bad)
    assert.isTrue(streak.isRowToBlame(bad))
  })
})
