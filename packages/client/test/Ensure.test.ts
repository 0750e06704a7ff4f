import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import type { Webhook, WebhooksError } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Clock, Effect, Either, FastCheck as fc, Layer, Logger, LogLevel, Random, Ref, Stream } from "effect"
import { MammothConfig, NamedWebhooks, RequestOptions, Webhooks } from "../src/index.js"
import * as Server from "./support/Server.js"
import { leaping, passing } from "./support/Time.js"

const { api, project } = Server

/** Makes a layer of the operations that shares nothing with other layers, as in a separate process. */
const replica = (baseUrl: string, client: Layer.Layer<HttpClient.HttpClient> = FetchHttpClient.layer) =>
  Layer.fresh(
    Webhooks.layer.pipe(
      Layer.provide([Server.keys("emulator-key", "emulator-secret"), MammothConfig.layer({ baseUrl }), client]),
      Layer.orDie
    )
  )

/** The settings of a model server for one run. */
interface World {
  readonly seed: number
  /** The time at which each replica starts, in milliseconds. */
  readonly starts: ReadonlyArray<number>
  /** The longest time that a request or a response takes to arrive, in milliseconds. */
  readonly latency: number
  /** The maximum age of the data in a list response, in milliseconds. */
  readonly lag: number
  /** The results of each webhook's first deletion requests, in order. Later deletions succeed. */
  readonly deletions: ReadonlyArray<"request lost" | "response lost" | "refused">
}

interface Kept {
  readonly id: number
  readonly createdAt: number
  deletedAt: number
  rows: number
  deletions: number
}

/** Makes a model server whose lists can be outdated. Returns its transport and its state. */
const model = (world: World) => {
  const webhooks: Array<Kept> = []
  const wire = ({ id }: Kept) => ({
    id,
    name: "orders",
    mode: "combine",
    uri: `/webhook/data/key-${id}`,
    ds_id: id,
    origins: "*"
  })
  const travel = Effect.flatMap(Random.nextIntBetween(0, world.latency + 1), (millis) => Effect.sleep(millis))
  const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status })

  const list = (url: URL) =>
    Effect.gen(function* () {
      const asOf = (yield* Clock.currentTimeMillis) - (yield* Random.nextIntBetween(0, world.lag + 1))
      const offset = Number(url.searchParams.get("offset"))
      const shown = webhooks.filter(({ createdAt, deletedAt }) => createdAt <= asOf && asOf < deletedAt)
      return json(200, { webhooks: shown.slice(offset).map(wire), next: "" })
    })

  const create = Effect.map(Clock.currentTimeMillis, (createdAt) => {
    const made = { id: webhooks.length + 1, createdAt, deletedAt: Number.POSITIVE_INFINITY, rows: 0, deletions: 0 }
    webhooks.push(made)
    return json(201, { webhook: wire(made) })
  })

  const isAlive = (each: Kept) => each.deletedAt === Number.POSITIVE_INFINITY

  const remove = (found: Kept | undefined) =>
    Effect.map(Clock.currentTimeMillis, (deletedAt): Response | "lost" => {
      if (found === undefined || !isAlive(found)) return json(404, {})
      const fate = world.deletions[found.deletions]
      found.deletions += 1
      if (fate === "refused") return json(403, {})
      if (fate !== "request lost") found.deletedAt = deletedAt
      return fate === undefined ? new Response(null, { status: 204 }) : "lost"
    })

  const push = (found: Kept | undefined) =>
    Effect.sync(() => {
      if (found === undefined || !isAlive(found)) return json(404, {})
      found.rows += 1
      return json(201, {})
    })

  const act = (method: string, url: URL): Effect.Effect<Response | "lost"> => {
    const found = webhooks.find(({ id }) => url.pathname.endsWith(`/${id}`) || url.pathname.endsWith(`/key-${id}`))
    if (url.pathname.includes("/webhooks/data/")) return push(found)
    if (method === "GET") return list(url)
    return method === "POST" ? create : remove(found)
  }

  const client = HttpClient.make((request, url) =>
    Effect.gen(function* () {
      yield* travel
      const response = yield* act(request.method, url)
      yield* travel
      if (response !== "lost") return HttpClientResponse.fromWeb(request, response)
      const cause = Object.assign(new TypeError("fetch failed"), { cause: { code: "ECONNRESET", syscall: "read" } })
      return yield* new HttpClientError.RequestError({ request, reason: "Transport", cause })
    })
  )
  return { client: Layer.succeed(HttpClient.HttpClient, client), webhooks, alive: () => webhooks.filter(isAlive) }
}

const orders = Webhooks.ensure("orders", { ...project, mode: "combine" })

const rowsEach = 3

