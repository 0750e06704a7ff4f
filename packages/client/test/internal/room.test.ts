import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import * as Room from "../../src/internal/ingest/room.js"

/** A room with rows that come and go, and offers that wait for it. */
const make = (capacity: number) => {
  let held = 0
  const heard: Array<string> = []
  const room = Room.make(capacity, () => held)
  const reserve = Effect.uninterruptibleMask(room.reserve)
  return {
    room,
    reserve,
    heard,
    /** Starts an offer, which records whether it gets room. */
    offer: (name: string) =>
      reserve.pipe(
        Effect.tap((hasRoom) => Effect.sync(() => void heard.push(`${name} ${hasRoom}`))),
        Effect.fork,
        Effect.zipLeft(Effect.yieldNow())
      ),
    /** A row comes in. */
    enter: () => {
      held += 1
    },
    /** A row ends. */
    leave: Effect.suspend(() => {
      held -= 1
      room.letIn()
      return Effect.yieldNow()
    })
  }
}

describe("A room", () => {
  it.effect("reserves at once as long as there is room, for rows that it holds and will hold", () =>
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

  it.effect("lets offers in as they came, as far as there is room", () =>
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
      // the room that a row leaves belongs to those who wait for it
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

  it.effect("lets nobody in before those who wait, although there is room", () =>
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

  it.effect("forgets an offer that is interrupted while it waits", () =>
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

  it.effect("gives the room of an offer that is interrupted as it is let in to the next", () =>
    Effect.gen(function* () {
      const { enter, heard, offer, room } = make(1)
      const reserved = yield* Effect.uninterruptibleMask(room.reserve)
      assert.isTrue(reserved)
      const first = yield* offer("a")
      yield* offer("b")
      room.release()
      room.letIn()
      // the first has room, but has not heard of it
      assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(first)))
      yield* Effect.yieldNow()
      assert.deepStrictEqual(heard, ["b true"])
      assert.isTrue(room.isFull())
      room.release()
      enter()
      assert.isTrue(room.isFull())
    })
  )

  it.effect("tells all who wait that there will be no room", () =>
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

  it.effect("makes no room when an offer is interrupted as it is turned away", () =>
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
