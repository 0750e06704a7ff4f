import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Fiber } from "effect"
import * as Stop from "../../src/internal/ingest/stop.js"
import { badRequest, unauthorized } from "../support/Batches.js"

const make = Effect.gen(function* () {
  let failed = 0
  const stop = yield* Stop.make(() => {
    failed += 1
  })
  return { stop, failed: () => failed, reason: () => Effect.exit(stop.reason() ?? Effect.void) }
})

describe("The stop signal of an ingestion", () => {
  it.effect("wakes waiting fibers when the ingestion halts, and has a reason only if an error occurred", () =>
    Effect.gen(function* () {
      const { failed, stop } = yield* make
      const waiting = yield* Effect.fork(stop.awaitHalt)
      yield* Effect.yieldNow()
      assert.isNull(waiting.unsafePoll())
      assert.isFalse(stop.isHalted())
      yield* stop.halt
      yield* stop.halt
      yield* Fiber.join(waiting)
      yield* stop.awaitHalt
      assert.isTrue(stop.isHalted())
      assert.deepStrictEqual([stop.reason(), failed()], [undefined, 0])
    })
  )

  it.effect("halts the ingestion at the first error, and keeps that error as its reason", () =>
    Effect.gen(function* () {
      const { failed, reason, stop } = yield* make
      const waiting = yield* Effect.fork(stop.awaitHalt)
      yield* stop.fail(unauthorized)
      yield* Fiber.join(waiting)
      assert.deepStrictEqual([stop.isHalted(), failed()], [true, 1])
      yield* stop.fail(badRequest())
      assert.deepStrictEqual(yield* reason(), Exit.fail(unauthorized))
    })
  )

  it.effect("has its reason before it calls onStop", () =>
    Effect.gen(function* () {
      const seen: Array<boolean> = []
      const stop: Stop.Stop = yield* Stop.make(() => void seen.push(stop.reason() !== undefined))
      yield* stop.fail(unauthorized)
      assert.deepStrictEqual(seen, [true])
    })
  )

  it.effect("keeps the error as its reason even if the ingestion halts before or after the error", () =>
    Effect.gen(function* () {
      const { reason, stop } = yield* make
      yield* stop.halt
      yield* stop.fail(unauthorized)
      yield* stop.halt
      assert.deepStrictEqual(yield* reason(), Exit.fail(unauthorized))
    })
  )

  it.effect(
    "reports a callback's first defect instead of an error, but does not halt the ingestion because of the defect",
    () =>
      Effect.gen(function* () {
        const { failed, reason, stop } = yield* make
        stop.noteDefect(Cause.die("first"))
        stop.noteDefect(Cause.die("second"))
        assert.deepStrictEqual(yield* reason(), Exit.die("first"))
        assert.deepStrictEqual([stop.isHalted(), failed()], [false, 0])
        yield* stop.fail(unauthorized)
        assert.deepStrictEqual(yield* reason(), Exit.die("first"))
      })
  )

  it.effect("reports a defect instead of an earlier error", () =>
    Effect.gen(function* () {
      const { reason, stop } = yield* make
      yield* stop.fail(unauthorized)
      stop.noteDefect(Cause.die("late"))
      assert.deepStrictEqual(yield* reason(), Exit.die("late"))
    })
  )

  it.effect("halts the ingestion and calls onStop if the transport dies", () =>
    Effect.gen(function* () {
      const { failed, reason, stop } = yield* make
      const waiting = yield* Effect.fork(stop.awaitHalt)
      yield* stop.die(Cause.die("first"))
      yield* Fiber.join(waiting)
      yield* stop.die(Cause.die("second"))
      assert.deepStrictEqual(yield* reason(), Exit.die("first"))
      assert.deepStrictEqual([stop.isHalted(), failed()], [true, 2])
    })
  )
})