/** Runs the replicas. Each replica calls `ensure`, and then pushes three rows, six seconds apart. */
const simulate = (world: World) =>
  Effect.gen(function* () {
    const { alive, client, webhooks } = model(world)
    const run = (start: number) =>
      Effect.gen(function* () {
        yield* Effect.sleep(start)
        const webhook = yield* orders
        yield* Effect.repeatN(
          Effect.zipRight(Webhooks.addData(webhook, { start }), Effect.sleep("6 seconds")),
          rowsEach - 1
        )
        return webhook
      }).pipe(Effect.either)
    // Share one layer among the replicas, because making a layer is slow. No replica depends on the layer's state.
    const outcomes = yield* leaping(Effect.forEach(world.starts, run, { concurrency: "unbounded" })).pipe(
      Effect.provide(replica("http://localhost/api/v2", client))
    )
    return { outcomes, alive: alive(), webhooks }
  }).pipe(Effect.withRandom(Random.make(world.seed)), Logger.withMinimumLogLevel(LogLevel.None))

const worlds = (deletions: fc.Arbitrary<World["deletions"]>): fc.Arbitrary<World> =>
  fc.record({
    seed: fc.integer(),
    starts: fc.array(fc.oneof(fc.constant(0), fc.nat(300), fc.nat(6000)), { minLength: 2, maxLength: 6 }),
    latency: fc.constantFrom(0, 20, 400),
    lag: fc.constantFrom(0, 100, 3000),
    deletions
  })

const holds = (arbitrary: fc.Arbitrary<World>, numRuns: number, assertion: (world: World) => Effect.Effect<void>) =>
  Effect.promise(() =>
    fc.assert(
      fc.asyncProperty(arbitrary, (world) => Effect.runPromise(assertion(world))),
      { numRuns }
    )
  )

describe("Processes that start together", () => {
  it.effect(
    "all use one webhook in the end, and lose no row, even with slow requests, outdated lists and lost deletions",
    () =>
      holds(worlds(fc.array(fc.constantFrom("request lost", "response lost"), { maxLength: 2 })), 8, (world) =>
        Effect.gen(function* () {
          const { alive, outcomes } = yield* simulate(world)
          const [left, ...others] = alive
          assert.deepStrictEqual(others, [])
          assert.deepStrictEqual(
            outcomes.map(Either.match({ onLeft: String, onRight: ({ id }) => String(id) })),
            world.starts.map(() => String(left?.id))
          )
          assert.strictEqual(left?.rows, rowsEach * world.starts.length)
        })
      )
  )

  it.effect("use only the webhook with the lowest id if the server refuses deletions", () =>
    holds(worlds(fc.constant(["refused"])), 4, (world) =>
      Effect.gen(function* () {
        const { alive, outcomes, webhooks } = yield* simulate(world)
        assert.strictEqual(alive.length, webhooks.length)
        const taken = outcomes.filter(Either.isRight).map(({ right }) => right.id)
        assert.isNotEmpty(taken)
        assert.deepStrictEqual([...new Set(taken)], [1])
        assert.strictEqual(webhooks[0]?.rows, rowsEach * taken.length)
        for (const outcome of outcomes) {
          if (Either.isLeft(outcome)) assert.strictEqual(outcome.left._tag, "MammothAmbiguousName")
        }
      })
    )
  )

  it.live("all use one webhook in the end, over real sockets, even if lists are outdated", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      for (const name of ["first", "second", "third"]) {
        const taken = yield* Effect.forEach(
          Array.from({ length: 8 }, (_, n) => n),
          (n) =>
            Webhooks.ensure(name, { ...project, mode: "combine" }).pipe(
              Effect.tap((webhook) => Webhooks.addData(webhook, { n })),
              Effect.provide(replica(emulator.baseUrl))
            ),
          { concurrency: "unbounded" }
        )
        const ids = new Set(taken.map(({ id }) => id))
        assert.strictEqual(ids.size, 1)
        assert.strictEqual((yield* emulator.rows([...ids][0]!)).length, 8)
        yield* Effect.sleep("150 millis")
        const page = yield* api.list({ name: [name] })
        assert.deepStrictEqual(
          page.webhooks.map(({ id }) => id),
          [...ids]
        )
      }
    }).pipe(Effect.provide(Server.layer({ emulator: { listLag: "120 millis" } })))
  )
})

