import { assert, describe, it } from "@effect/vitest"
import { Cause, Clock, Deferred, Duration, Effect, Exit, Fiber, Option, TestClock } from "effect"
import * as Ledger from "../../src/internal/ingest/ledger.js"
import * as Pace from "../../src/internal/ingest/pace.js"
import * as Sender from "../../src/internal/ingest/sender.js"
import * as Stop from "../../src/internal/ingest/stop.js"
import type { AddDataError } from "../../src/WebhooksService.js"
import * as Batches from "../support/Batches.js"

type Send = Effect.Effect<void, AddDataError>

/**
 * Makes a sender. Its transport calls `respond` with the body and the number of each request. The first number is 0. By
 * default, the sender belongs to a run, and sends arrays, one request at a time.
 */
const make = (
  respond: (body: string, nth: number) => Send,
  options: Partial<Omit<Sender.Options, "send">> & { readonly concurrency?: number } = {}
) =>
  Effect.gen(function* () {
    const bodies: Array<string> = []
    const times: Array<number> = []
    const ends: Array<string> = []
    const stop = yield* Stop.make(() => undefined)
    const ledger = yield* Ledger.make<number>({
      ...Batches.silent,
      onOutcome: ({ end, index }) => Effect.sync(() => void ends.push(`${index} ${end}`))
    })
    const pace = yield* Pace.make(options.concurrency ?? 1, stop)
    const send = (body: string): Send =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        times.push(now / 1000)
        return respond(body, bodies.push(body) - 1)
      })
    const sender = yield* Sender.make(
      { arrays: true, goesOn: false, deadline: Option.none(), ...options, send },
      ledger,
      pace,
      stop
    )
    const deliver = (size: number) =>
      Effect.uninterruptibleMask((restore) => sender.deliver(Batches.enter(ledger, size), restore))
    const reason = () => Effect.exit(stop.reason() ?? Effect.void)
    return { bodies, deliver, ends, ledger, reason, sender, stop, times }
  })

/** Responds with each error once, in order, and then with a success. */
const failing =
  (...errors: ReadonlyArray<AddDataError>) =>
  (_: string, nth: number): Send =>
    Option.match(Option.fromNullable(errors[nth]), { onNone: () => Effect.void, onSome: Effect.fail })

const always = (error: AddDataError) => (): Send => Effect.fail(error)

/** Errors by name. Each entry also has the outcome of the rows, and the ingestions that stop after the error. */
const errors: Readonly<Record<string, readonly [error: AddDataError, end: string, stops: "all" | "runs" | "none"]>> = {
  "a 400": [Batches.badRequest(), "dead", "none"],
  "a 409": [Batches.unexpected(409), "dead", "none"],
  "a 413": [Batches.tooLarge, "dead", "none"],
  "a 415": [Batches.unexpected(415), "dead", "none"],
  "a 422": [Batches.unexpected(422), "dead", "none"],
  "an invalid document": [Batches.invalid("data"), "dead", "none"],
  "a 401": [Batches.unauthorized, "undelivered", "all"],
  "a 403": [Batches.forbidden, "undelivered", "all"],
  "a 404": [Batches.notFound, "undelivered", "all"],
  "a 418": [Batches.unexpected(418), "undelivered", "all"],
  "a CredentialsError": [Batches.noCredentials, "undelivered", "all"],
  "an invalid option": [Batches.invalid("baseUrl"), "undelivered", "all"],
  "a 429 beyond the deadline": [Batches.rateLimited(), "undelivered", "runs"],
  "a 421 beyond the deadline": [Batches.unexpected(421), "undelivered", "runs"],
  "a 425 beyond the deadline": [Batches.unexpected(425), "undelivered", "runs"],
  "a failed connection": [Batches.transport("NotSent"), "undelivered", "runs"],
  "a 503": [Batches.serverError, "unknown", "none"],
  "a reset": [Batches.transport("Unknown"), "unknown", "none"],
  "a 400 after an attempt without a response": [Batches.badRequest("Unknown"), "unknown", "none"],
  "a 2xx that cannot be read": [Batches.transport("Accepted"), "accepted", "none"]
}

