import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Random, TestClock } from "effect"
import * as Time from "../../../src/internal/time.js"
import * as Outage from "../../../src/internal/worker/outage.js"

/** Records the given number of failures in sequence. `asked` is the pause that the server requested. */
const failures = (outage: Outage.Outage, times: number, asked: Duration.Duration | undefined) =>
  Effect.repeatN(
    Effect.flatMap(Time.now, (beganAt) => Effect.zipRight(TestClock.adjust("1 millis"), outage.failed(beganAt, asked))),
    times - 1
  )

describe("A worker after five failures in sequence", () => {
  for (const [what, asked] of [
    ["pauses if the server requests no pause", undefined],
    ["pauses if the server requests a pause of zero", Duration.zero]
  ] as const) {
    it.effect(what, () =>
      Effect.gen(function* () {
        const outage = Outage.make()
        yield* failures(outage, 4, asked)
        assert.isAtMost(yield* outage.left, 0)
        yield* failures(outage, 1, asked)
        assert.strictEqual(yield* outage.left, 250 * 0.75)
      }).pipe(Effect.withRandom(Random.fixed([0.5])))
    )
  }

  it.effect("pauses for its own pause or the server's pause, whichever is longer", () =>
    Effect.gen(function* () {
      const outage = Outage.make()
      yield* failures(outage, 4, undefined)
      yield* failures(outage, 1, Duration.seconds(9))
      assert.strictEqual(yield* outage.left, 9000)
    }).pipe(Effect.withRandom(Random.fixed([0.5])))
  )
})
