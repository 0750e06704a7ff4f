import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import * as Room from "../../src/internal/ingest/room.js"

/** Makes a room with rows that come and go, and offers that wait for room. */
const make = (capacity: number) => {
  let held = 0
  const heard: Array<string> = []
  const room = Room.make(capacity, () => held)
  const reserve = Effect.uninterruptibleMask(room.reserve)
  return {
    room,
    reserve,
    heard,
    /** Starts an offer, and records if it gets room. */
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
    /** Ends a row. */
    leave: Effect.suspend(() => {
      held -= 1
      room.letIn()
      return Effect.yieldNow()
    })
  }
}

describe("A room", () => {
  it.effect("reserves at once while it has room beside its rows and reservations", () =>
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

  it.effect("lets offers in by order of arrival, as long as there is room", () =>
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
      // the room of an ended row belongs to the waiting offers
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

  it.effect("lets no offer in before the waiting offers, even if it has room", () =>
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

  it.effect("forgets a waiting offer that is interrupted", () =>
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

  it.effect("gives the room of an offer that is interrupted before it runs to the next offer", () =>
    Effect.gen(function* () {
      const { enter, heard, offer, room } = make(1)
      const reserved = yield* Effect.uninterruptibleMask(room.reserve)
      assert.isTrue(reserved)
      const first = yield* offer("a")
      yield* offer("b")
      room.release()
      room.letIn()
      // the first offer has room, but has not run yet
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(first)))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(heard, ["b true"])
      assert.isTrue(room.isFull())
      room.release()
      enter()
      assert.isTrue(room.isFull())
    })
  )

  it.effect("turns away all waiting offers", () =>
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

  it.effect("makes no room if an offer is interrupted while it is turned away", () =>
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
