import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import { WebhooksError } from "@mammoth-effect/core"
import {
  Cause,
  Clock,
  Deferred,
  type Duration,
  Effect,
  Either,
  Exit,
  Fiber,
  FiberId,
  Layer,
  Logger,
  LogLevel,
  Option,
  Random,
  Schema,
  Scope,
  Stream,
  TestClock
} from "effect"
import {
  IngestReport,
  Ingestor,
  MammothConfig,
  RequestOptions,
  RetryPolicy,
  RowSource,
  Webhooks,
  WebhookSink,
  WebhookTarget
} from "../src/index.js"
import * as Server from "./support/Server.js"

const Order = Schema.Struct({ id: Schema.Int })

const orders = (n: number) => Stream.range(0, n - 1).pipe(Stream.map((id) => ({ id })))

const target = WebhookTarget.assumeCombine("g7rHe3mUqUGPEpnc4XxeDWJa")

interface Seen {
  /** The time at which the request arrived, in seconds. */
  readonly at: number
  /** The ids of the request's rows. */
  readonly ids: ReadonlyArray<number>
  /** The number of requests in flight when this request arrived, including this request. */
  readonly atOnce: number
}

interface Answer {
  readonly status: number
  readonly headers?: Record<string, string>
}

const ok: Answer = { status: 200 }
const busy = (seconds: number): Answer => ({ status: 429, headers: { "retry-after": String(seconds) } })

const Ids = Schema.parseJson(Schema.Union(Order, Schema.Array(Order)))

/** Makes a server that takes one second of virtual time for each request. */
const server = (answer: (request: Seen, nth: number) => Answer) => {
  const seen: Array<Seen> = []
  let underWay = 0
  const transport = HttpClient.make((request) =>
    Effect.gen(function* () {
      underWay += 1
      const body = request.body._tag === "Uint8Array" ? new TextDecoder().decode(request.body.body) : "[]"
      const rows = yield* Effect.orDie(Schema.decode(Ids)(body))
      const each = {
        at: Math.round((yield* Clock.currentTimeMillis) / 1000),
        ids: ("id" in rows ? [rows] : rows).map(({ id }) => id),
        atOnce: underWay
      }
      const { headers = {}, status } = answer(each, seen.push(each) - 1)
      yield* Effect.sleep("1 second")
      return HttpClientResponse.fromWeb(request, new Response("{}", { status, headers }))
    }).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          underWay -= 1
        })
      )
    )
  )
  const layer = Webhooks.layer.pipe(
    Layer.provide([
      Layer.succeed(HttpClient.HttpClient, transport),
      Server.keys("key", "secret"),
      MammothConfig.layer({ baseUrl: "http://localhost/api/v2" })
    ])
  )
  return { seen, layer }
}

/** Runs an effect to its end in virtual time. */
const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>, time: Duration.DurationInput = "1 hour") =>
  Effect.gen(function* () {
    const fiber = yield* Effect.fork(effect)
    yield* TestClock.adjust(time)
    return yield* Fiber.join(fiber)
  })

const run = (n: number, options: Partial<WebhookSink.Options<typeof Order.Type>>) =>
  Stream.run(orders(n), WebhookSink.append(target, { schema: Order, ...options }))

