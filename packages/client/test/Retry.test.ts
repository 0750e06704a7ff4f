import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Issue, Verdict, WebhookKey } from "@mammoth-effect/core"
import {
  Clock,
  Duration,
  Effect,
  Either,
  Exit,
  Fiber,
  Layer,
  Option,
  Random,
  Redacted,
  Ref,
  Schedule,
  type Scope,
  Stream,
  TestClock
} from "effect"
import { Credentials, RequestOptions, RetryPolicy, Webhooks } from "../src/index.js"
import * as Script from "./support/Script.js"
import { api } from "./support/Server.js"

const key = WebhookKey.make("k")
const reads = { list: api.list(), getDetails: api.getDetails({ webhookId: 8 }) }
const idempotent = { delete: api.delete({ webhookId: 8 }), update: api.update({ webhookId: 8, origins: "*" }) }
const once = {
  create: api.create({}),
  addData: Webhooks.addData(key, { n: 1 }),
  addDataUsingGet: Webhooks.addDataUsingGet(key, { n: 1 })
}

interface Failure {
  readonly _tag: string
  readonly delivery: string
}

/** Runs a call in virtual time, with the responses of a script. Each random wait is half as long as its maximum. */
const run = <A, E extends Failure>(
  call: Effect.Effect<A, E, Webhooks.Webhooks>,
  steps: ReadonlyArray<Script.Step>,
  options: Parameters<typeof Script.layer>[1] = {}
) =>
  Effect.gen(function* () {
    const start = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(Effect.withRandom(call, Random.fixed([0.5])))
    yield* TestClock.adjust("1 day")
    const exit = yield* Fiber.await(fiber)
    const times = (yield* Script.Attempts).times.map((time) => time - start)
    const error = Exit.isFailure(exit) && exit.cause._tag === "Fail" ? exit.cause.error : undefined
    return { exit, error, times, outcome: error?._tag ?? (Exit.isSuccess(exit) ? "success" : "defect") }
  }).pipe(Effect.provide(Script.layer(steps, options)))

const answer = (status: number, headers?: Record<string, string>): Script.Step =>
  headers === undefined ? { status } : { status, headers }

describe("Retries", () => {
  const cases: ReadonlyArray<
    readonly [what: string, step: Script.Step, reads: boolean, idempotent: boolean, once: boolean]
  > = [
    ["a refused connection", Script.refused, true, true, true],
    ["a resolver that is busy", Script.busyResolver, true, true, true],
    ["a name that does not resolve", Script.unresolvable, false, false, false],
    ["a bad certificate", Script.badCertificate, false, false, false],
    ["a reset connection", Script.reset, true, true, false],
    ["an attempt that hangs", "hang", true, true, false],
    ["400", answer(400), false, false, false],
    ["401", answer(401), false, false, false],
    ["403", answer(403), false, false, false],
    ["404", answer(404), false, false, false],
    ["408", answer(408), true, true, false],
    ["409", answer(409), false, false, false],
    ["413", answer(413), false, false, false],
    ["421", answer(421), true, true, true],
    ["425", answer(425), true, true, true],
    ["429", answer(429), true, true, true],
    ["500", answer(500), true, true, false],
    ["502", answer(502), true, true, false],
    ["503", answer(503), true, true, false],
    ["504", answer(504), true, true, false],
    ["302", answer(302), false, false, false]
  ]

  for (const [what, step, ofReads, ofIdempotent, ofOnce] of cases) {
    const retried = [
      ...(ofReads ? ["reads"] : []),
      ...(ofIdempotent ? ["idempotent calls"] : []),
      ...(ofOnce ? ["calls that write once"] : [])
    ]
    it.effect(
      retried.length === 0 ? `do not happen after ${what}` : `happen after ${what}, for ${retried.join(" and ")}`,
      () =>
        Effect.gen(function* () {
          for (const [group, expected] of [
            [reads, ofReads],
            [idempotent, ofIdempotent],
            [once, ofOnce]
          ] as const) {
            for (const [name, call] of Object.entries(group)) {
              const { outcome, times } = yield* run<unknown, Failure>(call, [step])
              assert.strictEqual(times.length, expected ? 2 : 1, name)
              assert.strictEqual(outcome === "success", expected, name)
            }
          }
        })
    )
  }

  it.effect("happen after an unusable response to a read, but not after an unusable response to a write", () =>
    Effect.gen(function* () {
      const unusable: Script.Step = { status: 200, body: "{" }
      assert.strictEqual((yield* run(reads.list, [unusable])).outcome, "success")
      assert.strictEqual((yield* run(reads.getDetails, [unusable])).outcome, "success")
      const { error, times } = yield* run(idempotent.update, [unusable])
      assert.deepInclude(error, { _tag: "MammothDecodeError", delivery: "Accepted" })
      assert.strictEqual(times.length, 1)
      assert.strictEqual((yield* run(once.create, [unusable])).times.length, 1)
    })
  )

  it.effect(
    "happen with the policy atLeastOnce if a push has delivery Unknown, but not if a create has delivery Accepted",
    () =>
      Effect.gen(function* () {
        const retry = RetryPolicy.atLeastOnce
        for (const step of [Script.reset, answer(500), answer(408), "hang"] as const) {
          assert.strictEqual((yield* run(once.addData, [step], { retry })).outcome, "success")
        }
        const { error, times } = yield* run(once.create, [{ status: 201, body: "{" }], { retry })
        assert.deepInclude(error, { _tag: "MammothDecodeError", delivery: "Accepted" })
        assert.strictEqual(times.length, 1)
      })
  )

  it.effect("do not happen with the policy none", () =>
    Effect.gen(function* () {
      const { error, times } = yield* run(reads.list, [answer(503)], { retry: RetryPolicy.none })
      assert.deepInclude(error, { _tag: "MammothServerError", attempts: 1 })
      assert.strictEqual(times.length, 1)
    })
  )

  it.effect("treat a 404 as the success of a delete if an earlier attempt had the delivery Unknown", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* run(idempotent.delete, [Script.reset, answer(404)])).outcome, "success")
      assert.strictEqual((yield* run(idempotent.delete, [answer(429), answer(404)])).outcome, "MammothNotFound")
      assert.strictEqual((yield* run(idempotent.delete, [answer(404)])).outcome, "MammothNotFound")
      assert.strictEqual((yield* run(idempotent.update, [Script.reset, answer(404)])).outcome, "MammothNotFound")
    })
  )
})

