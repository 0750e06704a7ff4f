/** Tests an outbox on every database. The outbox must accept, deliver, count and prune rows in the same way on each. */
import { assert, describe, it } from "@effect/vitest"
import { FileRow, RequestOptions, Webhooks } from "@mammoth-effect/client"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Chunk, Effect, Layer, Schedule, Schema, type Scope, Stream } from "effect"
import { Outbox, OutboxError, OutboxStore, OutboxWorker, WebhookResolver } from "../src/index.js"
import * as Databases from "./support/Databases.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ n: Schema.Int })

const ids = (count: number) => Array.from({ length: count }, (_, id) => id)

const rows = (count: number, from = 0) => Array.from({ length: count }, (_, i) => ({ n: from + i }))

type Services = OutboxStore.OutboxStore | Webhooks.Webhooks | Emulator.Emulator

const quick: OutboxWorker.Options = {
  backoff: { initialInterval: "20 millis", maxInterval: "100 millis" },
  pollInterval: "20 millis"
}

/** Makes an outbox with a new webhook. */
const make = (options: Partial<Outbox.Options<typeof Row.Type>> & { readonly name?: string } = {}) =>
  Effect.gen(function* () {
    const webhook = yield* Server.webhook
    const outbox = yield* Outbox.make(webhook, { name: "rows", schema: Row, ...options })
    return { webhook, outbox }
  })

/** Repeats an effect until its result satisfies the condition. */
const becomes = <A, E, R>(effect: Effect.Effect<A, E, R>, is: (a: A) => boolean) =>
  Effect.repeat(effect, { until: is, schedule: Schedule.spaced("10 millis") })

/** Checks that a worker pushes once, and that a second worker does not push again within 200 milliseconds. */
const isPushedOnce = <A>(outbox: Outbox.Outbox<A>, options: OutboxWorker.Options) =>
  Effect.gen(function* () {
    yield* Effect.scoped(
      Effect.zipRight(
        OutboxWorker.make(outbox, options),
        becomes(Server.pushes, (pushes) => pushes === 1)
      )
    )
    yield* OutboxWorker.make(outbox, options)
    yield* Effect.sleep("200 millis")
    assert.strictEqual(yield* Server.pushes, 1)
  })

