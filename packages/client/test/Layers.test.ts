import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Operations, WebhooksError } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import {
  Config,
  type ConfigError,
  ConfigProvider,
  Context,
  Duration,
  Effect,
  Either,
  Layer,
  Redacted,
  Schema,
  Stream
} from "effect"
import { Credentials, MammothConfig, RequestOptions, RetryPolicy, Webhooks, WebhookSink } from "../src/index.js"
import * as Script from "./support/Script.js"
import * as Server from "./support/Server.js"

const environment = (variables: Record<string, string>) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))

/** Builds a layer that fails, and returns its error as a string. */
const failure = <A, E>(layer: Layer.Layer<A, E>) =>
  Effect.map(Effect.flip(Effect.scoped(Layer.build(layer))), (error) => String(error))

describe("The function that makePerform returns", () => {
  it.live("calls any operation with the credentials and the retries of the layer", () =>
    Effect.gen(function* () {
      const { apiKey, apiSecret, baseUrl } = yield* Emulator.Emulator
      const needs = Layer.mergeAll(
        Credentials.layer({ apiKey, apiSecret }),
        MammothConfig.layer({ baseUrl }),
        FetchHttpClient.layer
      )
      const patient = yield* Effect.provide(Webhooks.makePerform, needs)
      yield* Server.inject(Fault.status(503, { headers: { "retry-after": "0" } }))
      const page = yield* patient(Operations.list, Server.project)
      assert.deepStrictEqual(page.webhooks, [])
      const requests = yield* Server.seen
      assert.deepStrictEqual(
        requests.map(({ headers }) => headers.some(([name]) => name.toLowerCase() === "x-api-secret")),
        [true, true]
      )

      const hasty = yield* Effect.provide(Webhooks.makePerform, Layer.merge(needs, RetryPolicy.layer(RetryPolicy.none)))
      yield* Server.inject(Fault.status(503))
      assert.strictEqual((yield* Effect.flip(hasty(Operations.list, Server.project)))._tag, "MammothServerError")
      assert.lengthOf(yield* Server.seen, 1)
      // @ts-expect-error The types refuse `fields`, because the result's type would wrongly promise all fields.
      yield* hasty(Operations.list, { ...Server.project, fields: ["id"] })
      assert.lengthOf(yield* Server.seen, 1)
      const refused = yield* Effect.flip(hasty(Operations.list, { ...Server.project, limit: 101 }))
      assert.strictEqual(refused._tag, "MammothInvalidRequest")
      assert.lengthOf(yield* Server.seen, 0)
    }).pipe(Effect.provide(Emulator.layer()))
  )
})