describe("Waits between attempts", () => {
  const down = Array.from({ length: 9 }, () => answer(503))

  it.effect("grow from 500 ms by a factor of 1.5, with full jitter, in four attempts", () =>
    Effect.gen(function* () {
      const { error, times } = yield* run(reads.list, down)
      assert.deepStrictEqual(times, [0, 250, 625, 1188])
      assert.deepInclude(error, { _tag: "MammothServerError", attempts: 4, delivery: "Unknown" })
    })
  )

  it.effect("have random lengths between zero and their maximum", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(Effect.withRandom(Effect.exit(reads.list), Random.fixed([0, 1, 0.25])))
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual((yield* Script.Attempts).times, [0, 0, 750, 1031])
    }).pipe(Effect.provide(Script.layer(down)))
  )

  it.effect("are at most 60 s, even after many attempts", () =>
    Effect.gen(function* () {
      const retry = RetryPolicy.make({ attempts: 20, budget: "unlimited" })
      const { times } = yield* run(
        reads.list,
        Array.from({ length: 30 }, () => answer(503)),
        { retry }
      )
      assert.strictEqual(times.length, 20)
      const waits = times.slice(1).map((time, i) => time - times[i]!)
      assert.strictEqual(Math.max(...waits), 30_000)
      assert.strictEqual(waits.at(-1), 30_000)
    })
  )

  it("cannot have an invalid setting, and the error names the setting", () => {
    const thrown = (options: RetryPolicy.Options): string => {
      try {
        RetryPolicy.make(options)
        return "taken"
      } catch (error) {
        return String(error)
      }
    }
    for (const time of [Number.NaN, 0, -1, "-1 seconds"] as const) {
      assert.match(thrown({ initialInterval: time }), /^TypeError: RetryPolicy: initialInterval: expected a time above/)
      assert.match(thrown({ maxInterval: time }), /^TypeError: RetryPolicy: maxInterval: expected a time above zero/)
    }
    assert.match(thrown({ maxRetryAfter: -1 }), /maxRetryAfter: expected a time of zero or more, such as "10 seconds"/)
    assert.match(thrown({ attempts: Number.NaN }), /attempts: expected a number of 1 or more, received NaN/)
    assert.match(
      thrown({ exponent: 0.5 }),
      /exponent: expected a number of 1 or more, received a number with a fraction/
    )
    assert.match(thrown({ budget: -1 }), /budget: expected a number of 0 or more, received a negative integer/)
    assert.match(thrown({ times: -1 }), /times: expected a number of 0 or more, received a negative integer/)
    assert.match(
      thrown({ attempts: 2, times: 1 }),
      /times: expected only one of the options times and attempts, received both/
    )
    for (const options of [
      { times: 0 },
      { maxRetryAfter: 0 },
      { maxRetryAfter: Infinity },
      { attempts: Infinity },
      { budget: 0 }
    ]) {
      assert.strictEqual(thrown(options), "taken")
    }
    assert.throws(
      () => RetryPolicy.fromReference({ strategy: "backoff", backoff: { maxElapsedTime: Number.NaN } }),
      /^RetryPolicy: maxElapsedTime: expected a time above zero/
    )
  })

  it.effect("follow the schedule of the policy without jitter", () =>
    Effect.gen(function* () {
      const retry = RetryPolicy.make({ schedule: Schedule.fromDelays("1 second", "3 seconds", "5 seconds") })
      assert.deepStrictEqual((yield* run(reads.list, down, { retry })).times, [0, 1000, 4000, 9000])
      const short = RetryPolicy.make({ schedule: Schedule.recurs(1) })
      assert.deepStrictEqual((yield* run(reads.list, down, { retry: short })).times, [0, 0])
    })
  )

  it("can be set with a policy, with an object of settings or with a schedule", () => {
    const read = (given: RetryPolicy.Input) => Either.getOrThrow(RetryPolicy.read(given))
    assert.strictEqual(read(RetryPolicy.none), RetryPolicy.none)
    const unlimited = RetryPolicy.make({ budget: "unlimited" })
    assert.isUndefined(unlimited.budget)
    assert.strictEqual(read(unlimited), unlimited)
    assert.isUndefined(read({ ...unlimited, attempts: 2 }).budget)
    // Expect `read` to treat this object as settings and not as a complete policy: the object has the six named
    // properties of a policy, but no TypeId.
    const schedule = Schedule.recurs(1)
    const { atLeastOnce, attempts, maxRetryAfter, retryConnectionErrors } = RetryPolicy.standard
    const settings = { atLeastOnce, attempts, maxRetryAfter, retryConnectionErrors, schedule, budget: undefined }
    assert.strictEqual(read(settings).budget, 100)
    assert.deepInclude(RetryPolicy.make(schedule), { attempts: Infinity, schedule, budget: 100, atLeastOnce: false })
    const wrong = Either.getOrThrow(Either.flip(RetryPolicy.read(JSON.parse("3"))))
    assert.strictEqual(Issue.format(wrong), "expected an object of settings or a Schedule, received a positive integer")
  })

  it.effect("can be set with the settings of the reference SDK, whose times are in milliseconds", () =>
    Effect.gen(function* () {
      const endless = Array.from({ length: 200 }, () => answer(503))
      const waits = (settings: RetryPolicy.ReferenceSettings) =>
        Effect.map(run(reads.list, endless, { retry: RetryPolicy.fromReference(settings) }), ({ times }) => times)
      assert.deepStrictEqual(yield* waits({ strategy: "none" }), [0])
      assert.deepStrictEqual(
        yield* waits({
          strategy: "backoff",
          backoff: { initialInterval: 100, exponent: 2, maxInterval: 300, maxElapsedTime: 700 }
        }),
        [0, 50, 150, 300, 450, 600, 750]
      )
      const hour = yield* waits({ strategy: "backoff" })
      assert.isAbove(hour.at(-1)!, 3_500_000)
      assert.isBelow(hour.at(-1)!, 3_660_000)
      const refused = yield* run(reads.list, [Script.refused], {
        retry: RetryPolicy.fromReference({ strategy: "backoff", retryConnectionErrors: false })
      })
      assert.strictEqual(refused.outcome, "MammothTransportError")
    })
  )

  it.effect("are at least as long as Retry-After says, in seconds or as a date", () =>
    Effect.gen(function* () {
      const after = (value: string) => answer(429, { "retry-after": value })
      // Expect the time from 1970 to the date, because the test clock starts in 1970.
      assert.deepStrictEqual((yield* run(reads.list, [after("Thu, 01 Jan 1970 00:00:07 GMT")])).times, [0, 7000])
      assert.deepStrictEqual((yield* run(once.addData, [after("3")])).times, [0, 3000])
      assert.deepStrictEqual((yield* run(reads.list, [after("0")])).times, [0, 250])
      assert.deepStrictEqual((yield* run(reads.list, [answer(503, { "retry-after": "2" })])).times, [0, 2000])
      assert.deepStrictEqual((yield* run(reads.list, [after("60")])).times, [0, 60_000])
    })
  )

  it.effect("do not happen if Retry-After requests more than 60 s, and the error shows the requested time", () =>
    Effect.gen(function* () {
      const { error, times } = yield* run(reads.list, [answer(429, { "retry-after": "61" })])
      assert.strictEqual(error?._tag, "MammothRateLimited")
      assert.include(error?.message, "asks to wait 1m 1s")
      assert.deepStrictEqual(times, [0])
    })
  )

  it.effect("also delay other calls of the same layer if Retry-After requests the waits", () =>
    Effect.gen(function* () {
      const first = yield* Effect.fork(api.list())
      yield* TestClock.adjust("1 second")
      const second = yield* Effect.fork(api.getDetails({ webhookId: 8 }))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(first)
      yield* Fiber.join(second)
      assert.deepStrictEqual((yield* Script.Attempts).times, [0, 5000, 5000])
    }).pipe(Effect.provide(Script.layer([answer(429, { "retry-after": "5" })])))
  )
})