describe("A webhook that `ensure` created", () => {
  const nothing = Fault.status(200, { operation: "list", body: JSON.stringify({ webhooks: [], next: "" }) })

  /** Creates a webhook, and hides it from the next list. */
  const raced = Effect.gen(function* () {
    const older = yield* api.create({ name: "orders", mode: "combine" })
    yield* Server.inject(nothing)
    return older
  })

  const methods = Effect.map(Server.seen, (requests) =>
    requests.filter(({ method }) => method !== "GET").map(({ method, status }) => `${method} ${status}`)
  )

  it.effect("is deleted if an older webhook has the same name, and `ensure` returns the older webhook", () =>
    Effect.gen(function* () {
      const older = yield* raced
      yield* Server.seen
      const taken = yield* api.ensure("orders", { mode: "replace", origins: "https://a.example" })
      assert.deepInclude(taken, { id: older.id, mode: "replace", origins: "https://a.example" })
      assert.deepStrictEqual(yield* methods, ["POST 201", "DELETE 204", "PATCH 200"])
      assert.deepStrictEqual(
        (yield* api.list()).webhooks.map(({ id }) => id),
        [older.id]
      )
    }).pipe(Effect.provide(Server.layer()))
  )

  it.effect("is deleted as a duplicate even if the first deletion's request or response is lost", () =>
    Effect.gen(function* () {
      for (const acts of [true, false]) {
        const older = yield* raced
        yield* Server.inject(Fault.reset("start", { operation: "delete", acts }))
        const taken = yield* passing(api.ensure("orders", { mode: "combine" }))
        assert.strictEqual(taken.id, older.id)
        assert.deepStrictEqual(
          (yield* api.list()).webhooks.map(({ id }) => id),
          [older.id]
        )
        yield* api.delete({ webhookId: older.id })
      }
    }).pipe(Effect.provide(Server.layer()))
  )

  it.effect(
    "stays as a duplicate if the server forbids the deletion, and the error names the duplicate's id and the remedy",
    () =>
      Effect.gen(function* () {
        const older = yield* raced
        yield* Server.inject(Fault.status(403, { operation: "delete" }))
        yield* Server.seen
        const error = yield* Effect.flip(api.ensure("orders", { mode: "combine" }))
        assert.deepStrictEqual(yield* methods, ["POST 201", "DELETE 403"])
        if (error._tag !== "MammothAmbiguousName") return assert.fail(String(error))
        assert.strictEqual(error.delivery, "NotSent")
        assert.deepStrictEqual(error.ids.map(Number), [older.id, 2])
        assert.strictEqual(Number(error.undeleted?.id), 2)
        assert.strictEqual(error.undeleted?.reason, "MammothForbidden")
        assert.strictEqual(
          error.message,
          `Webhooks.ensure: 2 webhooks are named "orders" (ids ${older.id}, 2), so the call used none. Keep the webhook that holds `
            + "your rows (the lowest id, if processes created them at the same time), and delete the others. "
            + "This call created 2, and could not delete it (MammothForbidden)."
        )
      }).pipe(Effect.provide(Server.layer()))
  )

  it.effect("is returned with a warning if no list ever shows the webhook", () =>
    Effect.gen(function* () {
      const warnings = yield* Ref.make<ReadonlyArray<string>>([])
      const logger = Logger.make(({ logLevel, message }) =>
        logLevel === LogLevel.Warning
          ? Effect.runSync(Ref.update(warnings, (all) => [...all, String(message)]))
          : undefined
      )
      yield* Server.inject({ ...nothing, times: "every" })
      const taken = yield* passing(api.ensure("orders", { mode: "combine" })).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      assert.strictEqual(taken.id, 1)
      assert.match((yield* Ref.get(warnings)).join(), /created webhook 1, but lists do not show it after 10 s/)
    }).pipe(Effect.provide(Server.layer()))
  )
})