describe("Credentials", () => {
  it.effect("can come from an HTTP request, and the SDK does not change the fetch settings of this request", () =>
    Effect.gen(function* () {
      const seen: Array<RequestInit["redirect"]> = []
      const fetch: typeof globalThis.fetch = (_, init) => {
        seen.push(init?.redirect)
        return Promise.resolve(new Response("{}"))
      }
      const ask = Effect.flatMap(HttpClient.HttpClient, (client) => client.get("http://vault/")).pipe(
        Effect.provide(FetchHttpClient.layer),
        Effect.provideService(FetchHttpClient.Fetch, fetch),
        Effect.orDie
      )
      const keys = { apiKey: Redacted.make("key"), apiSecret: Redacted.make("secret") }
      const credentials = Credentials.layerPerAttempt(Effect.as(ask, keys))
      yield* Server.api
        .list()
        .pipe(
          RequestOptions.withOptions({ onResponse: () => Effect.asVoid(ask) }),
          Effect.provide(Script.layer([], { credentials }))
        )
      assert.deepStrictEqual(seen, [undefined, undefined])
    })
  )

  const keys = (layer: Layer.Layer<Credentials.Credentials, unknown>) =>
    Effect.flatMap(Credentials.Credentials, (credentials) => credentials.keys).pipe(
      Effect.map(({ apiKey, apiSecret }) => [Redacted.value(apiKey), Redacted.value(apiSecret)]),
      Effect.provide(layer)
    )

  it.effect("come from the environment variables of the reference SDK", () =>
    Effect.gen(function* () {
      const given = environment({ MAMMOTHANALYTICS_API_KEY: "k", MAMMOTHANALYTICS_API_SECRET: "s" })
      assert.deepStrictEqual(yield* keys(Credentials.layerConfig().pipe(Layer.provide(given))), ["k", "s"])
    })
  )

  it.effect("cause an error with the variable's name if an environment variable is missing", () =>
    Effect.gen(function* () {
      const missing = yield* failure(
        Credentials.layerConfig().pipe(Layer.provide(environment({ MAMMOTHANALYTICS_API_KEY: "hidden" })))
      )
      assert.include(missing, "MAMMOTHANALYTICS_API_SECRET")
      assert.notInclude(missing, "redacted")
      const empty = environment({ MAMMOTHANALYTICS_API_KEY: "", MAMMOTHANALYTICS_API_SECRET: "hidden" })
      assert.include(yield* failure(Credentials.layerConfig().pipe(Layer.provide(empty))), "MAMMOTHANALYTICS_API_KEY")
      assert.notInclude(missing, "hidden")
    })
  )

  it.effect("are trimmed, and cause an error that names the key if a header cannot carry the key", () =>
    Effect.gen(function* () {
      const layer = (apiKey: string) =>
        Credentials.layerConfig().pipe(
          Layer.provide(environment({ MAMMOTHANALYTICS_API_KEY: apiKey, MAMMOTHANALYTICS_API_SECRET: "s\r\n" }))
        )
      assert.deepStrictEqual(yield* keys(layer(" k\n")), ["k", "s"])
      const named = Credentials.layerConfig({ apiKey: Config.redacted("KEY"), apiSecret: Config.redacted("SECRET") })
      for (const wrong of [
        yield* failure(layer("hidden\nkey")),
        yield* failure(layer("hidden–key")),
        yield* failure(named.pipe(Layer.provide(environment({ KEY: "hidden\nkey", SECRET: "s" }))))
      ]) {
        assert.match(wrong, /(API_KEY|apiKey): "Expected printable ASCII, as HTTP headers require, received a string/)
        assert.notInclude(wrong, "hidden")
      }
      assert.match(
        yield* failure(named.pipe(Layer.provide(environment({ KEY: "", SECRET: "s" })))),
        /apiKey: "Expected a string of at least one character, received an empty string"/
      )
    })
  )

  it.effect("are sent with the header x-workspace-id if they include a workspace id", () =>
    Effect.gen(function* () {
      yield* Server.api.list()
      const headers = (yield* Server.seen).flatMap(({ headers }) => headers.map(([name, value]) => `${name}: ${value}`))
      assert.include(headers, "x-workspace-id: 4")
    }).pipe(
      Effect.provide(
        Server.layer({
          credentials: Credentials.layer({
            apiKey: Redacted.make("emulator-key"),
            apiSecret: Redacted.make("emulator-secret"),
            workspaceId: 4
          })
        })
      )
    )
  )

  it.effect("can be values or Configs, and are refused if the workspace id is invalid", () =>
    Effect.gen(function* () {
      const variables = environment({
        KEY: "k",
        MAMMOTHANALYTICS_API_KEY: "other",
        MAMMOTHANALYTICS_API_SECRET: "s",
        WORKSPACE: "4"
      })
      const read = (options: Credentials.ConfigOptions) =>
        Effect.flatMap(Credentials.Credentials, (credentials) => credentials.keys).pipe(
          Effect.map(({ apiKey, apiSecret, workspaceId }) => [
            Redacted.value(apiKey),
            Redacted.value(apiSecret),
            workspaceId
          ]),
          Effect.provide(Credentials.layerConfig(options).pipe(Layer.provide(variables)))
        )
      assert.deepStrictEqual(
        yield* read({ apiKey: Config.redacted("KEY"), workspaceId: Config.integer("WORKSPACE") }),
        ["k", "s", 4]
      )
      assert.deepStrictEqual(yield* read({ apiSecret: Redacted.make(" v\n"), workspaceId: 5 }), ["other", "v", 5])
      assert.deepStrictEqual(yield* read({ apiKey: undefined }), ["other", "s", undefined])
      // Expect the value of the environment variable if a Config yields undefined, as if the option were missing.
      const whole = Config.map(Config.redacted("KEY"), (apiSecret) => ({ apiSecret }))
      assert.deepStrictEqual(yield* read(whole), ["other", "k", undefined])
      assert.deepStrictEqual(yield* read({ apiKey: Config.succeed(undefined) }), ["other", "s", undefined])

      const refused = (options: Credentials.ConfigOptions) =>
        failure(Credentials.layerConfig(options).pipe(Layer.provide(variables)))
      assert.include(yield* refused({ apiKey: Config.redacted("ELSEWHERE") }), "ELSEWHERE")
      assert.include(
        yield* refused({ workspaceId: 0 }),
        `at workspaceId: "Expected an integer from 1 to 2^53 - 1, received zero"`
      )
      assert.include(
        yield* refused({ workspaceId: Config.number("WORKSPACE").pipe(Config.map((n) => n / 8)) }),
        "workspaceId"
      )
    })
  )

  it.effect("are read once by layerEffect, and for each attempt by layerPerAttempt", () =>
    Effect.gen(function* () {
      const reads = (make: (keys: Effect.Effect<Credentials.Keys>) => Layer.Layer<Credentials.Credentials>) =>
        Effect.gen(function* () {
          let count = 0
          const keys = Effect.sync((): Credentials.Keys => {
            count++
            return { apiKey: Redacted.make(`key ${count}`), apiSecret: Redacted.make("secret") }
          })
          const counts: Array<number> = []
          yield* Effect.gen(function* () {
            counts.push(count)
            yield* Server.api.list()
            yield* Server.api.list()
            counts.push(count)
            const sent = (yield* Script.Attempts).headers.map((headers) => headers["x-api-key"])
            counts.push(new Set(sent).size)
          }).pipe(Effect.provide(Script.layer([], { credentials: make(keys) })))
          return counts
        })
      assert.deepStrictEqual(yield* reads(Credentials.layerEffect), [1, 1, 1])
      assert.deepStrictEqual(yield* reads(Credentials.layerPerAttempt), [0, 2, 2])
    })
  )
})

describe("Credentials.layerEffect", () => {
  it.effect("fails with the error of the credentials effect if this effect fails", () =>
    Effect.gen(function* () {
      const layer = Credentials.layerEffect(Effect.fail("the vault is locked" as const))
      expectTypeOf(layer).toEqualTypeOf<Layer.Layer<Credentials.Credentials, "the vault is locked">>()
      assert.strictEqual(yield* failure(layer), "the vault is locked")
    })
  )
})

describe("A call whose credentials effect fails", () => {
  it.effect("fails with a CredentialsError before anything is sent", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Server.api.list())
      assert.strictEqual(error._tag, "MammothCredentialsError")
      assert.deepInclude(error, { reason: "the vault is locked", operation: "list", delivery: "NotSent" })
      assert.deepStrictEqual(yield* Server.seen, [])
    }).pipe(
      Effect.provide(
        Server.layer({
          credentials: Credentials.layerPerAttempt(
            Effect.fail(new WebhooksError.CredentialsError({ reason: "the vault is locked" }))
          )
        })
      )
    )
  )
})