describe("A pause that Retry-After requests", () => {
  const after = (seconds: string) => answer(429, { "retry-after": seconds })

  it.effect("delays the next call by the longest requested pause, even if no call is retried", () =>
    Effect.gen(function* () {
      const none = RequestOptions.withOptions({ retry: RetryPolicy.none })
      yield* Effect.exit(none(api.list()))
      yield* Effect.exit(none(api.list()))
      const fiber = yield* Effect.fork(api.list())
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual((yield* Script.Attempts).times, [0, 0, 20_000])
    }).pipe(Effect.provide(Script.layer([after("20"), after("5")])))
  )

  it.effect("is limited by the policy of each call, and applies only to calls to the same server", () =>
    Effect.gen(function* () {
      const patient = RequestOptions.withOptions({ retry: RetryPolicy.make({ maxRetryAfter: "2 hours" }) })
      const waiting = yield* Effect.fork(patient(api.list()))
      yield* TestClock.adjust("1 second")
      const other = yield* Effect.fork(
        api.list().pipe(RequestOptions.withOptions({ baseUrl: "http://localhost/other" }))
      )
      const same = yield* Effect.fork(api.list())
      yield* TestClock.adjust("2 hours")
      yield* Fiber.joinAll([waiting, other, same])
      assert.deepStrictEqual((yield* Script.Attempts).times, [0, 1000, 61_000, 3_600_000])
    }).pipe(Effect.provide(Script.layer([after("3600")])))
  )

  it.effect(
    "makes a call fail immediately with RateLimited and the remaining time, if the pause ends after the call's deadline",
    () =>
      Effect.gen(function* () {
        const hasty = RequestOptions.withOptions({ deadline: "10 seconds" })
        const first = yield* Effect.fork(Effect.flip(hasty(api.list())))
        yield* TestClock.adjust("1 millis")
        yield* Effect.exit(RequestOptions.withOptions({ retry: RetryPolicy.none })(api.list()))
        const later = yield* Effect.fork(Effect.flip(hasty(api.list())))
        yield* TestClock.adjust("1 second")
        const errors = yield* Effect.map(Effect.all([Fiber.poll(first), Fiber.poll(later)]), Option.all)
        assert.isTrue(Option.isSome(errors))
        const [one, other] = [yield* Fiber.join(first), yield* Fiber.join(later)]
        assert.deepInclude(one, { _tag: "MammothRateLimited", attempts: 1, delivery: "Unknown" })
        assert.deepStrictEqual(one._tag === "MammothRateLimited" && one.history.map(({ outcome }) => outcome), [
          "MammothServerError"
        ])
        assert.deepInclude(other, { _tag: "MammothRateLimited", attempts: 0, delivery: "NotSent", history: [] })
        assert.deepStrictEqual(Verdict.retryAfter(other), Duration.seconds(20))
        assert.strictEqual(Verdict.of(other), "throttled")
        assert.strictEqual(
          other.message,
          "Webhooks.list (GET /workspaces/{workspace_id}/projects/{project_id}/webhooks): nothing was sent. The server asked another call to wait 20s, and this call's deadline is earlier: allow more time, or try again later. The server cannot have acted."
        )
        assert.deepStrictEqual((yield* Script.Attempts).times, [0, 1])
      }).pipe(Effect.provide(Script.layer([answer(503), after("20")])))
  )
})

