import { assert, describe, it } from "@effect/vitest"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Effect, Exit, FastCheck as fc, Fiber, FiberId, Option, Schema, Scope, Stream } from "effect"
import { Ingestor, WebhookSink } from "../src/index.js"
import * as Server from "./support/Server.js"

const Row = Schema.Struct({ id: Schema.Int, text: Schema.String })

const operation = "addData"

const fault = fc.oneof(
  fc
    .integer({ min: 1, max: 4 })
    .map((times) => Fault.status(429, { operation, times, headers: { "retry-after": "0" } })),
  fc.constant(Fault.status(429, { operation })),
  fc.integer({ min: 1, max: 3 }).map((times) => Fault.status(400, { operation, times })),
  fc.constant(Fault.status(413, { operation })),
  fc.boolean().map((acts) => Fault.reset("start", { operation, acts })),
  fc.boolean().map((acts) => Fault.status(503, { operation, acts })),
  fc.constant(Fault.delay({ operation, delayBefore: "30 millis" })),
  fc.constant(Fault.delay({ operation, delayAfter: "30 millis" }))
)

const scenario = fc.record({
  rows: fc.array(fc.record({ text: fc.string({ maxLength: 40 }) }), {
    maxLength: 60
  }),
  batch: fc.option(
    fc.record({
      maxRows: fc.integer({ min: 1, max: 12 }),
      maxBytes: fc.integer({ min: 10, max: 600 }),
      maxWait: fc.constantFrom(undefined, "1 millis" as const, "4 millis" as const)
    }),
    { nil: undefined }
  ),
  concurrency: fc.integer({ min: 1, max: 6 }),
  faults: fc.array(fault, { maxLength: 5 }),
  /** The pause that the source makes after every fifth row, in milliseconds. */
  pace: fc.constantFrom(0, 0, 3),
  /** `true` if the source fails after its last row. */
  breaks: fc.constantFrom(false, false, false, true),
  /** One row in this number of rows is too large for the server. If undefined, no row is too large. */
  hugeEvery: fc.option(fc.integer({ min: 3, max: 20 }), { nil: undefined }),
  badEvery: fc.option(fc.integer({ min: 2, max: 9 }), { nil: undefined }),
  interruptAfter: fc.option(fc.integer({ min: 0, max: 60 }))
})

const service = fc.record({
  offers: fc.integer({ min: 1, max: 60 }),
  capacity: fc.integer({ min: 1, max: 8 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  batch: fc.option(
    fc.record({
      maxRows: fc.integer({ min: 1, max: 12 }),
      maxWait: fc.constantFrom(undefined, "2 millis" as const)
    }),
    { nil: undefined }
  ),
  faults: fc.array(fault, { maxLength: 3 }),
  badEvery: fc.option(fc.integer({ min: 2, max: 9 }), { nil: undefined }),
  flushes: fc.integer({ min: 0, max: 3 }),
  endsAfter: fc.integer({ min: 0, max: 40 }),
  ends: fc.constantFrom(Exit.void, Exit.fail("no"), Exit.interrupt(FiberId.none))
})

describe("An ingestor with random offers, buffers, faults and scope exits", () => {
  it.live(
    "reports each row once, passes undelivered rows to onUndelivered, and leaves no offer waiting",
    () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.Emulator
        for (const each of fc.sample(service, { numRuns: 60, seed: 5 })) {
          const { badEvery, batch, capacity, concurrency, ends, endsAfter, faults, flushes, offers } = each
          yield* emulator.clearFaults
          const webhook = yield* Server.api.create({ mode: "combine" })
          for (const one of faults) yield* emulator.inject(one)
          const told = new Map<number, Array<string>>()
          const handed: Array<number> = []
          const scope = yield* Scope.make()
          const ingestor = yield* Ingestor.make(webhook, {
            schema: Row,
            capacity,
            concurrency,
            batch,
            onBadRow: "continue",
            drainTimeout: "200 millis",
            onOutcome: ({ end, row }) => Effect.sync(() => void told.set(row.id, [...(told.get(row.id) ?? []), end])),
            onUndelivered: ({ row }) => Effect.sync(() => void handed.push(row.id))
          }).pipe(Scope.extend(scope))
          const ids = Array.from({ length: offers }, (_, id) =>
            badEvery !== undefined && id % badEvery === 0 ? id + 0.5 : id
          )
          const offering = yield* Effect.forEach(ids, (id) =>
            Effect.fork(Effect.exit(ingestor.offer({ id, text: "" })))
          )
          const flushing = yield* Effect.forEach(Array.from({ length: flushes }), () =>
            Effect.fork(Effect.exit(ingestor.flush))
          )
          yield* Effect.sleep(endsAfter)
          yield* Scope.close(scope, ends)
          const shown = JSON.stringify(each)
          const results = yield* Effect.forEach(offering, Fiber.join).pipe(Effect.timeout("2 seconds"))
          yield* Effect.forEach(flushing, Fiber.join).pipe(Effect.timeout("2 seconds"))
          yield* Effect.sleep(20)
          const there = (yield* emulator.rows(webhook.id)).map((row) =>
            typeof row === "object" && row !== null && "id" in row ? Number(row.id) : -1
          )
          const report = yield* ingestor.report
          assert.strictEqual(report.pending, 0, shown)
          for (const [i, id] of ids.entries()) {
            const result = results[i]
            const isTaken = result !== undefined && Exit.isSuccess(result)
            const [end, ...more] = told.get(id) ?? []
            assert.deepStrictEqual(more, [], shown)
            assert.strictEqual(end !== undefined, isTaken, `${id} ${shown}`)
            assert.strictEqual(handed.includes(id), end === "undelivered" || end === "unknown", `${id} ${shown}`)
            const times = there.filter((one) => one === id).length
            if (end === "accepted") assert.strictEqual(times, 1, `${id} ${shown}`)
            else if (end === "unknown") assert.isAtMost(times, 1, `${id} ${shown}`)
            else assert.strictEqual(times, 0, `${id} ${end} ${shown}`)
          }
        }
      }).pipe(Effect.provide(Server.layer({ emulator: { arraysAreRows: true, bodyLimit: 500 } }))),
    120_000
  )
})