describe("Two layers with different accounts", () => {
  it.effect("each send their own account's keys", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.Emulator
      const account = (apiKey: string) =>
        Webhooks.layer.pipe(
          Layer.provide([
            Server.keys(apiKey, "secret"),
            MammothConfig.layer({ baseUrl: emulator.baseUrl }),
            FetchHttpClient.layer
          ]),
          Layer.map((context) => Context.make(Account(apiKey), Context.get(context, Webhooks.Webhooks)))
        )
      yield* Effect.gen(function* () {
        for (const name of ["one", "two"]) {
          const webhooks = yield* Account(name)
          yield* Effect.exit(webhooks.list(Server.project))
        }
      }).pipe(Effect.provide(Layer.merge(account("one"), account("two"))))
      assert.deepStrictEqual(
        (yield* emulator.requests).map(({ headers }) => headers.find(([name]) => name === "x-api-key")?.[1]),
        ["one", "two"]
      )
    }).pipe(Effect.provide(Emulator.layer()))
  )
})

/** Makes the tag for the operations of one account. */
const Account = (name: string) => Context.GenericTag<Webhooks.Service>(`test/Account/${name}`)

describe("MammothConfig", () => {
  const config = (options?: MammothConfig.Options) => Either.getOrThrow(MammothConfig.make(options))
  const refused = (baseUrl: string, options?: MammothConfig.Options) =>
    Either.match(MammothConfig.make({ ...options, baseUrl }), { onLeft: String, onRight: () => "taken" })

  it("defaults to the vendor's server, a timeout of 30 s, and no deadline", () => {
    const { baseUrl, deadline, timeout } = config()
    assert.deepStrictEqual(
      [baseUrl, timeout, deadline],
      ["https://app.mammoth.io/api/v2", Duration.seconds(30), undefined]
    )
  })

  it("accepts base URLs with and without a slash at the end", () => {
    assert.strictEqual(config({ baseUrl: "https://example.com/api/v2/" }).baseUrl, "https://example.com/api/v2")
    assert.strictEqual(config({ baseUrl: "https://example.com" }).baseUrl, "https://example.com")
  })

  it("refuses http to a remote host unless allowInsecure is true", () => {
    for (const loopback of ["http://localhost:4010", "http://127.0.0.1:1/api", "http://[::1]:1", "http://127.9.9.9"]) {
      assert.strictEqual(refused(loopback), "taken")
    }
    for (const other of [
      "http://example.com",
      "http://localhost.example.com",
      "http://127.0.0.1.example.com",
      "http://10.0.0.1"
    ]) {
      assert.include(refused(other), "because http does not encrypt the keys")
      assert.strictEqual(refused(other, { allowInsecure: true }), "taken")
    }
  })

  it("refuses an invalid base URL without showing the URL", () => {
    for (const wrong of [
      "sesame",
      "ftp://sesame",
      "https://u:sesame@example.com",
      "https://example.com?sesame",
      "https://example.com#sesame"
    ]) {
      assert.notStrictEqual(refused(wrong), "taken")
      assert.notInclude(refused(wrong), "sesame")
    }
  })

  it("refuses times of zero or less, header values that cannot be sent, and reserved header names", () => {
    const wrong: ReadonlyArray<MammothConfig.Options> = [
      { userAgent: "a\nb" },
      { timeout: Number.NaN },
      { timeout: 0 },
      { deadline: "-1 seconds" },
      JSON.parse(`{ "timeout": "30s" }`),
      { webhookSecret: { header: "x y" } },
      { webhookSecret: { header: "X-API-KEY" } },
      { webhookSecret: { header: "Content-Length" } },
      { webhookSecret: { header: "host" } },
      { webhookSecret: { header: "Proxy-Authorization" } },
      { webhookSecret: { header: "content-type" } },
      { webhookSecret: { header: "Accept" } },
      { webhookSecret: { header: "user-agent" } },
      JSON.parse(`{ "webhookSecret": { "header": 7.5, "scheme": 7 } }`),
      JSON.parse(`{ "userAgent": ["a"] }`),
      { webhookSecret: { scheme: "Bear\ner" } }
    ]
    for (const options of wrong) assert.isTrue(Either.isLeft(MammothConfig.make(options)), JSON.stringify(options))
  })

  it.effect("reads environment variables, and its options override the variables", () =>
    Effect.gen(function* () {
      const variables = environment({
        MAMMOTH_BASE_URL: "https://example.com/api/v2",
        MAMMOTH_TIMEOUT: "5 seconds",
        MAMMOTH_DEADLINE: "1 minute"
      })
      const found = yield* MammothConfig.MammothConfig.pipe(
        Effect.provide(MammothConfig.layerConfig({ timeout: "7 seconds" }).pipe(Layer.provide(variables)))
      )
      assert.deepInclude(found, { baseUrl: "https://example.com/api/v2", timeout: Duration.seconds(7) })
      assert.deepStrictEqual(found.deadline, Duration.minutes(1))
      const inherited = yield* MammothConfig.MammothConfig.pipe(
        Effect.provide(
          MammothConfig.layerConfig({ baseUrl: undefined, timeout: undefined }).pipe(Layer.provide(variables))
        )
      )
      assert.deepInclude(inherited, { baseUrl: "https://example.com/api/v2", timeout: Duration.seconds(5) })
      const wrong = yield* failure(
        MammothConfig.layerConfig().pipe(Layer.provide(environment({ MAMMOTH_BASE_URL: "example.com" })))
      )
      assert.include(wrong, "MAMMOTH_BASE_URL")
    })
  )

  it("treats an infinite time as no limit", () => {
    const { deadline, timeout } = config({ timeout: Infinity, deadline: Infinity })
    assert.deepStrictEqual([timeout, deadline], [Duration.infinity, undefined])
  })

  it.effect("treats empty variables as missing, and names a variable whose value is invalid", () =>
    Effect.gen(function* () {
      const empty = environment({ MAMMOTH_BASE_URL: "", MAMMOTH_TIMEOUT: " ", MAMMOTH_DEADLINE: "\n" })
      const found = yield* MammothConfig.MammothConfig.pipe(
        Effect.provide(MammothConfig.layerConfig().pipe(Layer.provide(empty)))
      )
      assert.deepInclude(found, { baseUrl: "https://app.mammoth.io/api/v2", timeout: Duration.seconds(30) })
      assert.isUndefined(found.deadline)
      const wrong = (variables: Record<string, string>, options?: MammothConfig.Options) =>
        failure(MammothConfig.layerConfig(options).pipe(Layer.provide(environment(variables))))
      const expected = `Expected a time above zero, such as "10 seconds", received a string of 3 characters`
      assert.include(yield* wrong({ MAMMOTH_TIMEOUT: "30s" }), `at MAMMOTH_TIMEOUT: "${expected}"`)
      assert.include(yield* wrong({ MAMMOTH_DEADLINE: "30s" }), `at MAMMOTH_DEADLINE: "${expected}"`)
      // If an option is wrong, expect an error that does not name an environment variable.
      assert.notInclude(yield* wrong({}, { userAgent: "a\nb" }), "MAMMOTH_")
      assert.notInclude(yield* wrong({ MAMMOTH_TIMEOUT: "1 second" }, { timeout: 0 }), "MAMMOTH_")
    })
  )

  it.effect("accepts each option as a value or as a Config", () =>
    Effect.gen(function* () {
      const variables = environment({
        AGENT: "shop/1.0",
        CLEAR: "true",
        HEADER: "x-secret",
        LIMIT: "1000",
        MAMMOTH_BASE_URL: "http://example.com",
        MAMMOTH_DEADLINE: "1 minute",
        MAMMOTH_TIMEOUT: "30s",
        PATIENCE: "7 seconds"
      })
      const read = (options: MammothConfig.ConfigOptions) =>
        Effect.provide(MammothConfig.MammothConfig, MammothConfig.layerConfig(options).pipe(Layer.provide(variables)))
      const transformClient = HttpClient.mapRequest(HttpClientRequest.setHeader("x-proxy", "yes"))
      assert.deepStrictEqual(
        yield* read({
          allowInsecure: Config.boolean("CLEAR"),
          userAgent: Config.string("AGENT"),
          // Override MAMMOTH_TIMEOUT, whose value is not a time.
          timeout: Config.duration("PATIENCE"),
          webhookSecret: { header: Config.string("HEADER"), scheme: Config.succeed("Bearer") },
          responseLimits: Config.map(Config.integer("LIMIT"), (other) => ({ other })),
          traceContext: true,
          logBodies: Config.succeed(true),
          transformClient
        }),
        {
          baseUrl: "http://example.com",
          allowInsecure: true,
          userAgent: "shop/1.0",
          timeout: Duration.seconds(7),
          deadline: Duration.minutes(1),
          webhookSecret: { header: "x-secret", scheme: "Bearer" },
          responseLimits: { needed: 32 * 2 ** 20, other: 1000 },
          traceContext: true,
          logBodies: true,
          transformClient
        }
      )
      const other = yield* read({
        baseUrl: Config.succeed("https://elsewhere.example"),
        timeout: 1000,
        deadline: Config.succeed(undefined),
        webhookSecret: Config.succeed({ scheme: "Basic" }),
        responseLimits: { needed: Config.integer("LIMIT") },
        transformClient: Config.succeed(transformClient)
      })
      assert.deepInclude(other, {
        baseUrl: "https://elsewhere.example",
        timeout: Duration.seconds(1),
        deadline: Duration.minutes(1),
        webhookSecret: { header: "authorization", scheme: "Basic" },
        responseLimits: { needed: 1000, other: 2 * 2 ** 20 }
      })
      assert.strictEqual(other.transformClient, transformClient)
      const whole = Config.map(Config.duration("PATIENCE"), (timeout) => ({ timeout, allowInsecure: true }))
      assert.deepStrictEqual((yield* read(whole)).timeout, Duration.seconds(7))

      const refused = (options: MammothConfig.ConfigOptions) =>
        failure(MammothConfig.layerConfig({ timeout: 1000, ...options }).pipe(Layer.provide(variables)))
      assert.include(yield* refused({ userAgent: Config.string("MISSING") }), "MISSING")
      // Expect the option's name in the error if the option's Config yields a wrong value.
      assert.include(yield* refused({ baseUrl: Config.string("AGENT") }), "at baseUrl")
    })
  )

  it.effect("lets transformClient change each attempt's request", () =>
    Effect.gen(function* () {
      yield* Server.api.list()
      const headers = (yield* Server.seen).flatMap(({ headers }) => headers.map(([name, value]) => `${name}: ${value}`))
      assert.include(headers, "x-proxy: yes")
    }).pipe(
      Effect.provide(
        Server.layer({
          config: { transformClient: HttpClient.mapRequest(HttpClientRequest.setHeader("x-proxy", "yes")) }
        })
      )
    )
  )

  it.effect("passes complete requests to transformClient, with base URL and keys", () =>
    Effect.gen(function* () {
      const seen: Array<string> = []
      const { baseUrl } = yield* Emulator.Emulator
      yield* Server.api.list().pipe(
        Effect.provide(
          Webhooks.layer.pipe(
            Layer.provide([
              Server.keys("emulator-key", "emulator-secret"),
              MammothConfig.layer({
                baseUrl,
                transformClient: HttpClient.tapRequest((request) =>
                  Effect.sync(() => seen.push(request.url, request.headers["x-api-key"] ?? "none"))
                )
              }),
              FetchHttpClient.layer
            ])
          )
        )
      )
      assert.deepStrictEqual(seen, [`${baseUrl}/workspaces/4/projects/4/webhooks`, "emulator-key"])
    }).pipe(Effect.provide(Emulator.layer()))
  )

  it.effect("sends trace context to the server only if traceContext is true", () =>
    Effect.gen(function* () {
      const sent = (traceContext: boolean) =>
        Effect.gen(function* () {
          yield* Server.api.list()
          return (yield* Server.seen)[0]?.headers.some(([name]) => name.toLowerCase() === "traceparent")
        }).pipe(Effect.withSpan("app"), Effect.provide(Server.layer({ config: { traceContext } })))
      assert.deepStrictEqual([yield* sent(false), yield* sent(true)], [false, true])
    })
  )

  it.effect("lets a single call override the base URL", () =>
    Effect.gen(function* () {
      const other = yield* Emulator.make({ apiKey: "emulator-key" })
      yield* Server.api.list().pipe(RequestOptions.withOptions({ baseUrl: other.baseUrl }))
      assert.strictEqual((yield* other.requests).length, 1)
      assert.deepStrictEqual(yield* Server.seen, [])
    }).pipe(Effect.scoped, Effect.provide(Server.layer()))
  )
})