describe("A sender", () => {
  it.effect("accepts the rows of a request that succeeds", () =>
    Effect.gen(function* () {
      const { bodies, deliver, ends, sender } = yield* make(() => Effect.void)
      yield* deliver(3)
      assert.deepStrictEqual(bodies, ["[0,1,2]"])
      assert.deepStrictEqual(ends, ["0 accepted", "1 accepted", "2 accepted"])
      assert.deepStrictEqual(sender.requests(), { requests: 1, retries: 0 })
    })
  )

  it.effect("sends one row as a document if the webhook takes no arrays", () =>
    Effect.gen(function* () {
      const { bodies, deliver } = yield* make(() => Effect.void, { arrays: false })
      yield* deliver(1)
      yield* deliver(1)
      assert.deepStrictEqual(bodies, ["0", "1"])
    })
  )

  for (const [name, [error, end, stops]] of Object.entries(errors)) {
    for (const goesOn of [false, true]) {
      const isOver = stops === "all" || (stops === "runs" && !goesOn)
      it.effect(
        `marks rows as ${end} and ${isOver ? "stops" : "continues"} after ${name} in ${goesOn ? "an ingestor" : "a run"}`,
        () =>
          Effect.gen(function* () {
            for (const size of [1, 2, 5]) {
              const { bodies, deliver, ends, reason, stop } = yield* make(always(error), {
                goesOn,
                deadline: Option.some(Duration.zero)
              })
              yield* deliver(size)
              assert.deepStrictEqual(
                ends,
                Array.from({ length: size }, (_, index) => `${index} ${end}`)
              )
              // Expect 2n - 1 requests for n refused rows, because only refused rows are sent in halves.
              assert.strictEqual(bodies.length, end === "dead" ? 2 * size - 1 : 1)
              assert.strictEqual(stop.isHalted(), isOver)
              assert.deepStrictEqual(yield* reason(), isOver ? Exit.fail(error) : Exit.void)
            }
          })
      )
    }
  }

  it.effect("halves refused rows until it finds the bad row, and keeps the order of the rows", () =>
    Effect.gen(function* () {
      const { bodies, deliver, ends, ledger, sender } = yield* make((body) =>
        body.includes("3") ? Effect.fail(Batches.badRequest()) : Effect.void
      )
      yield* deliver(5)
      assert.deepStrictEqual(bodies, ["[0,1,2,3,4]", "[0,1,2]", "[3,4]", "[3]", "[4]"])
      assert.deepStrictEqual(ends, ["0 accepted", "1 accepted", "2 accepted", "3 dead", "4 accepted"])
      assert.deepStrictEqual(sender.requests(), { requests: 5, retries: 0 })
      assert.strictEqual(ledger.pending(), 0)
    })
  )

  it.effect(
    "stops after 20 refused requests with one row each, even across batches, if no request succeeds between them",
    () =>
      Effect.gen(function* () {
        const { bodies, deliver, ends, reason, stop } = yield* make(always(Batches.badRequest()), { goesOn: true })
        for (let i = 0; i < 9; i++) yield* deliver(2)
        yield* deliver(1)
        assert.isFalse(stop.isHalted())
        const before = bodies.length
        yield* deliver(3)
        assert.deepStrictEqual(yield* reason(), Exit.fail(Batches.badRequest()))
        assert.deepStrictEqual(bodies.slice(before), ["[19,20,21]", "[19,20]", "[19]"])
        assert.deepStrictEqual(ends.slice(18), ["18 dead", "19 dead", "20 undelivered", "21 undelivered"])
      })
  )

  it.effect("restarts its count of refusals after a delivery, and does not count rows that are too large", () =>
    Effect.gen(function* () {
      const refusals = Array.from({ length: 19 }, () => Batches.badRequest())
      const { deliver, ends, stop } = yield* make((_, nth) =>
        nth === 44
          ? Effect.void
          : Effect.fail(nth < 25 ? Batches.tooLarge : (refusals[nth - 25] ?? Batches.badRequest()))
      )
      // Deliver 25 rows that are too large, 19 refused rows, one accepted row, and 19 refused rows.
      for (let i = 0; i < 64; i++) yield* deliver(1)
      assert.isFalse(stop.isHalted())
      assert.strictEqual(ends.filter((end) => end.endsWith("dead")).length, 63)
      yield* deliver(1)
      assert.isTrue(stop.isHalted())
    })
  )

  it.effect(
    "stops a run, but not an ingestor, after 20 requests with unknown outcomes and no delivery between them",
    () =>
      Effect.gen(function* () {
        const run = yield* make(always(Batches.serverError))
        const ingestor = yield* make(always(Batches.serverError), { goesOn: true })
        for (let i = 0; i < 19; i++) yield* run.deliver(2)
        assert.isFalse(run.stop.isHalted())
        yield* run.deliver(2)
        assert.deepStrictEqual(yield* run.reason(), Exit.fail(Batches.serverError))
        for (let i = 0; i < 30; i++) yield* ingestor.deliver(2)
        assert.isFalse(ingestor.stop.isHalted())
      })
  )

  it.effect("retries throttled rows after the server's wait, with half as many requests in flight", () =>
    Effect.gen(function* () {
      const busy = Batches.rateLimited(Duration.seconds(10))
      const { bodies, deliver, ends, sender, times } = yield* make(
        (_, nth) => Effect.zipRight(Effect.sleep("1 second"), nth < 4 ? Effect.fail(busy) : Effect.void),
        { concurrency: 4 }
      )
      const fiber = yield* Effect.fork(
        Effect.forEach([1, 1, 1, 1], deliver, { concurrency: "unbounded", discard: true })
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      // Expect no retry before second 11: the responses take 1 s and request a wait of 10 s.
      assert.deepStrictEqual(times, [0, 0, 0, 0, 11, 11, 12, 12])
      assert.deepStrictEqual(bodies.toSorted(), ["[0]", "[0]", "[1]", "[1]", "[2]", "[2]", "[3]", "[3]"])
      assert.strictEqual(ends.filter((end) => end.endsWith("accepted")).length, 4)
      assert.deepStrictEqual(sender.requests(), { requests: 4, retries: 4 })
    })
  )

  it.effect("also retries rows after a 421 and after a 425", () =>
    Effect.gen(function* () {
      const { bodies, deliver, ends, sender } = yield* make(failing(Batches.unexpected(421), Batches.unexpected(425)))
      const fiber = yield* Effect.fork(deliver(2))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(bodies, ["[0,1]", "[0,1]", "[0,1]"])
      assert.deepStrictEqual(ends, ["0 accepted", "1 accepted"])
      assert.deepStrictEqual(sender.requests(), { requests: 1, retries: 2 })
    })
  )

  it.effect("raises the number of requests in flight after requests that succeed", () =>
    Effect.gen(function* () {
      const { deliver, times } = yield* make(
        (_, nth) =>
          Effect.zipRight(
            Effect.sleep("1 second"),
            nth < 2 ? Effect.fail(Batches.rateLimited(Duration.seconds(10))) : Effect.void
          ),
        { concurrency: 2 }
      )
      const fiber = yield* Effect.fork(
        Effect.forEach([1, 1, 1, 1], deliver, { concurrency: "unbounded", discard: true })
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(fiber)
      // Expect two requests at a time, then one after the 429s, and then two again.
      assert.deepStrictEqual(times, [0, 0, 11, 12, 12, 13])
    })
  )

  it.effect(
    "measures the throttle deadline from the start of a run, but in an ingestor from the first 429 of a request",
    () =>
      Effect.gen(function* () {
        const timesOf = (goesOn: boolean) =>
          Effect.gen(function* () {
            const { deliver, times } = yield* make(always(Batches.rateLimited(Duration.seconds(10))), {
              goesOn,
              deadline: Option.some(Duration.seconds(25))
            })
            const start = (yield* Clock.currentTimeMillis) / 1000
            const fiber = yield* Effect.fork(Effect.zipRight(Effect.sleep("12 seconds"), deliver(2)))
            yield* TestClock.adjust("2 minutes")
            yield* Fiber.join(fiber)
            return times.map((time) => time - start)
          })
        assert.deepStrictEqual(yield* timesOf(false), [12, 22])
        assert.deepStrictEqual(yield* timesOf(true), [12, 22, 32])
      })
  )

  it.effect("marks rows as unknown without halving them if an earlier request may have written the rows", () =>
    Effect.gen(function* () {
      const after = (delivery: "Rejected" | "Unknown", ...next: ReadonlyArray<AddDataError>) =>
        Effect.gen(function* () {
          const { deliver, ends } = yield* make(failing(Batches.rateLimited(undefined, delivery), ...next))
          const fiber = yield* Effect.fork(deliver(2))
          yield* TestClock.adjust("1 minute")
          yield* Fiber.join(fiber)
          return ends
        })
      const bad = Batches.badRequest()
      assert.deepStrictEqual(yield* after("Unknown", bad), ["0 unknown", "1 unknown"])
      assert.deepStrictEqual(yield* after("Unknown", Batches.transport("NotSent")), ["0 unknown", "1 unknown"])
      assert.deepStrictEqual(yield* after("Unknown"), ["0 accepted", "1 accepted"])
      assert.deepStrictEqual(yield* after("Rejected", bad, bad), ["0 dead", "1 accepted"])
    })
  )

  it.effect("abandons a batch and sends no request if the ingestion has halted", () =>
    Effect.gen(function* () {
      const { bodies, deliver, ends, sender, stop } = yield* make(() => Effect.void)
      yield* stop.halt
      yield* deliver(2)
      assert.deepStrictEqual([bodies, ends], [[], ["0 undelivered", "1 undelivered"]])
      assert.deepStrictEqual(sender.requests(), { requests: 0, retries: 0 })
    })
  )

  it.effect("abandons the second half of a batch if the first half stops the ingestion", () =>
    Effect.gen(function* () {
      const { bodies, deliver, ends } = yield* make(failing(Batches.badRequest(), Batches.unauthorized))
      yield* deliver(4)
      assert.deepStrictEqual(bodies, ["[0,1,2,3]", "[0,1]"])
      assert.deepStrictEqual(ends, ["0 undelivered", "1 undelivered", "2 undelivered", "3 undelivered"])
    })
  )

  it.effect("abandons throttled rows if the ingestion halts while the rows wait", () =>
    Effect.gen(function* () {
      const { bodies, deliver, ends, stop } = yield* make(always(Batches.rateLimited(Duration.hours(1))))
      const fiber = yield* Effect.fork(deliver(1))
      yield* TestClock.adjust("1 minute")
      yield* stop.halt
      yield* Fiber.join(fiber)
      assert.deepStrictEqual([bodies, ends], [["[0]"], ["0 undelivered"]])
    })
  )

  it.effect("abandons a batch that is interrupted, and marks its rows in flight as unknown", () =>
    Effect.gen(function* () {
      const isSent = yield* Deferred.make<void>()
      const { deliver, ends, reason } = yield* make((_, nth) =>
        nth === 0
          ? Effect.fail(Batches.badRequest())
          : Effect.zipRight(Deferred.succeed(isSent, undefined), Effect.never)
      )
      const fiber = yield* Effect.fork(deliver(4))
      yield* Deferred.await(isSent)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(ends, ["0 unknown", "1 unknown", "2 undelivered", "3 undelivered"])
      assert.deepStrictEqual(yield* reason(), Exit.void)
    })
  )

  it.effect(
    "abandons the second half of a batch if the transport interrupts itself while it sends the first half",
    () =>
      Effect.gen(function* () {
        const { bodies, deliver, ends } = yield* make((_, nth) =>
          nth === 0 ? Effect.fail(Batches.badRequest()) : Effect.interrupt
        )
        yield* deliver(4)
        assert.deepStrictEqual(bodies, ["[0,1,2,3]", "[0,1]"])
        assert.deepStrictEqual(ends, ["0 unknown", "1 unknown", "2 undelivered", "3 undelivered"])
      })
  )

  for (const [name, defect] of Object.entries<Effect.Effect<never>>({
    "a transport that dies": Effect.die("boom"),
    "a transport that dies and interrupts its other fibers": Effect.zipLeft(Effect.die("boom"), Effect.never, {
      concurrent: true
    })
  })) {
    for (const goesOn of [false, true]) {
      it.effect(`stops ${goesOn ? "an ingestor" : "a run"} with the defect of ${name}`, () =>
        Effect.gen(function* () {
          const { bodies, deliver, ends, reason, stop } = yield* make(() => defect, { goesOn })
          yield* deliver(2)
          yield* deliver(1)
          assert.isTrue(stop.isHalted())
          assert.strictEqual(Exit.match(yield* reason(), { onFailure: Cause.squash, onSuccess: () => "none" }), "boom")
          assert.strictEqual(bodies.length, 1)
          assert.deepStrictEqual(ends, ["0 unknown", "1 unknown", "2 undelivered"])
        })
      )
    }
  }
})