for (const { isThere, layer, name } of Databases.all) {
  describe.skipIf(!isThere).concurrent(`An outbox on ${name}`, () => {
    const provided = <A, E>(test: Effect.Effect<A, E, Services | Scope.Scope>) =>
      test.pipe(Effect.scoped, Effect.provide([layer, Server.layer({ arraysAreRows: true }), Server.quiet]))

    it.live("delivers offered rows, and counts them", () =>
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

    it.live("delivers rows before the worker's next poll if they are offered while the worker waits", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* OutboxWorker.make(outbox, { ...quick, pollInterval: "1 minute" })
        yield* Effect.sleep("50 millis")
        yield* outbox.offerAll(rows(3))
        yield* outbox.drain
        assert.sameMembers(yield* Server.held(webhook.id), [0, 1, 2])
      }).pipe(provided)
    )

    it.live("sends arrays of at most maxRows rows if the option `batch` is set", () =>
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

    it.live("fills each body up to maxBytes, and sends a larger row alone", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* outbox.offerAll([...rows(4), { n: 123_456_789_012_345 }, { n: 5 }])
        yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1, batch: { maxBytes: 17 } })
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.bodies, [
          '[{"n":0},{"n":1}]',
          '[{"n":2},{"n":3}]',
          '[{"n":123456789012345}]',
          '[{"n":5}]'
        ])
        assert.strictEqual((yield* Server.held(webhook.id)).length, 6)
      }).pipe(provided)
    )

    it.live("stores each id only once per outbox", () =>
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

    it.live("writes the id under the name of idColumn, and refuses rows that cannot hold the id", () =>
      Effect.gen(function* () {
        const webhook = yield* Server.webhook
        const outbox = yield* Outbox.make(webhook, { name: "rows", schema: Schema.Unknown, idColumn: "event_id" })
        yield* outbox.offer({ n: 1 }, { id: "a" })
        yield* outbox.offer({ n: 2, event_id: "b" }, { id: "b" })
        const refused = yield* Effect.flip(outbox.offer({ n: 3, event_id: "another" }, { id: "c" }))
        assert.include(refused.message, "event_id: expected no value, or the row's id")
        const list = yield* Effect.flip(outbox.offerAll([{ n: 4 }, [5]]))
        assert.include(
          list.message,
          'The row at index 1 was not sent: expected an object, because the outbox adds the id as "event_id"'
        )
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        assert.sameDeepMembers(
          [...(yield* Effect.flatMap(Emulator.Emulator, ({ rows }) => rows(webhook.id)))],
          [
            { n: 1, event_id: "a" },
            { n: 2, event_id: "b" }
          ]
        )
      }).pipe(provided)
    )

    it.live("adds the id to the result of a row's toJSON, and does not send hidden properties", () =>
      Effect.gen(function* () {
        class User {
          constructor(
            readonly id: number,
            readonly passwordHash: string
          ) {}
          toJSON(): unknown {
            return this.id === 0 ? {} : { id: this.id, at: new Date(0) }
          }
        }
        const webhook = yield* Server.webhook
        const users = yield* Outbox.make(webhook, {
          name: "users",
          schema: Schema.instanceOf(User),
          id: (user) => `u${user.id}`,
          idColumn: "event id"
        })
        yield* users.offerAll([new User(0, "hunter2"), new User(1, "hunter2")])
        const rows = yield* Outbox.make(webhook, { name: "own", schema: Schema.Unknown, idColumn: "event id" })
        yield* rows.offer({ a: 1, toJSON: () => ({ a: 1 }) }, { id: "own" })
        yield* rows.offer(JSON.parse('{"__proto__":{"event id":"x"}}'), { id: "proto" })
        const hidden = yield* Effect.flip(rows.offer({ toJSON: () => "text" }, { id: "none" }))
        assert.include(
          hidden.message,
          'expected an object, because the outbox adds the id as "event id", received a string'
        )
        for (const outbox of [users, rows]) {
          yield* OutboxWorker.make(outbox, quick)
          yield* outbox.drain
        }
        const sent = yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.rows(webhook.id))
        assert.sameMembers(
          sent.map((row) => JSON.stringify(row)),
          [
            '{"event id":"u0"}',
            '{"id":1,"at":"1970-01-01T00:00:00.000Z","event id":"u1"}',
            '{"a":1,"event id":"own"}',
            '{"__proto__":{"event id":"x"},"event id":"proto"}'
          ]
        )
      }).pipe(provided)
    )

    it.live("refuses an offerAll whose argument is not an iterable of rows", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        for (const [given, found] of [
          ["abc", "(parse the JSON string first), received a string of 3 characters"],
          [null, "of rows, received null"],
          [{ n: 1 }, "of rows, received an object"]
        ] as const) {
          const error = yield* Effect.flip(outbox.offerAll(given as never))
          assert.strictEqual(error._tag, "MammothRowRefused")
          assert.include(error.message, "rows: expected an array or another iterable of rows")
          assert.include(error.message, found)
        }
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 0, dead: 0 })
      }).pipe(provided)
    )

    it.live("stores no row of an offer if one row is wrong, and names the wrong row", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        const error = yield* Effect.flip(outbox.offerAll([{ n: 1 }, { n: 1.5 }]))
        assert.strictEqual(error._tag, "MammothRowRefused")
        assert.include(error.message, "The row at index 1 was not sent: n: expected an integer")
        for (const id of ["", "a\u0000b", "x".repeat(256)]) {
          assert.include(
            (yield* Effect.flip(outbox.offer({ n: 1 }, { id }))).message,
            "id: expected a string of 1 to 255 characters"
          )
        }
        assert.strictEqual((yield* outbox.counts).pending, 0)
        assert.deepStrictEqual(yield* outbox.offerAll([]), [])
        const webhook = yield* Server.webhook
        const lines = yield* Outbox.make(webhook, { name: "lines", schema: FileRow.schemaOf(Schema.Unknown) })
        const empty = new FileRow.FileRow({ line: 7, row: { n: undefined } })
        assert.include(
          (yield* Effect.flip(lines.offer(empty))).message,
          "Line 7 (index 0) was not sent: n: expected a value, because every property of the row is undefined"
        )
      }).pipe(provided)
    )

    it.live("retries a row after a lost response, a 5xx, and statuses such as 401, 404 and 429", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        for (const status of [401, 403, 404, 408, 429, 500, 503]) {
          yield* Server.inject(Fault.status(status, { operation: "addData" }))
        }
        yield* Server.inject(Fault.reset("start", { operation: "addData", acts: true }))
        yield* outbox.offer({ n: 1 })
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        // Expect the row twice: from the push whose response was lost, and from the retry.
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1, 1])
        assert.strictEqual(yield* Server.pushes, 9)
        assert.strictEqual((yield* outbox.counts).delivered, 1)
      }).pipe(provided)
    )

    it.live("does not resend rows after a 2xx with an unusable body", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* Server.inject(Fault.wrongJson({ operation: "addData" }))
        yield* Server.inject(Fault.html({ operation: "addData" }))
        yield* outbox.offerAll(rows(2))
        yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1 })
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), ids(2))
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 2, dead: 0 })
      }).pipe(provided)
    )

    it.live("keeps rows while the server cannot be reached", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* outbox.offer({ n: 1 })
        yield* Effect.scoped(
          Effect.gen(function* () {
            const { report } = yield* OutboxWorker.make(outbox, quick)
            yield* becomes(report, ({ retried }) => retried > 0)
          })
        ).pipe(RequestOptions.withOptions({ baseUrl: "http://127.0.0.1:9" }))
        assert.deepStrictEqual(yield* outbox.counts, { pending: 1, leased: 0, delivered: 0, dead: 0 })
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1])
      }).pipe(provided)
    )

    it.live("sends nothing to a webhook in mode replace, because each push would replace all rows", () =>
      Effect.gen(function* () {
        const webhook = yield* Webhooks.create({ workspaceId: 4, projectId: 4, mode: "replace" })
        // @ts-expect-error Programs without types, or with decoded webhooks, can pass a webhook in mode replace.
        const outbox = yield* Outbox.make(webhook, { name: "rows", schema: Row })
        yield* outbox.offer({ n: 1 })
        const { report } = yield* Effect.provide(OutboxWorker.make(outbox, quick), WebhookResolver.layer({}))
        yield* becomes(report, ({ retried }) => retried > 0)
        assert.strictEqual(yield* Server.pushes, 0)
        assert.strictEqual((yield* outbox.counts).dead, 0)
      }).pipe(provided)
    )

    it.live("calls the resolver again until the resolver finds the webhook", () =>
      Effect.gen(function* () {
        const webhook = yield* Server.webhook
        let asked = 0
        const resolver = Layer.succeed(WebhookResolver.WebhookResolver, {
          resolve: (outbox: string) => {
            asked += 1
            return asked < 3
              ? new OutboxError.WebhookUnresolved({ outbox, reason: "the vault is locked" })
              : Effect.succeed(webhook)
          }
        })
        const outbox = yield* Outbox.make("rows", { schema: Row })
        yield* outbox.offer({ n: 1 })
        yield* Effect.provide(OutboxWorker.make(outbox, quick), resolver)
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1])
        assert.strictEqual(asked, 3)
        assert.strictEqual(yield* Server.pushes, 1)
      }).pipe(provided)
    )

    it.live("calls the resolver again if the first call does not return within the timeout", () =>
      Effect.gen(function* () {
        const webhook = yield* Server.webhook
        let asked = 0
        const resolver = Layer.succeed(WebhookResolver.WebhookResolver, {
          resolve: () => Effect.suspend(() => (asked++ === 0 ? Effect.never : Effect.succeed(webhook)))
        })
        const outbox = yield* Outbox.make("rows", { schema: Row })
        yield* outbox.offer({ n: 1 })
        yield* Effect.provide(OutboxWorker.make(outbox, { ...quick, timeout: "2 seconds" }), resolver)
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1])
        assert.strictEqual(asked, 2)
      }).pipe(provided)
    )

    it.live("stores why a row waits, even if the reason is so long that it is cut inside a character", () =>
      Effect.gen(function* () {
        const webhook = yield* Server.webhook
        // Use two reasons whose lengths differ by one character: one of the reasons is cut between the halves of an
        // emoji.
        const reasons = ["😀".repeat(600), `x${"😀".repeat(600)}`]
        const resolver = Layer.succeed(WebhookResolver.WebhookResolver, {
          resolve: (outbox: string) =>
            Effect.suspend(() => {
              const reason = reasons.pop()
              return reason === undefined
                ? Effect.succeed(webhook)
                : new OutboxError.WebhookUnresolved({ outbox, reason })
            })
        })
        const outbox = yield* Outbox.make("rows", { schema: Row })
        yield* outbox.offer({ n: 1 })
        yield* Effect.provide(OutboxWorker.make(outbox, quick), resolver)
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1])
      }).pipe(provided)
    )

    it.live("keeps the backoff of a row after a restart", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        yield* Server.inject(Fault.status(503, { operation: "addData", times: "every" }))
        yield* outbox.offer({ n: 1 })
        yield* isPushedOnce(outbox, { ...quick, backoff: { initialInterval: "1 minute" } })
        assert.deepStrictEqual(yield* outbox.counts, { pending: 1, leased: 0, delivered: 0, dead: 0 })
      }).pipe(provided)
    )

    it.live("keeps waiting after a restart until the time in Retry-After has passed", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        yield* Server.inject(Fault.status(429, { operation: "addData", headers: { "retry-after": "60" } }))
        yield* outbox.offer({ n: 1 })
        yield* isPushedOnce(outbox, quick)
      }).pipe(provided)
    )

    it.live("sends no row until the time in Retry-After has passed", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        yield* Server.inject(Fault.status(429, { operation: "addData", headers: { "retry-after": "1" } }))
        yield* outbox.offerAll(rows(3))
        const startedAt = Date.now()
        yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1 })
        yield* becomes(Server.pushes, (pushes) => pushes === 1)
        yield* Effect.sleep("300 millis")
        assert.strictEqual(yield* Server.pushes, 1)
        yield* outbox.drain
        assert.isAtLeast(Date.now() - startedAt, 1000)
        assert.strictEqual(yield* Server.pushes, 4)
      }).pipe(provided)
    )

    it.live("makes only a few attempts during an outage, even if many rows wait", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* Server.inject(Fault.status(500, { operation: "addData", times: "every" }))
        yield* outbox.offerAll(rows(100))
        yield* OutboxWorker.make(outbox, { ...quick, concurrency: 4 })
        yield* becomes(Server.pushes, (pushes) => pushes >= 5)
        yield* Effect.sleep("300 millis")
        assert.isBelow(yield* Server.pushes, 30)
        yield* Server.clear
        yield* outbox.drain
        assert.sameMembers(yield* Server.held(webhook.id), ids(100))
      }).pipe(provided)
    )

    it.live("lists, re-drives and purges the rows that the server refuses", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make({ id: ({ n }) => `n${n}` })
        yield* Server.inject(Fault.status(422, { operation: "addData", times: 2, body: '{"detail":"no such column"}' }))
        yield* Server.inject(Fault.status(413, { operation: "addData" }))
        yield* outbox.offerAll(rows(4))
        yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1 })
        yield* outbox.drain
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 1, dead: 3 })
        const letters = Chunk.toReadonlyArray(yield* Stream.runCollect(outbox.deadLetters))
        assert.deepStrictEqual(
          letters.map(({ attempts, document, id }) => ({ attempts, document, id })),
          rows(3).map((document) => ({ attempts: 1, document, id: `n${document.n}` }))
        )
        assert.include(letters[0]?.error, "no such column")
        assert.include(letters[2]?.error, "413")
        assert.isAtLeast(letters[0]?.diedAt.epochMillis ?? 0, letters[0]?.offeredAt.epochMillis ?? 1)

        assert.strictEqual(yield* outbox.purge(["n2", "n3", "unknown"]), 1)
        assert.strictEqual(yield* outbox.redrive(["n0"]), 1)
        assert.strictEqual(yield* outbox.redrive(), 1)
        yield* outbox.drain
        assert.sameMembers(yield* Server.held(webhook.id), [3, 0, 1])
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 3, dead: 0 })
      }).pipe(provided)
    )

    it.live("makes a dead letter of every row that gets a 413, and retries a row that gets a 405", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        yield* Server.inject(Fault.status(413, { operation: "addData", times: 25 }))
        yield* Server.inject(Fault.status(405, { operation: "addData", times: 1 }))
        yield* outbox.offerAll(rows(26))
        yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1 })
        yield* outbox.drain
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 1, dead: 25 })
      }).pipe(provided)
    )

    it.live("pauses after a 429, even if its Retry-After is zero", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        const headers = { "retry-after": "0" }
        yield* Server.inject(Fault.status(429, { operation: "addData", headers, times: "every" }))
        yield* outbox.offerAll(rows(3))
        yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1 })
        yield* becomes(Server.pushes, (pushes) => pushes === 1)
        yield* Effect.sleep("600 millis")
        assert.strictEqual(yield* Server.pushes, 1)
      }).pipe(provided)
    )

    it.live("finds the refused row in a batch, and delivers the other rows", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* Server.inject(Fault.status(400, { operation: "addData", times: 3 }))
        yield* outbox.offerAll(rows(4))
        yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1, batch: {} })
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1, 2, 3])
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 3, dead: 1 })
      }).pipe(provided)
    )

    it.live("makes no more dead letters after 20 refused rows without a success", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        yield* Server.inject(Fault.status(400, { operation: "addData", times: "every" }))
        yield* outbox.offerAll(rows(30))
        yield* OutboxWorker.make(outbox, { ...quick, backoff: { initialInterval: "1 minute" } })
        yield* becomes(Server.pushes, (pushes) => pushes >= 25)
        yield* becomes(outbox.counts, ({ dead }) => dead >= 20)
        yield* Effect.sleep("100 millis")
        const { dead, leased, pending } = yield* outbox.counts
        assert.deepStrictEqual([dead, leased + pending], [20, 10])
      }).pipe(provided)
    )

    it.live("makes each refused row a dead letter, even if rows between the refused rows are accepted", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        yield* Server.inject(Fault.status(400, { operation: "addData", times: 15 }))
        yield* Server.inject(Fault.delay({ operation: "addData" }))
        yield* Server.inject(Fault.status(400, { operation: "addData", times: 15 }))
        yield* outbox.offerAll(rows(31))
        yield* OutboxWorker.make(outbox, { ...quick, concurrency: 1 })
        yield* outbox.drain
        assert.deepStrictEqual(yield* outbox.counts, { pending: 0, leased: 0, delivered: 1, dead: 30 })
      }).pipe(provided)
    )

    it.live("refuses to settle or renew a row for a worker if another worker has claimed the row", () =>
      Effect.gen(function* () {
        const store = yield* OutboxStore.OutboxStore
        yield* store.insert("rows", [{ id: "a", payload: "{}" }])
        const [first] = yield* store.claim("rows", { owner: "one", limit: 10, leaseMillis: 1000 })
        assert.deepStrictEqual(yield* store.claim("rows", { owner: "two", limit: 10, leaseMillis: 1000 }), [])
        yield* Effect.sleep("1100 millis")
        assert.deepStrictEqual(yield* store.counts("rows"), { pending: 1, leased: 0, delivered: 0, dead: 0 })
        const [second] = yield* store.claim("rows", { owner: "two", limit: 10, leaseMillis: 60_000 })
        if (first === undefined || second === undefined) return assert.fail("the row was not claimed")
        assert.deepStrictEqual([first.attempts, second.attempts], [1, 2])
        const delivered = { state: "delivered", delayMillis: null, error: null } as const
        assert.deepStrictEqual(yield* store.renew("one", [first], 60_000), [])
        assert.deepStrictEqual(yield* store.settle("one", [{ ...first, ...delivered }]), [])
        // Check that the same worker cannot settle the row under an older claim.
        assert.deepStrictEqual(yield* store.settle("two", [{ ...first, ...delivered }]), [])
        assert.deepStrictEqual(yield* store.counts("rows"), { pending: 0, leased: 1, delivered: 0, dead: 0 })
        assert.deepStrictEqual(yield* store.renew("two", [second], 60_000), [second.sequence])
        assert.deepStrictEqual(yield* store.settle("two", [{ ...second, ...delivered }]), [second.sequence])
        assert.deepStrictEqual(yield* store.settle("two", [{ ...second, ...delivered }]), [])
        assert.deepStrictEqual(yield* store.counts("rows"), { pending: 0, leased: 0, delivered: 1, dead: 0 })
      }).pipe(provided)
    )

    it.live("delivers the rows of a killed worker after their leases have ended", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* outbox.offerAll(rows(5))
        const gone = yield* outbox.source.store.claim("rows", { owner: "killed", limit: 3, leaseMillis: 1000 })
        assert.strictEqual(gone.length, 3)
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        const held = yield* Server.held(webhook.id)
        assert.sameMembers(held.slice(0, 2), [3, 4])
        assert.sameMembers(held.slice(2), [0, 1, 2])
      }).pipe(provided)
    )

    it.live("renews the leases of rows that wait longer than a lease, even if the machines' clocks differ", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* Server.inject(Fault.delay({ operation: "addData", times: "every", delayBefore: "400 millis" }))
        yield* outbox.offerAll(rows(12))
        const options: OutboxWorker.Options = { ...quick, concurrency: 1, lease: "4 seconds" }
        const here = yield* Effect.clock
        const workers = yield* Effect.forEach([-60_000, 0, 60_000], (ahead) =>
          Effect.withClock(OutboxWorker.make(outbox, options), {
            ...here,
            currentTimeMillis: Effect.map(here.currentTimeMillis, (now) => now + ahead),
            unsafeCurrentTimeMillis: () => here.unsafeCurrentTimeMillis() + ahead,
            sleep: (duration) => here.sleep(duration),
            unsafeCurrentTimeNanos: () => here.unsafeCurrentTimeNanos()
          })
        )
        yield* outbox.drain
        assert.deepStrictEqual(
          (yield* Server.held(webhook.id)).toSorted((a, b) => a - b),
          ids(12)
        )
        const reports = yield* Effect.all(workers.map(({ report }) => report))
        assert.deepStrictEqual(
          reports.map(({ lost }) => lost),
          [0, 0, 0]
        )
        // Check that one worker delivered all rows. If a lease had ended, another worker would have taken the row.
        assert.deepStrictEqual(
          reports.map(({ delivered }) => delivered).toSorted((a, b) => a - b),
          [0, 0, 12]
        )
      }).pipe(provided)
    )

    it.live("sends each row in flight only once, even if the worker pauses for longer than its lease", () =>
      Effect.gen(function* () {
        const store = yield* OutboxStore.OutboxStore
        // Simulate a worker that paused: end leases after a second, do not renew them, and settle rows only after they
        // were claimed again. The worker's own lease is long, so that no request has a timeout on a busy machine.
        const isGivenAgain = yield* Effect.makeLatch(false)
        let claims = 0
        const slow: OutboxStore.Service = {
          ...store,
          claim: (name, claim) =>
            Effect.tap(store.claim(name, { ...claim, leaseMillis: 1000 }), (claimed) =>
              claimed.length > 0 && ++claims === 2 ? isGivenAgain.open : Effect.void
            ),
          renew: () => Effect.never,
          settle: (...given) => Effect.zipRight(isGivenAgain.await, store.settle(...given))
        }
        const { outbox, webhook } = yield* Effect.provideService(make(), OutboxStore.OutboxStore, slow)
        yield* outbox.offerAll(rows(3))
        const { report } = yield* OutboxWorker.make(outbox, { ...quick, lease: "1 minute" })
        yield* outbox.drain
        assert.sameMembers(yield* Server.held(webhook.id), ids(3))
        assert.deepStrictEqual(yield* report, { delivered: 3, dead: 0, retried: 0, lost: 0 })
      }).pipe(provided)
    )

    it.live("delivers a row that the worker claims again before the store has confirmed the row's last result", () =>
      Effect.gen(function* () {
        const store = yield* OutboxStore.OutboxStore
        // Delay the store's first confirmation: the store records the result immediately, but `settle` returns later.
        let settled = 0
        const slow: OutboxStore.Service = {
          ...store,
          settle: (...given) =>
            Effect.tap(store.settle(...given), () => (settled++ === 0 ? Effect.sleep("400 millis") : Effect.void))
        }
        const { outbox, webhook } = yield* Effect.provideService(make(), OutboxStore.OutboxStore, slow)
        yield* Server.inject(Fault.status(503, { operation: "addData" }))
        yield* outbox.offer({ n: 1 })
        yield* OutboxWorker.make(outbox, quick)
        yield* outbox.drain
        assert.deepStrictEqual(yield* Server.held(webhook.id), [1])
      }).pipe(provided)
    )

    it.live("waits for 50 % to 100 % of the backoff, and limits the backoff to maxInterval", () =>
      Effect.gen(function* () {
        const store = yield* OutboxStore.OutboxStore
        const delays: Array<number> = []
        const noting: OutboxStore.Service = {
          ...store,
          settle: (owner, settlements) => {
            for (const { delayMillis, state } of settlements) if (state === "pending") delays.push(delayMillis ?? -1)
            return store.settle(owner, settlements)
          }
        }
        const { outbox } = yield* Effect.provideService(make(), OutboxStore.OutboxStore, noting)
        yield* Server.inject(Fault.status(503, { operation: "addData", times: 4 }))
        yield* outbox.offer({ n: 1 })
        yield* OutboxWorker.make(outbox, {
          ...quick,
          backoff: { initialInterval: "10 millis", exponent: 5, maxInterval: "100 millis" }
        })
        yield* outbox.drain
        const longest = [10, 50, 100, 100]
        assert.strictEqual(delays.length, longest.length)
        for (const [i, most] of longest.entries()) {
          assert.isAtLeast(delays[i] ?? 0, most / 2)
          assert.isAtMost(delays[i] ?? 0, most)
        }
      }).pipe(provided)
    )

    it.live("restarts the backoff of a dead letter that `redrive` puts back", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        yield* outbox.offer({ n: 1 })
        const { store } = outbox.source
        const claim = store.claim("rows", { owner: "one", limit: 1, leaseMillis: 60_000 })
        for (const attempts of [1, 2]) {
          const [row] = yield* claim
          if (row === undefined) return assert.fail("the row was not claimed")
          assert.strictEqual(row.attempts, attempts)
          const state = attempts === 1 ? "pending" : "dead"
          yield* store.settle("one", [{ ...row, state, delayMillis: 0, error: "no" }])
        }
        yield* outbox.redrive()
        assert.strictEqual((yield* claim)[0]?.attempts, 1)
      }).pipe(provided)
    )

    it.live("waits for requests in flight when the worker's scope ends, and gives back the other rows", () =>
      Effect.gen(function* () {
        const { outbox, webhook } = yield* make()
        yield* Server.inject(Fault.delay({ operation: "addData", times: "every", delayBefore: "200 millis" }))
        yield* outbox.offerAll(rows(10))
        yield* Effect.scoped(
          Effect.zipRight(
            OutboxWorker.make(outbox, { ...quick, concurrency: 2 }),
            becomes(Server.pushes, (pushes) => pushes === 2)
          )
        )
        assert.strictEqual((yield* Server.held(webhook.id)).length, 2)
        assert.deepStrictEqual(yield* outbox.counts, { pending: 8, leased: 0, delivered: 2, dead: 0 })
        const claimed = yield* outbox.source.store.claim("rows", { owner: "next", limit: 10, leaseMillis: 1000 })
        assert.deepStrictEqual(
          claimed.map(({ attempts }) => attempts),
          Array.from({ length: 8 }, () => 1)
        )
      }).pipe(provided)
    )

    it.live("ends a worker immediately while requests wait for the rate limit, and gives back their rows", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        yield* outbox.offerAll(rows(5))
        yield* Effect.scoped(
          Effect.zipRight(
            OutboxWorker.make(outbox, { ...quick, rateLimit: { requests: 1, per: "1 hour" } }),
            becomes(outbox.counts, ({ delivered }) => delivered === 1)
          )
        )
        assert.deepStrictEqual(yield* outbox.counts, { pending: 4, leased: 0, delivered: 1, dead: 0 })
      }).pipe(provided)
    )

    it.live("makes at most as many requests as the rate limit allows", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make()
        yield* outbox.offerAll(rows(12))
        yield* OutboxWorker.make(outbox, { ...quick, rateLimit: { requests: 5, per: "400 millis" } })
        yield* Effect.sleep("300 millis")
        assert.isAtMost(yield* Server.pushes, 9)
        yield* outbox.drain
        assert.strictEqual(yield* Server.pushes, 12)
      }).pipe(provided)
    )

    it.live("prunes rows that were delivered long ago, and then accepts new rows with the same ids", () =>
      Effect.gen(function* () {
        const { outbox } = yield* make({ id: ({ n }) => `n${n}` })
        yield* outbox.offerAll(rows(1200))
        yield* OutboxWorker.make(outbox, { ...quick, batch: {} })
        yield* outbox.drain
        assert.strictEqual(yield* outbox.prune("1 hour"), 0)
        assert.isTrue((yield* outbox.offer({ n: 1 })).isDuplicate)
        yield* Effect.sleep("5 millis")
        assert.strictEqual(yield* outbox.prune("1 millis"), 1200)
        assert.isFalse((yield* outbox.offer({ n: 1 })).isDuplicate)
        yield* OutboxWorker.make(outbox, { ...quick, keepDelivered: "50 millis" })
        yield* becomes(outbox.counts, ({ delivered, pending }) => delivered + pending === 0)
      }).pipe(provided)
    )
  })
}