describe("Webhooks.layerPush", () => {
  /** Creates a webhook on the provided emulator. Returns the webhook, the full layer and the push layer. */
  const pushing = Effect.gen(function* () {
    const { apiKey, apiSecret, baseUrl, clearRequests } = yield* Emulator.Emulator
    const transport = Layer.merge(MammothConfig.layer({ baseUrl }), FetchHttpClient.layer)
    const full = Webhooks.layer.pipe(Layer.provide([Credentials.layer({ apiKey, apiSecret }), transport]))
    const orders = yield* Server.api.create({ name: "orders", mode: "combine" }).pipe(Effect.provide(full))
    yield* clearRequests
    return { orders, full, push: Webhooks.layerPush.pipe(Layer.provide(transport)) }
  })

  it.effect("pushes with the webhook's key, and sends no account keys", () =>
    Effect.gen(function* () {
      const { orders, push } = yield* pushing
      yield* Effect.gen(function* () {
        yield* Webhooks.addData(orders, { order: 1 })
        yield* Webhooks.addDataUsingGet(orders, { order: 2 })
        const appended = WebhookSink.append(orders, { schema: Schema.Struct({ order: Schema.Int }) })
        yield* Stream.run(Stream.make({ order: 3 }), appended)
      }).pipe(Effect.provide(push))
      const { rows } = yield* Emulator.Emulator
      assert.deepStrictEqual(yield* rows(orders.id), [{ order: 1 }, { order: "2" }, { order: 3 }])
      const names = (yield* Server.seen).flatMap(({ headers }) => headers.map(([name]) => name.toLowerCase()))
      assert.include(names, "accept")
      for (const name of ["x-api-key", "x-api-secret", "x-workspace-id"]) assert.notInclude(names, name)
    }).pipe(Effect.provide(Emulator.layer({ openData: true })))
  )

  it.effect("fails with Unauthorized after one request if the server requires account keys", () =>
    Effect.gen(function* () {
      const { orders, push } = yield* pushing
      const error = yield* Effect.flip(Webhooks.addData(orders, { order: 1 })).pipe(Effect.provide(push))
      assert.strictEqual(error._tag, "MammothUnauthorized")
      assert.strictEqual((yield* Server.seen).length, 1)
    }).pipe(Effect.provide(Emulator.layer()))
  )

  it.effect("handles only the pushes if Webhooks.layer is also provided", () =>
    Effect.gen(function* () {
      const { full, orders, push } = yield* pushing
      yield* Webhooks.addData(orders, { order: 1 }).pipe(
        Effect.zipRight(Server.api.list()),
        Effect.provide(Layer.provideMerge(push, full))
      )
      assert.deepStrictEqual(
        (yield* Server.seen).map(({ headers, operation }) => [
          operation,
          headers.some(([name]) => name === "x-api-key")
        ]),
        [
          ["addData", false],
          ["list", true]
        ]
      )
    }).pipe(Effect.provide(Emulator.layer({ openData: true })))
  )
})