describe("The retry budget", () => {
  it.effect("stops retries when the budget is spent, and grows again after successful calls", () =>
    Effect.gen(function* () {
      const attempts = yield* Script.Attempts
      attempts.steps = Array.from({ length: 1000 }, () => answer(503))
      const fiber = yield* Effect.fork(Effect.forEach(Array.from({ length: 20 }), () => Effect.exit(api.list())))
      yield* TestClock.adjust("1 day")
      yield* Fiber.join(fiber)
      // Expect ten retries in all, because the twenty calls share the budget.
      assert.strictEqual(attempts.times.length, 30)

      attempts.steps = []
      yield* Effect.forEach(Array.from({ length: 10 }), () => api.list())
      attempts.steps = [answer(503)]
      const again = yield* Effect.fork(api.list())
      yield* TestClock.adjust("1 day")
      yield* Fiber.join(again)
      assert.strictEqual(attempts.times.length, 42)
    }).pipe(Effect.provide(Script.layer([], { retry: RetryPolicy.make({ budget: 10 }) })))
  )

  it.effect("grows after calls that succeed at the first attempt, but not after calls that need a retry", () =>
    Effect.gen(function* () {
      const attempts = yield* Script.Attempts
      attempts.steps = Array.from({ length: 11 }, () => [answer(503), Script.fine]).flat()
      const fiber = yield* Effect.fork(Effect.forEach(Array.from({ length: 11 }), () => Effect.exit(api.list())))
      yield* TestClock.adjust("1 day")
      const exits = yield* Fiber.join(fiber)
      assert.deepStrictEqual(exits.map(Exit.isSuccess), [...Array.from({ length: 10 }, () => true), false])
    }).pipe(Effect.provide(Script.layer([], { retry: RetryPolicy.make({ budget: 10 }) })))
  )
})

