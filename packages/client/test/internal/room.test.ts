import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import * as Room from "../../src/internal/ingest/room.js"

/** Makes a room. Returns functions that add a row, remove a row and start an offer. */
const make = (capacity: number) => {
  let held = 0
  const heard: Array<string> = []
  const room = Room.make(capacity, () => held)
  const reserve = Effect.uninterruptibleMask(room.reserve)
  return {
    room,
    reserve,
    heard,
    /** Starts an offer, and records whether the offer gets a place. */
    offer: (name: string) =>
      reserve.pipe(
        Effect.tap((hasRoom) => Effect.sync(() => void heard.push(`${name} ${hasRoom}`))),
        Effect.fork,
        Effect.zipLeft(Effect.yieldNow())
      ),
    /** Adds a row. */
    enter: () => {
      held += 1
    },
    /** Removes a row, and admits waiting offers. */
    leave: Effect.suspend(() => {
      held -= 1
      room.letIn()
      return Effect.yieldNow()
    })
  }
}

describe("A buffer", () => {
  it.effect("reserves a place for an offer immediately if rows and earlier reservations leave a free place", () =>
    Effect.gen(function* () {
      const { enter, reserve, room } = make(3)
      enter()
      assert.isTrue(yield* reserve)
      assert.deepStrictEqual([room.isFull(), room.isShort()], [false, false])
      assert.isTrue(yield* reserve)
      assert.deepStrictEqual([room.isFull(), room.isShort(), room.hasWaiting()], [true, true, false])
      room.release()
      assert.deepStrictEqual([room.isFull(), room.isShort()], [false, false])
    })
  )

  it.effect("admits waiting offers in order of arrival, while places are free", () =>
    Effect.gen(function* () {
      const { enter, heard, leave, offer, room } = make(2)
      enter()
      enter()
      for (const name of ["a", "b", "c"]) yield* offer(name)
      assert.isTrue(room.hasWaiting())
      room.letIn()
      yield* Effect.yieldNow()
      assert.deepStrictEqual(heard, [])
      yield* leave
      assert.deepStrictEqual(heard, ["a true"])
      // Expect a full room, because the waiting offer has taken the place of the removed row.
      assert.isTrue(room.isFull())
      yield* leave
      assert.deepStrictEqual(heard, ["a true", "b true"])
      room.release()
      room.letIn()
      yield* Effect.yieldNow()
      assert.deepStrictEqual(heard, ["a true", "b true", "c true"])
      assert.isFalse(room.hasWaiting())
    })
  )

  it.effect("admits the waiting offers before a new offer, even if a place is free", () =>
    Effect.gen(function* () {
      let held = 1
      const room = Room.make(1, () => held)
      const reserve = Effect.uninterruptibleMask(room.reserve)
      const first = yield* Effect.fork(reserve)
      yield* Effect.yieldNow()
      held = 0
      assert.deepStrictEqual([room.isFull(), room.isShort()], [false, true])
      const second = yield* Effect.fork(reserve)
      yield* Effect.yieldNow()
      assert.isNull(second.unsafePoll())
      room.letIn()
      assert.isTrue(yield* Fiber.join(first))
      assert.isNull(second.unsafePoll())
      yield* Fiber.interrupt(second)
    })
  )

  it.effect("forgets a waiting offer when the offer is interrupted", () =>
    Effect.gen(function* () {
      const { enter, heard, leave, offer, room } = make(1)
      enter()
      const first = yield* offer("a")
      yield* offer("b")
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(first)))
      assert.deepStrictEqual([heard, room.hasWaiting()], [[], true])
      yield* leave
      assert.deepStrictEqual(heard, ["b true"])
    })
  )

  it.effect("gives a place to the next offer if the admitted offer is interrupted before it runs", () =>
    Effect.gen(function* () {
      const { enter, heard, offer, room } = make(1)
      const reserved = yield* Effect.uninterruptibleMask(room.reserve)
      assert.isTrue(reserved)
      const first = yield* offer("a")
      yield* offer("b")
      room.release()
      room.letIn()
      // Interrupt the first offer after it got a place, but before it runs.
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(first)))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(heard, ["b true"])
      assert.isTrue(room.isFull())
      room.release()
      enter()
      assert.isTrue(room.isFull())
    })
  )

  it.effect("refuses all waiting offers when turnAway is called", () =>
    Effect.gen(function* () {
      const { enter, heard, leave, offer, room } = make(1)
      enter()
      for (const name of ["a", "b"]) yield* offer(name)
      room.turnAway()
      yield* Effect.yieldNow()
      assert.deepStrictEqual(heard, ["a false", "b false"])
      assert.isFalse(room.hasWaiting())
      yield* leave
      assert.isFalse(room.isFull())
    })
  )

  it.effect("stays full if a refused offer is interrupted before it runs", () =>
    Effect.gen(function* () {
      const { enter, offer, room } = make(1)
      enter()
      const fiber = yield* offer("a")
      room.turnAway()
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(fiber)))
      assert.isTrue(room.isFull())
    })
  )
})