describe("Webhooks.layerConfig", () => {
  const variables = (more: Record<string, string> = {}) =>
    environment({
      MAMMOTHANALYTICS_API_KEY: "emulator-key",
      MAMMOTHANALYTICS_API_SECRET: "emulator-secret",
      ...more
    })

  it.live("reads credentials and configuration from the environment", () =>
    Effect.gen(function* () {
      const { apiKey, apiSecret, baseUrl } = yield* Emulator.Emulator
      const listed = (options?: Webhooks.ConfigOptions) =>
        Effect.provide(
          Server.api.list(),
          Webhooks.layerConfig(options).pipe(
            Layer.provide([
              FetchHttpClient.layer,
              RetryPolicy.layer(RetryPolicy.none),
              environment({
                MAMMOTHANALYTICS_API_KEY: Redacted.value(apiKey),
                MAMMOTHANALYTICS_API_SECRET: Redacted.value(apiSecret),
                MAMMOTH_BASE_URL: baseUrl
              })
            ]),
            Layer.orDie
          )
        )
      assert.deepStrictEqual((yield* listed()).webhooks, [])
      yield* Server.seen
      yield* listed({ userAgent: "shop/1.0", workspaceId: Config.succeed(4) })
      const [request] = yield* Server.seen
      assert.deepInclude(Object.fromEntries(request?.headers ?? []), {
        "user-agent": "shop/1.0",
        "x-workspace-id": "4"
      })
      const wrong = yield* Effect.flip(listed({ apiKey: Redacted.make("wrong") }))
      assert.strictEqual(wrong._tag, "MammothUnauthorized")
      // Expect no retry after the 503, because the layer got a policy without retries.
      yield* Server.inject(Fault.status(503))
      const error = yield* Effect.flip(listed())
      assert.strictEqual(error._tag, "MammothServerError")
    }).pipe(Effect.provide(Emulator.layer()))
  )

  it.effect("fails with an error that names the option or variable if a value is invalid", () =>
    Effect.gen(function* () {
      const refused = (options?: Webhooks.ConfigOptions, given: Record<string, string> = {}) =>
        failure(Webhooks.layerConfig(options).pipe(Layer.provide([FetchHttpClient.layer, variables(given)])))
      assert.include(yield* refused({}, { MAMMOTH_BASE_URL: "example.com" }), "MAMMOTH_BASE_URL")
      assert.include(yield* refused({}, { MAMMOTHANALYTICS_API_KEY: "" }), "MAMMOTHANALYTICS_API_KEY")
      assert.include(yield* refused({ workspaceId: 0.5 }), "workspaceId")
      assert.include(yield* refused({ timeout: Config.duration("PATIENCE") }), "PATIENCE")
    })
  )
})