describe("The history of an error", () => {
  it.effect("lists the outcome of every attempt, and the wait after each attempt", () =>
    Effect.gen(function* () {
      const steps = [Script.refused, "hang", answer(503), answer(404)] as const
      const { error } = yield* run(reads.getDetails, steps)
      assert.strictEqual(error?._tag, "MammothNotFound")
      if (error?._tag !== "MammothNotFound") return
      assert.deepStrictEqual(
        error.history.map((each) => ({ ...each })),
        [
          {
            outcome: "MammothTransportError",
            status: undefined,
            delivery: "NotSent",
            elapsedMillis: 0,
            waitedMillis: 250
          },
          {
            outcome: "MammothTimedOut",
            status: undefined,
            delivery: "Unknown",
            elapsedMillis: 30_000,
            waitedMillis: 375
          },
          { outcome: "MammothServerError", status: 503, delivery: "Unknown", elapsedMillis: 0, waitedMillis: 563 },
          { outcome: "MammothNotFound", status: 404, delivery: "Rejected", elapsedMillis: 0, waitedMillis: 0 }
        ]
      )
      assert.deepInclude(error, { attempts: 4, delivery: "Unknown" })
      assert.match(error.message, /The server may have acted\. \(4 attempts\)/)
    })
  )
})

describe("An attempt", () => {
  it.effect("has no status in the history if it got no response", () =>
    Effect.gen(function* () {
      const { error } = yield* run(reads.getDetails, [answer(503), "hang", answer(502), Script.unresolvable])
      assert.strictEqual(error?._tag, "MammothTransportError")
      if (error?._tag !== "MammothTransportError") return
      assert.deepStrictEqual(
        error.history.map(({ outcome, status }) => [outcome, status]),
        [
          ["MammothServerError", 503],
          ["MammothTimedOut", undefined],
          ["MammothServerError", 502],
          ["MammothTransportError", undefined]
        ]
      )
    })
  )

  it.live("clears its timer, even if the timeout is longer than JavaScript's longest timer", () =>
    Effect.gen(function* () {
      const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length
      const keys = { apiKey: Redacted.make("key"), apiSecret: Redacted.make("secret") }
      const credentials = Credentials.layerPerAttempt(Effect.delay(Effect.succeed(keys), "10 millis"))
      const calls = Effect.gen(function* () {
        yield* RequestOptions.withOptions({ timeout: "1 day" })(api.list())
        const interrupted = yield* Effect.fork(RequestOptions.withOptions({ timeout: "1 day" })(api.list()))
        yield* Effect.sleep("2 millis")
        yield* Fiber.interrupt(interrupted)
        yield* RequestOptions.withOptions({ timeout: "60 days" })(api.list())
      })
      yield* Effect.provide(calls, Script.layer([], { credentials, retry: RetryPolicy.none }))
      // Wait until no timer is left, because the test itself has timers that end soon.
      yield* Effect.sync(timers).pipe(
        Effect.repeat({ until: (left) => left === 0, schedule: Schedule.spaced("10 millis") })
      )
    })
  )

  it.effect("is interrupted, and does not time out, if the credentials effect interrupts itself", () =>
    Effect.gen(function* () {
      const exit = yield* Effect.exit(api.list())
      assert.isTrue(Exit.isInterrupted(exit))
    }).pipe(Effect.provide(Script.layer([], { credentials: Credentials.layerPerAttempt(Effect.interrupt) })))
  )
})