describe("A run with random rows, limits, faults and interruptions", () => {
  it.live(
    "reports each row once, and writes each accepted row to the dataset exactly once",
    () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.Emulator
        let interrupted = 0
        for (const { badEvery, batch, breaks, concurrency, faults, hugeEvery, interruptAfter, pace, rows } of fc.sample(
          scenario,
          {
            numRuns: 120,
            seed: 11
          }
        )) {
          yield* emulator.clearFaults
          const webhook = yield* Server.api.create({ mode: "combine" })
          for (const each of faults) yield* emulator.inject(each)
          const ends = new Map<number, Array<string>>()
          const ingestion = yield* WebhookSink.make(webhook, {
            schema: Row,
            concurrency,
            onBadRow: "continue",
            onOutcome: ({ end, index }) => Effect.sync(() => void ends.set(index, [...(ends.get(index) ?? []), end])),
            ...(batch === undefined ? {} : { batch })
          })
          const source = Stream.fromIterable(
            rows.map(({ text }, id) => ({
              id: badEvery !== undefined && id % badEvery === 0 ? id + 0.5 : id,
              text: hugeEvery !== undefined && id % hugeEvery === 1 ? "x".repeat(600) : text
            }))
          ).pipe(
            Stream.tap(({ id }) => (pace > 0 && id % 5 === 4 ? Effect.sleep(pace) : Effect.void)),
            Stream.concat(breaks ? Stream.fail("the source is gone" as const) : Stream.empty)
          )
          const fiber = yield* Effect.fork(Effect.exit(Stream.run(source, ingestion.sink)))
          if (Option.isSome(Option.fromNullable(interruptAfter))) {
            yield* Effect.sleep(interruptAfter ?? 0)
            yield* Fiber.interrupt(fiber)
            interrupted += 1
          } else {
            yield* Fiber.join(fiber)
          }
          const report = yield* ingestion.report
          // Wait for requests that were in flight at the interruption, because they may still arrive.
          yield* Effect.sleep(interruptAfter === null ? 0 : 80)
          const there = (yield* emulator.rows(webhook.id)).map((row) =>
            typeof row === "object" && row !== null && "id" in row ? Number(row.id) : -1
          )
          const told = JSON.stringify({
            report,
            faults,
            batch,
            breaks,
            concurrency,
            hugeEvery,
            interruptAfter,
            pace,
            rows: rows.length
          })

          const sum = (["accepted", "refused", "dead", "unknown", "undelivered"] as const).reduce(
            (total, end) => total + report[end].rows,
            0
          )
          assert.strictEqual(sum + report.pending, report.offered, told)
          assert.strictEqual(report.pending, 0, told)
          assert.strictEqual(ends.size, report.offered, told)
          for (const [index, each] of ends) {
            assert.strictEqual(each.length, 1, told)
            const times = there.filter((id) => id === index).length
            if (each[0] === "accepted") assert.strictEqual(times, 1, told)
            else if (each[0] === "unknown") assert.isAtMost(times, 1, told)
            else assert.strictEqual(times, 0, `${each[0]} ${told}`)
            const isHuge = hugeEvery !== undefined && index % hugeEvery === 1
            if (isHuge) assert.notStrictEqual(each[0], "accepted", told)
          }
        }
        assert.isAbove(interrupted, 25)
      }).pipe(Effect.provide(Server.layer({ emulator: { arraysAreRows: true, bodyLimit: 500 } }))),
    120_000
  )
})
