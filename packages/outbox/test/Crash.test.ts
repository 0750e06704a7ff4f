/** Runs ten rounds of `pnpm crash`. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Crash from "./support/Crash.js"
import * as Databases from "./support/Databases.js"

describe("Processes that are killed at random moments", () => {
  for (const [database, workers, isThere] of [
    ["sqlite", 2, true],
    ["postgres", 2, Databases.hasPostgres]
  ] as const) {
    it.live.skipIf(!isThere)(
      `deliver every row whose offer returned, and repeat rows only after a fault, a kill or a lost lease: ${workers} processes on ${database}`,
      () =>
        Effect.gen(function* () {
          const outcome = yield* Crash.run({ rounds: 10, database, workers })
          assert.deepStrictEqual([outcome.lost, outcome.foreign, outcome.unexplained, outcome.dead], [[], [], [], 0])
          assert.isAbove(outcome.acked, 50)
          assert.isAtLeast(outcome.delivered, outcome.acked)
        }),
      90_000
    )
  }
})