describe("Credentials that rotate", () => {
  const rotating = Layer.unwrapEffect(
    Effect.map(Ref.make(0), (count) =>
      Credentials.layerPerAttempt(
        Effect.map(
          Ref.getAndUpdate(count, (n) => n + 1),
          (n) => ({
            apiKey: Redacted.make(`key-${n}`),
            apiSecret: Redacted.make("secret")
          })
        )
      )
    )
  )

  it.effect("are read for each attempt", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(api.list())
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      const { headers } = yield* Script.Attempts
      assert.deepStrictEqual(
        headers.map((each) => each["x-api-key"]),
        ["key-0", "key-1", "key-2"]
      )
    }).pipe(Effect.provide(Script.layer([answer(503), answer(503)], { credentials: rotating })))
  )

  it.effect("cause one retry after a 401, but only if the credentials have changed", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* run(once.addData, [answer(401)], { credentials: rotating })).outcome, "success")
      const { outcome, times } = yield* run(reads.list, [answer(401), answer(401)], { credentials: rotating })
      assert.strictEqual(outcome, "MammothUnauthorized")
      assert.deepStrictEqual(times, [0, 0])
      assert.deepStrictEqual((yield* run(reads.list, [answer(401)])).times, [0])
      let n = 0
      const secrets = Credentials.layerPerAttempt(
        Effect.sync(() => ({ apiKey: Redacted.make("key"), apiSecret: Redacted.make(`secret-${n++}`) }))
      )
      assert.strictEqual((yield* run(reads.list, [answer(401)], { credentials: secrets })).outcome, "success")
    })
  )

  it.effect("do not delay a call beyond its deadline after a 401", () =>
    Effect.gen(function* () {
      for (const [takes, attempts] of [
        ["1 second", 2],
        ["4999 millis", 2],
        ["5 seconds", 1],
        ["20 seconds", 1]
      ] as const) {
        let asked = 0
        const slow = Credentials.layerPerAttempt(
          Effect.suspend(() => {
            const keys = { apiKey: Redacted.make(`key-${asked++}`), apiSecret: Redacted.make("secret") }
            return asked === 2 ? Effect.delay(Effect.succeed(keys), takes) : Effect.succeed(keys)
          })
        )
        const call = run(
          RequestOptions.withOptions({ deadline: "5 seconds" })(reads.list),
          [answer(401), answer(401)],
          {
            credentials: slow
          }
        )
        const { error, times } = yield* call
        assert.deepInclude(error, { _tag: "MammothUnauthorized", attempts }, takes)
        assert.isTrue(times.every((time) => time < 5000))
      }
    })
  )
})

describe("Time limits", () => {
  it.effect("are 30 s for an attempt, unless the configuration or the call sets a timeout", () =>
    Effect.gen(function* () {
      const retry = RetryPolicy.none
      const took = (call: Effect.Effect<unknown, Failure, Webhooks.Webhooks>, config = {}) =>
        Effect.map(run(call, ["hang"], { retry, config }), ({ error }) =>
          error?._tag === "MammothTimedOut" && "history" in error ? error.history : error?._tag
        )
      const elapsed = (millis: number) => [
        { outcome: "MammothTimedOut", status: undefined, delivery: "Unknown", elapsedMillis: millis, waitedMillis: 0 }
      ]
      assert.deepStrictEqual(yield* took(reads.list), elapsed(30_000))
      assert.deepStrictEqual(yield* took(reads.list, { timeout: "5 seconds" }), elapsed(5000))
      assert.deepStrictEqual(
        yield* took(RequestOptions.withOptions({ timeout: "2 seconds" })(reads.list), { timeout: "5 seconds" }),
        elapsed(2000)
      )
    })
  )

  it.effect("include a deadline for all attempts and waits of a call", () =>
    Effect.gen(function* () {
      const hanging = yield* run(reads.list, ["hang", "hang", "hang"], { config: { deadline: "40 seconds" } })
      assert.deepInclude(hanging.error, { _tag: "MammothTimedOut", limit: "deadline", stage: "request", attempts: 2 })
      // Expect the error of the first response, because the deadline leaves no time for the wait.
      const asked = yield* run(RequestOptions.withOptions({ deadline: "1 second" })(reads.list), [
        answer(429, { "retry-after": "5" })
      ])
      assert.deepInclude(asked.error, { _tag: "MammothRateLimited", attempts: 1, delivery: "Rejected" })
    })
  )

  it.effect("leave a call uninterruptible if its caller is uninterruptible, as in acquireRelease", () =>
    Effect.gen(function* () {
      const released: Array<string> = []
      const fiber = yield* Effect.fork(
        Effect.scoped(Effect.acquireRelease(api.create({}), ({ name }) => Effect.sync(() => released.push(name)))).pipe(
          Effect.zipRight(Effect.never)
        )
      )
      yield* TestClock.adjust("1 second")
      const interrupted = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(interrupted)
      assert.deepStrictEqual(released, ["n"])
    }).pipe(Effect.provide(Script.layer(["slow"])))
  )

  it.effect("end a call even if its caller is uninterruptible, as in acquireRelease", () =>
    Effect.gen(function* () {
      const attempt = yield* run(Effect.uninterruptible(reads.list), ["hang"], { retry: RetryPolicy.none })
      assert.deepInclude(attempt.error, { _tag: "MammothTimedOut", limit: "attempt" })
      const call = yield* run(Effect.uninterruptible(reads.list), ["hang"], { config: { deadline: "1 second" } })
      assert.deepInclude(call.error, { _tag: "MammothTimedOut", limit: "deadline" })
    })
  )

  it.effect("end a call after one attempt if the credentials effect hangs, and nothing is sent", () =>
    Effect.gen(function* () {
      const credentials = Credentials.layerPerAttempt(Effect.never)
      const { error, times } = yield* run(reads.list, [], { credentials })
      assert.deepInclude(error, { _tag: "MammothTimedOut", stage: "credentials", delivery: "NotSent", attempts: 1 })
      assert.deepStrictEqual(times, [])
      const stubborn = Credentials.layerPerAttempt(Effect.uninterruptible(Effect.never))
      const still = yield* run(reads.list, [], { credentials: stubborn })
      assert.deepInclude(still.error, { _tag: "MammothTimedOut", stage: "credentials" })
    })
  )

  it.effect("do not delay an interruption, even between attempts", () =>
    Effect.gen(function* () {
      const fiber = yield* Effect.fork(reads.list)
      yield* TestClock.adjust("1 second")
      const exit = yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.isInterrupted(exit))
      yield* TestClock.adjust("1 hour")
      assert.strictEqual((yield* Script.Attempts).times.length, 1)
    }).pipe(Effect.provide(Script.layer([answer(429, { "retry-after": "50" })])))
  )
})

