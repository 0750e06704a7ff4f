/** One meaning on every database: what an outbox takes, delivers, counts and forgets. */
import { assert, describe, it } from "@effect/vitest"
import type { Webhooks } from "@mammoth-effect/client"
import { type Emulator, Fault } from "@mammoth-effect/emulator"
import { Chunk, Effect, Layer, Schedule, Schema, type Scope, Stream } from "effect"
import { Outbox, type OutboxStore, OutboxWorker } from "../src/index.js"
import * as Databases from "./support/Databases.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int })

const rows = (count: number, from = 0) => Array.from({ length: count }, (_, i) => ({ n: from + i }))

type Services = OutboxStore.OutboxStore | Webhooks.Webhooks | Emulator.Emulator

const quick: OutboxWorker.Options = {
  backoff: { initialInterval: "20 millis", maxInterval: "100 millis" },
  pollInterval: "20 millis"
}

/** An outbox before a new webhook. */
const make = (
  options: Partial<Outbox.Options<typeof Row.Type, typeof Row.Encoded>> & { readonly name?: string } = {}
) =>
  Effect.gen(function* () {
    const webhook = yield* Server.webhook
    const outbox = yield* Outbox.make(webhook, { name: "rows", schema: Row, ...options })
    return { webhook, outbox }
  })

/** Repeats an effect until it yields this. */
const becomes = <A, E, R>(effect: Effect.Effect<A, E, R>, is: (a: A) => boolean) =>
  Effect.repeat(effect, { until: is, schedule: Schedule.spaced("10 millis") })

for (const { isThere, layer, name } of Databases.all) {
  describe.skipIf(!isThere)(`An outbox on ${name}`, () => {
    const provided = <A, E>(test: Effect.Effect<A, E, Services | Scope.Scope>) =>
      test.pipe(Effect.scoped, Effect.provide(Layer.merge(layer, Server.layer({ arraysAreRows: true }))))

    it.live("delivers what it is offered, and counts it", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* Effect.forEach(rows(20), (row) => outbox.offer(row))
        assert.deepStrictEqual(yield* outbox.counts, { pending: 20, leased: 0, delivered: 0, dead: 0 })
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        assert.sameMembers(
          yield* Server.held(webhook.id),
          rows(20).map(({ n }) => n)
        )
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 20, dead: 0 })
      }).pipe(provided)
    )

    it.live("delivers what is offered while a worker waits, without waiting for the next poll", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* OutboxWorker.make(outbox, { ...quick, pollInterval: "1 minute" })
        yield* Effect.sleep("50 millis")
        yield* outbox.offerAll(rows(3))
        yield* outbox.drain
        assert.sameMembers(yield* Server.held(webhook.id), [0, 1, 2])
      }).pipe(provided)
    )

    it.live("sends arrays where it is told to, none with more rows or bytes than allowed", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* outbox.offerAll(rows(25))
        yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1, batch: { maxRows: 10 } })
        yield* outbox.drain
        assert.deepStrictEqual(
          yield* Server.held(webhook.id),
          rows(25).map(({ n }) => n)
        )
        assert.strictEqual(yield* Server.pushes, 3)
      }).pipe(provided)
    )

    it.live("stores an id once, in its outbox", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make({ id: ({ n }) => `n${n}` })
        const other = yield* Outbox.make(webhook, { name: "others", schema: Row })
        assert.deepStrictEqual(yield* outbox.offer({ n: 1 }), { id: "n1", isDuplicate: false })
        assert.deepStrictEqual(yield* outbox.offer({ n: 1 }), { id: "n1", isDuplicate: true })
        assert.deepStrictEqual(yield* other.offer({ n: 1 }, { id: "n1" }), { id: "n1", isDuplicate: false })
        assert.deepStrictEqual(
          (yield* outbox.offerAll([{ n: 1 }, { n: 2 }, { n: 2 }])).map(({ isDuplicate }) => isDuplicate),
          [true, false, true]
        )
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        assert.sameMembers(yield* Server.held(webhook.id), [1, 2])
        assert.isTrue((yield* outbox.offer({ n: 1 })).isDuplicate)
        assert.strictEqual((yield* other.counts).pending, 1)
      }).pipe(provided)
    )
  })
}
