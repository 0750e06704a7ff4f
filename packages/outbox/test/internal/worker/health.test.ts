import { assert, describe, it } from "@effect/vitest"
import { Effect, Logger } from "effect"
import * as Health from "../../../src/internal/worker/health.js"
import { WebhookUnresolved } from "../../../src/OutboxError.js"

const unresolved = new WebhookUnresolved({ outbox: "rows", reason: "the vault is locked" })

/** Returns the warnings about an outbox. */
const warnings = <E>(happens: (health: Health.Health) => Effect.Effect<unknown, E>) =>
  Effect.gen(function* () {
    const told: Array<string> = []
    const log = Logger.replace(
      Logger.defaultLogger,
      Logger.make(({ message }) => void told.push(String(message)))
    )
    yield* Effect.flatMap(Health.make("rows"), happens).pipe(Effect.scoped, Effect.provide(log))
    return told
  })

describe("An outbox whose delivery is blocked", () => {
  it.live("is reported again every ten minutes, with the time since it became blocked", () =>
    Effect.gen(function* () {
      let minutes = 0
      const clock = yield* Effect.clock
      const at = () => BigInt(minutes * 60) * 1_000_000_000n
      const told = yield* warnings(({ failed, succeeded }) =>
        Effect.gen(function* () {
          for (; minutes < 25; minutes += 1) yield* failed(unresolved)
          yield* succeeded
        })
      ).pipe(
        Effect.withClock({
          ...clock,
          currentTimeMillis: clock.currentTimeMillis,
          currentTimeNanos: Effect.sync(at),
          unsafeCurrentTimeMillis: () => clock.unsafeCurrentTimeMillis(),
          unsafeCurrentTimeNanos: at,
          sleep: (duration) => clock.sleep(duration)
        })
      )
      assert.deepStrictEqual(told, [
        'the outbox "rows" cannot deliver, and its rows wait: The outbox "rows" has no usable webhook: the vault is locked',
        'the outbox "rows" has delivered nothing for 10m, and its rows wait: The outbox "rows" has no usable webhook: the vault is locked',
        'the outbox "rows" has delivered nothing for 20m, and its rows wait: The outbox "rows" has no usable webhook: the vault is locked',
        'the outbox "rows" delivers again, after 25m'
      ])
    })
  )

  it.live("is reported at most once a minute if it alternates between blocked and working", () =>
    Effect.gen(function* () {
      const told = yield* warnings(({ failed, succeeded }) =>
        Effect.repeatN(Effect.zipRight(failed(unresolved), succeeded), 99)
      )
      assert.strictEqual(told.length, 2)
    })
  )
})