describe("The errors of `ensure` and `stream`", () => {
  const failures = (fault: Fault.Fault, ...before: ReadonlyArray<Fault.Fault>) =>
    Effect.gen(function* () {
      for (const each of [...before, fault]) yield* Server.inject(each)
      const error = yield* Effect.flip(api.ensure("orders", { mode: "combine" }))
      yield* Effect.flatMap(Emulator.Emulator, (emulator) => emulator.clearFaults)
      return error._tag === "MammothAmbiguousName" ? error._tag : `${error.operation}: ${error.message.split("/")[0]}`
    })

  it.effect("name `ensure` and the HTTP method of the failed request", () =>
    Effect.gen(function* () {
      const named = (method: string) => `ensure: Webhooks.ensure (${method} `
      assert.strictEqual(yield* failures(Fault.status(401, { operation: "list" })), named("GET"))
      assert.strictEqual(yield* failures(Fault.wrongJson({ operation: "list" })), named("GET"))
      assert.strictEqual(yield* failures(Fault.reset("start", { operation: "create" })), named("POST"))
      yield* api.create({ name: "orders", mode: "replace" })
      assert.strictEqual(yield* failures(Fault.status(403, { operation: "update" })), named("PATCH"))
      const wrong = yield* Effect.flip(
        api.ensure("orders", {}).pipe(RequestOptions.withOptions({ baseUrl: "nowhere" }))
      )
      assert.include(wrong.message, "Webhooks.ensure (GET ")
    }).pipe(Effect.provide(Server.layer()))
  )

  it.effect("name the invalid setting, and no request is sent", () =>
    Effect.gen(function* () {
      const refusals: ReadonlyArray<
        readonly [Effect.Effect<Webhook.Webhook, Webhooks.EnsureError, Webhooks.Webhooks>, RegExp]
      > = [
        [api.ensure("", {}), /^name: expected a well-formed name of at least one character/],
        // @ts-expect-error This mode does not exist.
        [api.ensure("orders", { mode: "merge" }), /^mode: expected "replace" or "combine"/],
        // @ts-expect-error The name of this setting is misspelled.
        [api.ensure("orders", { origin: "*" }), /^origin: expected no property with this name/],
        [Webhooks.ensure("orders", { workspaceId: 0, projectId: 4 }), /^workspaceId: expected an integer from 1/]
      ]
      for (const [call, expected] of refusals) {
        const error = yield* Effect.flip(call)
        assert.strictEqual(error._tag, "MammothInvalidRequest")
        const { issues, operation } = error as WebhooksError.InvalidRequest
        assert.strictEqual(operation, "ensure")
        assert.match(error.message.split("nothing was sent. ")[1] ?? "", expected)
        assert.strictEqual(issues.length, 1)
      }
      assert.deepStrictEqual(yield* Server.seen, [])
    }).pipe(Effect.provide(Server.layer()))
  )

  it.effect("name `stream` if a request for a page failed", () =>
    Effect.gen(function* () {
      yield* Server.inject(Fault.status(401))
      const error = yield* Effect.flip(Stream.runDrain(api.stream()))
      assert.match(error.message, /^Webhooks\.stream \(GET /)
    }).pipe(Effect.provide(Server.layer()))
  )
})

describe("NamedWebhooks.plan", () => {
  it.effect("returns the action that `ensure` would take, sends only GETs, and requests no keys or secrets", () =>
    Effect.gen(function* () {
      const plan = (spec: Pick<Webhooks.EnsureSpec, "mode" | "origins">) =>
        NamedWebhooks.plan("orders, paid", { ...project, ...spec })
      assert.deepStrictEqual(yield* plan({ mode: "combine" }), { action: "create", id: undefined, changes: [] })
      const { id } = yield* api.create({ name: "orders, paid", mode: "replace" })
      yield* Server.seen
      assert.deepStrictEqual(yield* plan({ mode: "replace" }), { action: "keep", id, changes: [] })
      assert.deepStrictEqual(yield* plan({ mode: "combine", origins: "https://a.example" }), {
        action: "update",
        id,
        changes: [
          { setting: "mode", from: "replace", to: "combine" },
          { setting: "origins", from: "*", to: "https://a.example" }
        ]
      })
      const requests = yield* Server.seen
      assert.deepStrictEqual([...new Set(requests.map(({ method }) => method))], ["GET"])
      assert.notMatch(requests.map(({ url }) => url).join(), /uri|secret/)
    }).pipe(Effect.provide(Server.layer()))
  )

  it.effect("fails with AmbiguousName if several webhooks have the same name, and refuses an empty name", () =>
    Effect.gen(function* () {
      const first = yield* api.create({ name: "orders", mode: "combine" })
      const second = yield* api.create({ name: "orders", mode: "combine" })
      const ambiguous = yield* Effect.flip(NamedWebhooks.plan("orders", project))
      if (ambiguous._tag !== "MammothAmbiguousName") return assert.fail(String(ambiguous))
      assert.deepStrictEqual(ambiguous.ids, [first.id, second.id])
      yield* Server.seen
      const refused = yield* Effect.flip(NamedWebhooks.plan("", project))
      assert.match(refused.message, /name.*: expected/)
      assert.deepStrictEqual(yield* Server.seen, [])
    }).pipe(Effect.provide(Server.layer()))
  )
})

describe("NamedWebhooks.find", () => {
  it.effect("returns the webhooks that have exactly the given name, sorted by id", () =>
    Effect.gen(function* () {
      const first = yield* api.create({ name: "orders", mode: "combine" })
      yield* api.create({ name: "orders 2", mode: "combine" })
      const third = yield* api.create({ name: "orders", mode: "replace" })
      const found = yield* NamedWebhooks.find({ ...project, name: "orders" })
      assert.deepStrictEqual(
        found.map(({ id, mode }) => [id, mode]),
        [
          [first.id, "combine"],
          [third.id, "replace"]
        ]
      )
      assert.deepStrictEqual(yield* NamedWebhooks.find({ ...project, name: "order" }), [])
    }).pipe(Effect.provide(Server.layer()))
  )
})