describe("The types of layers", () => {
  it("require only an HTTP client for Webhooks.layerConfig", () => {
    expectTypeOf(Webhooks.layerConfig).returns.toEqualTypeOf<
      Layer.Layer<Webhooks.Webhooks, ConfigError.ConfigError, HttpClient.HttpClient>
    >()
    expectTypeOf<MammothConfig.Options & Credentials.Options>().toExtend<Webhooks.ConfigOptions>()
  })

  it("let layerConfig accept its options as values, as Configs, or wrapped in the type Config.Wrap", () => {
    expectTypeOf<MammothConfig.Options>().toExtend<MammothConfig.ConfigOptions>()
    expectTypeOf<Config.Config.Wrap<MammothConfig.Options>>().toExtend<MammothConfig.ConfigOptions>()
    expectTypeOf<Credentials.Options>().toExtend<Credentials.ConfigOptions>()
    expectTypeOf<Config.Config.Wrap<Credentials.Options>>().toExtend<Credentials.ConfigOptions>()
    expectTypeOf<{ readonly timeout: Config.Config<Duration.Duration> }>().toExtend<MammothConfig.ConfigOptions>()
    expectTypeOf<{ readonly timeout: Config.Config<boolean> }>().not.toExtend<MammothConfig.ConfigOptions>()
    expectTypeOf<{ readonly apiKey: string }>().not.toExtend<Credentials.ConfigOptions>()
  })

  it("require only credentials, configuration and an HTTP client for Webhooks.layer", () => {
    expectTypeOf(Webhooks.layer).toEqualTypeOf<
      Layer.Layer<
        Webhooks.Webhooks,
        never,
        Credentials.Credentials | MammothConfig.MammothConfig | HttpClient.HttpClient
      >
    >()
    expectTypeOf(FetchHttpClient.layer).toEqualTypeOf<Layer.Layer<HttpClient.HttpClient>>()
  })

  it("require no credentials for Webhooks.layerPush", () => {
    expectTypeOf(Webhooks.layerPush).toEqualTypeOf<
      Layer.Layer<Webhooks.WebhookPush, never, MammothConfig.MammothConfig | HttpClient.HttpClient>
    >()
  })

  it("let pushes run with only Webhooks.WebhookPush, which both layer and layerPush provide", () => {
    const pushed = Webhooks.addData("key", { order: 1 })
    type Needed = MammothConfig.MammothConfig | HttpClient.HttpClient
    const withPush = () => Effect.provide(pushed, Webhooks.layerPush)
    const withFull = () => Effect.provide(pushed, Webhooks.layer)
    expectTypeOf(pushed).toEqualTypeOf<Effect.Effect<void, Webhooks.AddDataError, Webhooks.WebhookPush>>()
    expectTypeOf(Webhooks.addDataUsingGet("key", { order: 1 })).toEqualTypeOf<
      Effect.Effect<void, WebhooksError.Common, Webhooks.WebhookPush>
    >()
    expectTypeOf<Effect.Effect.Context<ReturnType<typeof withPush>>>().toEqualTypeOf<Needed>()
    expectTypeOf<Effect.Effect.Context<ReturnType<typeof withFull>>>().toEqualTypeOf<Needed | Credentials.Credentials>()
    expectTypeOf(pushed).toExtend<Effect.Effect<void, Webhooks.AddDataError, Webhooks.Webhooks>>()
  })

  it("require Webhooks.layer for every operation that is not a push", () => {
    const onPush = <A, E, R>(call: Effect.Effect<A, E, R>) =>
      call.pipe(Effect.zipLeft(Webhooks.addData("key", { order: 1 })), Effect.provide(Webhooks.layerPush))
    type Left = Webhooks.Webhooks | MammothConfig.MammothConfig | HttpClient.HttpClient
    const calls = {
      list: () => onPush(Webhooks.list(Server.project)),
      delete: () => onPush(Webhooks.delete({ ...Server.project, webhookId: 1 })),
      inProject: () => onPush(Server.api.create({ name: "orders" })),
      perform: () => onPush(Webhooks.operation(Operations.delete)({ ...Server.project, webhookId: 1 }))
    }
    type Calls = typeof calls
    expectTypeOf<{ [Name in keyof Calls]: Effect.Effect.Context<ReturnType<Calls[Name]>> }>().toEqualTypeOf<
      Record<keyof Calls, Left>
    >()
  })
})
