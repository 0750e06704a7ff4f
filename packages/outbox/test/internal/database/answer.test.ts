import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Ref, Scope, TestClock } from "effect"
import { within } from "../../../src/internal/database/answer.js"

const statement = (started: Deferred.Deferred<void>, ends: Ref.Ref<string>) =>
  Deferred.succeed(started, undefined).pipe(
    Effect.zipRight(Effect.sleep("2 seconds")),
    Effect.zipRight(Ref.set(ends, "done")),
    Effect.as("claimed"),
    Effect.onInterrupt(() => Ref.set(ends, "interrupted"))
  )

/** Interrupts a caller that waits for a statement, and returns what the caller got and how the statement ended. */
const interrupted = (isUninterruptible: boolean) =>
  Effect.gen(function* () {
    const run = within(Duration.seconds(10), yield* Effect.scope, Effect.succeed(false))
    const started = yield* Deferred.make<void>()
    const ends = yield* Ref.make("open")
    const got = yield* Ref.make("nothing")
    const call = Effect.flatMap(run("claim", statement(started, ends)), (value) => Ref.set(got, value))
    const caller = yield* Effect.fork(isUninterruptible ? Effect.uninterruptible(call) : call)
    yield* Deferred.await(started)
    yield* TestClock.adjust("1 second")
    const interrupting = yield* Effect.fork(Fiber.interrupt(caller))
    yield* TestClock.adjust("5 seconds")
    yield* Fiber.join(interrupting)
    return [yield* Ref.get(got), yield* Ref.get(ends)]
  })

describe("A limited wait for a statement", () => {
  it.scoped("gives the result to an uninterruptible caller, even after an interruption", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* interrupted(true), ["claimed", "done"])
    })
  )

  it.scoped("ends when its caller is interrupted, and interrupts the statement", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* interrupted(false), ["nothing", "interrupted"])
    })
  )

  it.scoped("fails at its limit, even if the caller is uninterruptible", () =>
    Effect.gen(function* () {
      const run = within(Duration.seconds(1), yield* Scope.make(), Effect.succeed(false))
      const caller = yield* Effect.fork(Effect.exit(Effect.uninterruptible(run("claim", Effect.never))))
      yield* TestClock.adjust("3 seconds")
      const exit = yield* Fiber.join(caller)
      assert.isTrue(Exit.isFailure(exit))
    })
  )
})