describe("An ingestion that gets a 429", () => {
  it.effect(
    "waits as long as Retry-After says, halves its concurrency once, and restores the concurrency later",
    () => {
      const { layer, seen } = server((_, nth) => (nth < 8 ? busy(10) : ok))
      return Effect.gen(function* () {
        const report = yield* inTime(run(200, { concurrency: 8 }))
        assert.strictEqual(report.accepted.rows, 200)
        assert.strictEqual(report.retries, 8)
        const after = seen.slice(8)
        // Expect only eight requests in the first 11 s: their responses arrive after 1 s, and ask for a wait of 10 s.
        assert.deepStrictEqual(
          seen.filter(({ at }) => at < 11).map(({ at }) => at),
          Array<number>(8).fill(0)
        )
        const most = (from: number, to: number) =>
          Math.max(...after.filter(({ at }) => at >= from && at < to).map(({ atOnce }) => atOnce))
        assert.strictEqual(most(11, 12), 4)
        assert.strictEqual(most(20, 60), 8)
      }).pipe(Effect.provide(layer))
    }
  )

  for (const [what, header] of Object.entries({ zero: "0", "a past date": "Thu, 01 Jan 1970 00:00:00 GMT" })) {
    it.effect(`uses its own backoff if Retry-After is ${what}`, () => {
      const { layer, seen } = server(() => ({ status: 429, headers: { "retry-after": header } }))
      return Effect.gen(function* () {
        const fiber = yield* Effect.fork(Effect.withRandom(run(1, {}), Random.fixed([0.5])))
        yield* TestClock.adjust("1 minute")
        yield* Fiber.interrupt(fiber)
        // Expect growing pauses: each request takes 1 s, and each pause is half of a backoff that doubles from 500 ms.
        assert.deepStrictEqual(
          seen.map(({ at }) => at),
          [0, 1, 3, 5, 8, 13, 22, 39]
        )
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("treats 421 and 425 like a 429", () => {
    const { layer, seen } = server((_, nth) => [{ status: 421 }, { status: 425 }][nth] ?? ok)
    return Effect.gen(function* () {
      const once = RequestOptions.withOptions({ retry: RetryPolicy.none })
      const report = yield* inTime(once(run(20, { concurrency: 2 })))
      assert.deepStrictEqual([report.accepted.rows, report.retries], [20, 2])
      assert.isTrue(seen.some(({ atOnce }, nth) => nth > 1 && atOnce === 1))
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails if the wait would exceed the throttle deadline, and counts its rows as undelivered", () => {
    const { layer } = server(() => busy(60))
    return Effect.gen(function* () {
      const ingestion = yield* WebhookSink.make(target, { schema: Order, throttleDeadline: "30 seconds" })
      const error = yield* inTime(Effect.flip(Stream.run(orders(5), ingestion.sink)), "2 seconds")
      assert.strictEqual(error._tag, "MammothRateLimited")
      const report = yield* ingestion.report
      assert.deepStrictEqual([report.undelivered.rows, report.pending], [report.offered, 0])
    }).pipe(Effect.provide(layer))
  })
})

describe("An ingestion with refused rows", () => {
  it.effect("makes only the refused row a dead letter, and delivers the other rows", () => {
    const { layer } = server(({ ids }) => (ids.includes(5) ? { status: 422 } : ok))
    return Effect.gen(function* () {
      const letters: Array<number> = []
      const report = yield* inTime(
        run(12, {
          batch: { maxRows: 4 },
          onDeadLetter: ({ index }) => Effect.sync(() => void letters.push(index))
        })
      )
      assert.deepStrictEqual([report.accepted.rows, report.dead.rows], [11, 1])
      assert.deepStrictEqual(letters, [5])
    }).pipe(Effect.provide(layer))
  })

  for (const status of [409, 415, 422]) {
    it.effect(`counts only the refused row as dead after a ${status}`, () => {
      const { layer } = server(({ ids }) => (ids.includes(3) ? { status } : ok))
      return Effect.gen(function* () {
        const report = yield* inTime(run(8, { batch: { maxRows: 8 } }))
        assert.deepStrictEqual([report.accepted.rows, report.dead.rows], [7, 1])
      }).pipe(Effect.provide(layer))
    })
  }

  it.effect("halves a batch even if the SDK itself refuses the batch before sending", () => {
    const sent: Array<string> = []
    const tooLong = { path: ["data"], expected: "a shorter document", received: "a long one" }
    const error = new WebhooksError.InvalidRequest({
      operation: "addData",
      method: "POST",
      route: "/",
      issues: [tooLong]
    })
    const layer = Webhooks.layerTest({
      addEncodedData: (_, body) =>
        String(body).includes("3") ? Effect.fail(error) : Effect.sync(() => void sent.push(String(body)))
    })
    return Effect.gen(function* () {
      const report = yield* run(4, { batch: { maxRows: 4 } })
      assert.deepStrictEqual([report.accepted.rows, report.dead.rows], [3, 1])
      assert.deepStrictEqual(sent, ['[{"id":0},{"id":1}]', '[{"id":2}]'])
    }).pipe(Effect.provide(layer))
  })

  it.effect("continues if fewer than 20 rows are refused between two deliveries", () => {
    const { layer } = server(({ ids }) => (ids[0] === 19 || ids[0] === 39 ? ok : { status: 400 }))
    return Effect.gen(function* () {
      const report = yield* inTime(run(59, { concurrency: 1 }))
      assert.deepStrictEqual([report.accepted.rows, report.dead.rows], [2, 57])
    }).pipe(Effect.provide(layer))
  })
})

describe("An error that affects every row", () => {
  for (const status of [401, 403, 404, 405, 410, 451]) {
    it.effect(`ends a run or an ingestor after status ${status}, and the rows are undelivered`, () => {
      const { layer, seen } = server(() => ({ status }))
      return Effect.gen(function* () {
        const ingestion = yield* WebhookSink.make(target, { schema: Order, batch: { maxRows: 5 }, concurrency: 1 })
        const sunk = yield* inTime(Effect.flip(Stream.run(orders(5), ingestion.sink)))
        assert.strictEqual("status" in sunk ? sunk.status : 0, status)
        assert.strictEqual((yield* ingestion.report).undelivered.rows, 5)
        assert.strictEqual(seen.length, 1)

        const handed: Array<string> = []
        const offered = yield* Effect.scoped(
          Effect.gen(function* () {
            const { flush, offer } = yield* Ingestor.make(target, {
              schema: Order,
              onUndelivered: ({ end }) => Effect.sync(() => void handed.push(end))
            })
            yield* offer({ id: 1 })
            yield* inTime(Effect.ignore(flush))
            return yield* Effect.flip(offer({ id: 2 }))
          })
        )
        assert.strictEqual(offered._tag, sunk._tag)
        assert.deepStrictEqual(handed, ["undelivered"])
      }).pipe(Effect.provide(layer))
    })
  }

  it.scoped("ends an ingestor if the error is a CredentialsError", () => {
    const layer = Webhooks.layerTest({
      addEncodedData: () => Effect.fail(new WebhooksError.CredentialsError({ reason: "the vault is gone" }))
    })
    return Effect.gen(function* () {
      const { flush, offer } = yield* Ingestor.make(target, { schema: Order, onUndelivered: () => Effect.void })
      yield* offer({ id: 1 })
      assert.strictEqual((yield* Effect.flip(flush))._tag, "MammothCredentialsError")
    }).pipe(Effect.provide(layer))
  })
})

describe("Unknown deliveries", () => {
  it.effect(
    "make a run fail after 20 responses with 503, even if the server also responds to one request with 400",
    () => {
      const { layer, seen } = server((_, nth) => (nth === 10 ? { status: 400 } : { status: 503 }))
      return Effect.gen(function* () {
        const ingestion = yield* WebhookSink.make(target, { schema: Order, concurrency: 1 })
        const error = yield* inTime(Effect.flip(Stream.run(orders(50), ingestion.sink)))
        assert.strictEqual(error._tag, "MammothServerError")
        const report = yield* ingestion.report
        assert.deepStrictEqual([report.unknown.rows, report.dead.rows, report.pending], [20, 1, 0])
        assert.strictEqual(seen.length, 21)
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("do not stop a run while at least one of every 20 requests succeeds", () => {
    const { layer } = server((_, nth) => (nth % 20 === 19 ? ok : { status: 503 }))
    return Effect.gen(function* () {
      const report = yield* inTime(run(60, { concurrency: 1 }))
      assert.deepStrictEqual([report.unknown.rows, report.accepted.rows], [57, 3])
    }).pipe(Effect.provide(layer))
  })

  it.scoped("do not stop an ingestor, even after 30 responses with 503", () => {
    const { layer } = server((_, nth) => (nth < 30 ? { status: 503 } : ok))
    return Effect.gen(function* () {
      const { flush, offer, report } = yield* Ingestor.make(target, { schema: Order, onUndelivered: () => Effect.void })
      yield* Effect.forEach(
        Array.from({ length: 31 }, (_, id) => ({ id })),
        offer
      )
      yield* inTime(flush)
      const { accepted, unknown } = yield* report
      assert.deepStrictEqual([unknown.rows, accepted.rows], [30, 1])
    }).pipe(Effect.provide(layer))
  })

  it.effect("make the rows count as unknown, even if the server refuses a later attempt of the same request", () => {
    const { layer } = server((_, nth) => (nth === 0 ? { status: 503 } : { status: 400 }))
    return Effect.gen(function* () {
      const report = yield* inTime(RequestOptions.withOptions({ atLeastOnce: true })(run(4, { batch: { maxRows: 4 } })))
      assert.deepStrictEqual([report.unknown.rows, report.dead.rows, report.requests], [4, 0, 1])
    }).pipe(Effect.provide(layer))
  })
})

describe("A batch", () => {
  it.effect("is sent when maxWait has passed since its own first row, even directly after a full batch", () => {
    const { layer, seen } = server(() => ok)
    return Effect.gen(function* () {
      const later = (id: number, wait: Duration.DurationInput) =>
        Stream.fromEffect(Effect.as(Effect.sleep(wait), { id }))
      const rows = orders(2).pipe(Stream.concat(later(2, "9 seconds")), Stream.concat(later(3, "1 minute")))
      const options = { schema: Order, batch: { maxRows: 2, maxWait: "10 seconds" } } as const
      yield* inTime(Stream.run(rows, WebhookSink.append(target, options)))
      assert.deepStrictEqual(
        seen.map(({ at, ids }) => [at, ids]),
        [
          [0, [0, 1]],
          [19, [2]],
          [69, [3]]
        ]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("is undelivered if the run is interrupted before the batch is full", () => {
    const { layer, seen } = server(() => ok)
    return Effect.gen(function* () {
      const ingestion = yield* WebhookSink.make(target, { schema: Order, batch: { maxRows: 10 } })
      const fiber = yield* Effect.fork(Stream.run(Stream.concat(orders(13), Stream.never), ingestion.sink))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.interrupt(fiber)
      const report = yield* ingestion.report
      assert.deepStrictEqual(
        [report.offered, report.accepted.rows, report.undelivered.rows, report.pending],
        [13, 10, 3, 0]
      )
      assert.strictEqual(seen.length, 1)
    }).pipe(Effect.provide(layer))
  })
})

describe("A run", () => {
  it.effect("delivers every row even if maxWait is over before a batch is full", () => {
    const { layer } = server(() => ok)
    return Effect.gen(function* () {
      const slowly = Stream.tap(orders(4), () => Effect.sleep("300 millis"))
      const batch = { maxRows: 10, maxWait: "100 millis" } as const
      const sink = WebhookSink.append(target, { schema: Order, batch, concurrency: 1 })
      const report = yield* inTime(Stream.run(slowly, sink))
      assert.deepStrictEqual([report.accepted.rows, report.pending], [4, 0])
    }).pipe(Effect.provide(layer))
  })

  it.effect("pulls only a few rows while the server is slow, even if maxWait is over", () => {
    const { layer } = server(() => ok)
    return Effect.gen(function* () {
      const ingestion = yield* WebhookSink.make(target, {
        schema: Order,
        batch: { maxRows: 2, maxWait: "1 millis" },
        concurrency: 1
      })
      yield* Effect.fork(
        Stream.run(
          Stream.tap(orders(100), () => Effect.sleep("5 millis")),
          ingestion.sink
        )
      )
      yield* TestClock.adjust("900 millis")
      assert.isAtMost((yield* ingestion.report).offered, 6)
    }).pipe(Effect.provide(layer))
  })

  it.effect("can resume at its first undelivered row, even if a later row was refused", () => {
    const { layer } = server(() => ({ status: 401 }))
    return Effect.gen(function* () {
      const ingestion = yield* WebhookSink.make(target, { schema: Order, concurrency: 1, onBadRow: "continue" })
      const rows = Stream.make({ id: 0 }, { id: 0.5 }, { id: 2 })
      yield* inTime(Effect.exit(Stream.run(rows, ingestion.sink)))
      assert.strictEqual(RowSource.nextOffset(yield* ingestion.report, 7), 7)
    }).pipe(Effect.provide(layer))
  })

  it.effect("waits for its requests in flight if its source fails, and sends nothing more", () => {
    const { layer, seen } = server(() => ok)
    return Effect.gen(function* () {
      const ingestion = yield* WebhookSink.make(target, { schema: Order, batch: { maxRows: 2 }, concurrency: 4 })
      const broken = orders(5).pipe(
        Stream.concat(Stream.drain(Stream.fromEffect(Effect.sleep("500 millis")))),
        Stream.concat(Stream.fail("the file is gone"))
      )
      assert.strictEqual(yield* inTime(Effect.flip(Stream.run(broken, ingestion.sink))), "the file is gone")
      const report = yield* ingestion.report
      assert.deepStrictEqual([report.accepted.rows, report.undelivered.rows, report.pending], [4, 1, 0])
      assert.strictEqual(seen.length, 2)
    }).pipe(Effect.provide(layer))
  })

  it.effect(
    "calls onDeadLetter for every refused row even if one call dies, and then dies with the defect of this call",
    () => {
      const { layer } = server(() => ({ status: 422 }))
      return Effect.gen(function* () {
        const letters: Array<number> = []
        const exit = yield* inTime(
          Effect.exit(
            run(4, {
              batch: { maxRows: 4 },
              onDeadLetter: ({ index }) =>
                index === 0 ? Effect.die("disk full") : Effect.sync(() => void letters.push(index))
            })
          )
        )
        assert.deepStrictEqual(letters, [1, 2, 3])
        assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      }).pipe(Effect.provide(layer), Logger.withMinimumLogLevel(LogLevel.None))
    }
  )

  it.effect("names each invalid limit in its error, and sends nothing", () => {
    const { layer, seen } = server(() => ok)
    return Effect.gen(function* () {
      const error = yield* Effect.flip(run(1, { concurrency: 0, batch: { maxRows: Number.NaN } }))
      assert.match(
        error.message,
        /concurrency: expected an integer of 1 or more.*maxRows: expected an integer of 1 or more/
      )
      assert.strictEqual(seen.length, 0)
    }).pipe(Effect.provide(layer))
  })
})

describe("An ingestor", () => {
  const make = (options: Partial<Ingestor.Options<typeof Order.Type>>) =>
    Effect.gen(function* () {
      const handed: Array<string> = []
      const made = yield* Ingestor.make(target, {
        schema: Order,
        onUndelivered: ({ end, index }) => Effect.sync(() => void handed.push(`${index} ${end}`)),
        ...options
      })
      return { ...made, handed }
    })

  it.scoped("sends a partial batch if its buffer is smaller than a batch", () => {
    const { layer, seen } = server(() => ok)
    return Effect.gen(function* () {
      const { offer, report, shutdown } = yield* make({ capacity: 2, batch: { maxRows: 500 } })
      yield* inTime(Effect.forEach([0, 1, 2, 3, 4, 5], (id) => offer({ id }), { concurrency: "unbounded" }))
      assert.isAtLeast((yield* report).accepted.rows, 4)
      assert.strictEqual((yield* inTime(shutdown)).accepted.rows, 6)
      assert.isTrue(seen.every(({ ids }) => ids.length <= 2))
    }).pipe(Effect.provide(layer))
  })

  it.scoped("sends rows in the order in which they were offered", () => {
    const { layer, seen } = server(() => ok)
    return Effect.gen(function* () {
      const { offer } = yield* make({ capacity: 3, concurrency: 1 })
      const ids = Array.from({ length: 40 }, (_, id) => id)
      yield* inTime(Effect.forEach(ids, (id) => offer({ id }), { concurrency: "unbounded" }))
      assert.deepStrictEqual(
        seen.flatMap((each) => each.ids),
        ids
      )
    }).pipe(Effect.provide(layer))
  })

  it.scoped("gives the place of an interrupted offer to the next offer", () => {
    const { layer } = server(() => ok)
    return Effect.gen(function* () {
      const { offer, report } = yield* make({ capacity: 1, concurrency: 1 })
      const offers = yield* Effect.forEach([0, 1, 2, 3], (id) => Effect.fork(offer({ id })))
      yield* TestClock.adjust("100 millis")
      const [, second, ...others] = offers
      yield* second === undefined ? assert.fail("four were made") : Fiber.interrupt(second)
      yield* inTime(Effect.forEach(others, Fiber.join))
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* report).accepted.rows, 3)
    }).pipe(Effect.provide(layer))
  })

  it.scoped("refuses rows immediately when a shutdown has begun, even if its buffer is full", () => {
    const { layer } = server(() => ok)
    return Effect.gen(function* () {
      const { offer, shutdown, tryOffer } = yield* make({ capacity: 1 })
      yield* offer({ id: 1 })
      yield* Effect.fork(shutdown)
      yield* Effect.yieldNow()
      assert.strictEqual((yield* Effect.flip(offer({ id: 2 })))._tag, "MammothIngestorClosed")
      assert.strictEqual((yield* Effect.flip(tryOffer({ id: 2 })))._tag, "MammothIngestorClosed")
      yield* TestClock.adjust("1 minute")
    }).pipe(Effect.provide(layer))
  })

  it.scoped(
    "continues if the server's wait exceeds the throttle deadline, and passes the rows to onUndelivered",
    () => {
      const { layer } = server((_, nth) => (nth === 0 ? busy(60) : ok))
      return Effect.gen(function* () {
        const { handed, offer, report } = yield* make({ throttleDeadline: "10 seconds" })
        yield* inTime(offer({ id: 0 }), "2 minutes")
        yield* inTime(offer({ id: 1 }), "2 minutes")
        assert.deepStrictEqual(handed, ["0 undelivered"])
        assert.strictEqual((yield* report).accepted.rows, 1)
      }).pipe(Effect.provide(layer))
    }
  )

  it.effect("stops when its drain timeout ends, after every kind of scope exit, and pending flushes return", () => {
    const { layer } = server(() => busy(3600))
    return Effect.gen(function* () {
      for (const exit of [Exit.void, Exit.fail("no"), Exit.die("no"), Exit.interrupt(FiberId.none)]) {
        const scope = yield* Scope.make()
        const made = yield* make({ drainTimeout: "5 seconds", concurrency: 1 }).pipe(Scope.extend(scope))
        yield* Effect.forEach([0, 1, 2], (id) => made.offer({ id }))
        const waiting = yield* Effect.fork(Effect.exit(made.flush))
        const closing = yield* Effect.fork(Scope.close(scope, exit))
        yield* TestClock.adjust("6 seconds")
        assert.isTrue(Option.isSome(yield* Fiber.poll(closing)), String(exit))
        assert.isTrue(Option.isSome(yield* Fiber.poll(waiting)), String(exit))
        assert.sameMembers(made.handed, ["0 undelivered", "1 undelivered", "2 undelivered"])
      }
    }).pipe(Effect.provide(layer))
  })
})

describe("An ingestor whose scope closes", () => {
  it.effect("refuses the waiting offers, and passes the buffered rows to onUndelivered", () => {
    const { layer } = server(() => busy(3600))
    return Effect.gen(function* () {
      const handed: Array<number> = []
      const scope = yield* Scope.make()
      const { offer } = yield* Ingestor.make(target, {
        schema: Order,
        capacity: 2,
        drainTimeout: "5 seconds",
        onUndelivered: ({ index }) => Effect.sync(() => void handed.push(index))
      }).pipe(Scope.extend(scope))
      const offers = yield* Effect.forEach([0, 1, 2, 3], (id) => Effect.fork(Effect.either(offer({ id }))))
      yield* inTime(Scope.close(scope, Exit.void), "1 minute")
      const taken = yield* Effect.forEach(offers, (fiber) => Effect.map(Fiber.join(fiber), Either.isRight))
      assert.deepStrictEqual(taken, [true, true, false, false])
      assert.sameMembers(handed, [0, 1])
    }).pipe(Effect.provide(layer))
  })

  it.effect("sends a partial batch without waiting for maxWait", () => {
    const { layer, seen } = server(() => ok)
    return Effect.gen(function* () {
      const use = Ingestor.use(
        target,
        { schema: Order, batch: { maxWait: "1 hour" }, onUndelivered: () => Effect.void },
        ({ offer }) => offer({ id: 1 })
      )
      const [, report] = yield* inTime(use, "2 seconds")
      assert.strictEqual(report.accepted.rows, 1)
      assert.strictEqual(seen.length, 1)
    }).pipe(Effect.provide(layer))
  })
})

describe("A run with failures", () => {
  it.effect("ends after a 401 even if another request waits after a 429, and sends nothing more", () => {
    const { layer, seen } = server((_, nth) => (nth === 0 ? busy(3600) : { status: 401 }))
    return Effect.gen(function* () {
      const ingestion = yield* WebhookSink.make(target, { schema: Order, concurrency: 2 })
      const error = yield* inTime(Effect.flip(Stream.run(orders(10), ingestion.sink)), "5 seconds")
      assert.strictEqual(error._tag, "MammothUnauthorized")
      assert.strictEqual(seen.length, 2)
      assert.strictEqual((yield* ingestion.report).pending, 0)
    }).pipe(Effect.provide(layer))
  })

  it.effect("does not send a batch that still waits for a worker when the source fails", () => {
    const { layer, seen } = server(() => ok)
    return Effect.gen(function* () {
      const ingestion = yield* WebhookSink.make(target, { schema: Order, concurrency: 1 })
      const source = Stream.concat(orders(2), Stream.drain(Stream.fromEffect(Effect.sleep("100 millis")))).pipe(
        Stream.buffer({ capacity: 16 }),
        Stream.concat(Stream.fail("gone"))
      )
      yield* inTime(Effect.exit(Stream.run(source, ingestion.sink)))
      const report = yield* ingestion.report
      assert.deepStrictEqual([report.accepted.rows + report.undelivered.rows, report.pending], [2, 0])
      assert.strictEqual(seen.length, report.accepted.rows)
    }).pipe(Effect.provide(layer))
  })

  it.effect("continues even if every row is too large", () => {
    const { layer } = server(() => ({ status: 413 }))
    return Effect.gen(function* () {
      const report = yield* inTime(run(50, {}))
      assert.strictEqual(report.dead.rows, 50)
    }).pipe(Effect.provide(layer))
  })

  it.effect("dies if its transport dies, and counts the row in flight as unknown", () => {
    const dying = HttpClient.make(() => Effect.die("the transport is broken"))
    const layer = Webhooks.layer.pipe(
      Layer.provide([
        Layer.succeed(HttpClient.HttpClient, dying),
        Server.keys("key", "secret"),
        MammothConfig.layer({ baseUrl: "http://localhost/api/v2" })
      ])
    )
    return Effect.gen(function* () {
      const ingestion = yield* WebhookSink.make(target, { schema: Order, concurrency: 1 })
      const exit = yield* inTime(Effect.exit(Stream.run(orders(3), ingestion.sink)))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      const report = yield* ingestion.report
      assert.strictEqual(report.unknown.rows + report.undelivered.rows, report.offered)
      assert.isAtLeast(report.unknown.rows, 1)
    }).pipe(Effect.provide(layer))
  })
})

describe("An ingestor's buffer", () => {
  it.scoped("has free space again after the schema refuses a row, and after a row becomes unknown", () => {
    const { layer } = server(({ ids }) => (ids[0] === 1 ? { status: 503 } : ok))
    return Effect.gen(function* () {
      const handed: Array<string> = []
      const { offer, shutdown } = yield* Ingestor.make(target, {
        schema: Order,
        capacity: 2,
        onBadRow: "continue",
        onUndelivered: ({ end, index }) => Effect.sync(() => void handed.push(`${index} ${end}`))
      })
      yield* inTime(Effect.forEach([0.5, 1.5, 2.5, 3.5, 1, 2, 3, 4], (id) => offer({ id })))
      const error = yield* inTime(Effect.flip(shutdown))
      assert.strictEqual(error._tag, "MammothUndelivered")
      assert.strictEqual(
        IngestReport.format(error.report).replace(/, \d+ rows\/s/, ""),
        "8 rows, 3 accepted, 4 refused, 1 unknown"
      )
      assert.deepStrictEqual(handed, ["4 unknown"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("releases every waiting offer if the transport dies", () =>
    Effect.gen(function* () {
      const isSent = yield* Deferred.make<void>()
      const dying = HttpClient.make(() =>
        Effect.zipRight(Deferred.await(isSent), Effect.die("the transport is broken"))
      )
      const layer = Webhooks.layer.pipe(
        Layer.provide([
          Layer.succeed(HttpClient.HttpClient, dying),
          Server.keys("key", "secret"),
          MammothConfig.layer({ baseUrl: "http://localhost/api/v2" })
        ])
      )
      const scope = yield* Scope.make()
      const { offer } = yield* Ingestor.make(target, {
        schema: Order,
        capacity: 1,
        onUndelivered: () => Effect.void
      }).pipe(Effect.provide(layer), Scope.extend(scope))
      yield* offer({ id: 0 })
      const waiting = yield* Effect.forEach([1, 2, 3, 4], (id) => Effect.fork(Effect.exit(offer({ id }))))
      yield* TestClock.adjust("1 second")
      yield* Deferred.succeed(isSent, undefined)
      const exits = yield* inTime(Effect.forEach(waiting, Fiber.join))
      assert.isTrue(exits.every((exit) => Exit.isFailure(exit) && Cause.isDie(exit.cause)))
      // Expect the close of the scope to fail, because the ingestor's drain fails with the defect of the transport.
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Scope.close(scope, Exit.void))))
    })
  )
})