describe("Options of a call", () => {
  it.effect("override the options of the layer, and inner options override outer options", () =>
    Effect.gen(function* () {
      const down = Array.from({ length: 9 }, () => answer(503))
      const attempts = (call: Effect.Effect<unknown, Failure, Webhooks.Webhooks>) =>
        Effect.map(run(call, down), ({ times }) => times.length)
      assert.strictEqual(yield* attempts(api.list().pipe(RequestOptions.withOptions({ retry: RetryPolicy.none }))), 1)
      assert.strictEqual(
        yield* attempts(
          api
            .list()
            .pipe(
              RequestOptions.withOptions({ retry: RetryPolicy.make({ attempts: 2 }) }),
              RequestOptions.withOptions({ retry: RetryPolicy.none })
            )
        ),
        2
      )
      const inherited = api
        .list()
        .pipe(RequestOptions.withOptions({ retry: undefined }), RequestOptions.withOptions({ retry: RetryPolicy.none }))
      assert.strictEqual(yield* attempts(inherited), 1)
      const stream = api.stream().pipe(RequestOptions.withOptions({ retry: RetryPolicy.none }))
      assert.strictEqual(yield* attempts(Stream.runDrain(stream)), 1)
    })
  )

  it.effect("apply to Effects and Streams, in a pipe or as the second argument", () =>
    Effect.gen(function* () {
      const options = { headers: { "x-team": "weather" } }
      yield* api.list().pipe(RequestOptions.withOptions(options))
      yield* RequestOptions.withOptions(api.list(), options)
      yield* Stream.runDrain(api.stream().pipe(RequestOptions.withOptions(options)))
      yield* Stream.runDrain(RequestOptions.withOptions(api.stream(), options))
      assert.deepStrictEqual(
        (yield* Script.Attempts).headers.map((headers) => headers["x-team"]),
        ["weather", "weather", "weather", "weather"]
      )
    }).pipe(Effect.provide(Script.layer([])))
  )

  it("keep the types of an Effect or a Stream", () => {
    const options: RequestOptions.Options = { timeout: "1 second" }
    type OneCall = Effect.Effect<number, "down", Scope.Scope>
    type Rows = Stream.Stream<number, "down", Scope.Scope>
    const change = (call: OneCall, rows: Rows) =>
      [
        call.pipe(RequestOptions.withOptions(options)),
        RequestOptions.withOptions(call, options),
        rows.pipe(RequestOptions.withOptions(options)),
        RequestOptions.withOptions(rows, options)
      ] as const
    expectTypeOf(change).returns.toEqualTypeOf<readonly [OneCall, OneCall, Rows, Rows]>()
    const steps = (call: OneCall) =>
      call.pipe(
        Effect.map(String),
        RequestOptions.withOptions(options),
        Effect.catchAll(() => Effect.succeed(false))
      )
    expectTypeOf(steps).returns.toEqualTypeOf<Effect.Effect<string | boolean, never, Scope.Scope>>()
    const generic = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      RequestOptions.withOptions(call, options)
    expectTypeOf(generic(Effect.succeed(1))).toEqualTypeOf<Effect.Effect<number>>()
    // @ts-expect-error A number is neither an Effect nor a Stream.
    const wrong = () => RequestOptions.withOptions(1, options)
    expectTypeOf(wrong).toBeFunction()
  })

  it.effect("limit the retries with `times` or with a schedule", () =>
    Effect.gen(function* () {
      const down = Array.from({ length: 30 }, () => answer(503))
      const times = (retry: RetryPolicy.Input, call: Effect.Effect<unknown, Failure, Webhooks.Webhooks> = reads.list) =>
        Effect.map(run(RequestOptions.withOptions(call, { retry }), down), ({ times }) => times)
      assert.deepStrictEqual(yield* times({ times: 0 }), [0])
      assert.deepStrictEqual(yield* times({ times: 2 }), [0, 250, 625])
      assert.deepStrictEqual(yield* times({ times: 1, initialInterval: "4 seconds" }), [0, 2000])
      assert.deepStrictEqual(yield* times(Schedule.recurs(2)), [0, 0, 0])
      assert.deepStrictEqual(yield* times(Schedule.fromDelays("1 second", "3 seconds")), [0, 1000, 4000])
      // Expect 21 attempts: if a call has only a schedule, the standard limit of four attempts does not apply.
      assert.lengthOf(yield* times(Schedule.recurs(20)), 21)
      assert.lengthOf(yield* times({ schedule: Schedule.recurs(20) }), 4)
      assert.lengthOf(yield* times({ schedule: Schedule.recurs(20), times: 6 }), 7)
      // Expect one attempt of a call that may have written its data, both with `times` and with a schedule.
      for (const call of Object.values(once)) {
        assert.lengthOf(yield* times({ times: 5 }, call), 1)
        assert.lengthOf(yield* times(Schedule.recurs(5), call), 1)
      }
    })
  )

  it.effect("can set an endless schedule, but retries stop when the layer's retry budget is spent", () =>
    Effect.gen(function* () {
      const down = Array.from({ length: 200 }, () => answer(503))
      const call = RequestOptions.withOptions(reads.list, { retry: Schedule.spaced("1 second") })
      const { outcome, times } = yield* run(call, down)
      assert.strictEqual(outcome, "MammothServerError")
      assert.lengthOf(times, 101)
    })
  )

  it.effect("merge the headers of inner and outer options", () =>
    Effect.gen(function* () {
      yield* api
        .list()
        .pipe(
          RequestOptions.withOptions({ headers: { "X-A": "inner" } }),
          RequestOptions.withOptions({ headers: { "x-a": "outer", "x-b": "outer" } })
        )
      assert.deepInclude((yield* Script.Attempts).headers[0], { "x-a": "inner", "x-b": "outer" })
    }).pipe(Effect.provide(Script.layer([])))
  )

  it.effect("can contain an onResponse that fails or hangs, and the call still succeeds within its time limits", () =>
    Effect.gen(function* () {
      const seenBy = (onResponse: Effect.Effect<void>) =>
        api.delete({ webhookId: 8 }).pipe(RequestOptions.withOptions({ onResponse: () => onResponse }), Effect.fork)
      const dies = yield* seenBy(Effect.die("no"))
      const ends = yield* seenBy(Effect.interrupt)
      const lasts = yield* seenBy(Effect.uninterruptible(Effect.sleep("1 day")))
      yield* TestClock.adjust("1 minute")
      const exits = yield* Effect.forEach([dies, ends, lasts], Fiber.poll)
      assert.deepStrictEqual(exits.map(Option.exists(Exit.isSuccess)), [true, true, true])
    }).pipe(Effect.provide(Script.layer([])))
  )

  it.effect("can contain an onResponse, which receives the response of each attempt", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const fiber = yield* Effect.fork(
        api.list().pipe(
          RequestOptions.withOptions({
            onResponse: ({ attempt, headers, operation, requestId, status, text }) =>
              Effect.sync(() => seen.push([operation, attempt, status, headers["x-a"], requestId, text.length]))
          })
        )
      )
      yield* TestClock.adjust("1 hour")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(seen, [
        ["list", 1, 503, "b", "r-1", 4],
        ["list", 2, 200, undefined, undefined, Script.fine.body.length]
      ])
    }).pipe(
      Effect.provide(Script.layer([{ status: 503, headers: { "x-a": "b", "x-request-id": "r-1" }, body: "down" }]))
    )
  )
})

it("A complete policy with `times` is refused", () => {
  const [issue] = Option.toArray(Either.getLeft(RetryPolicy.read({ ...RetryPolicy.standard, times: 2 })))
  assert.deepInclude(issue, { path: ["times"], received: "a positive integer" })
})
