/**
 * Makes a transport that follows a script in virtual time, for tests of waits. `Delivery.test.ts` tests real transports
 * over real sockets.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { Clock, Context, Effect, Layer } from "effect"
import { Credentials, MammothConfig, RetryPolicy, Webhooks } from "../../src/index.js"
import * as Server from "./Server.js"

/** The transport's action for one request. */
export type Step =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | { readonly error: object }
  | "hang"
  /** Responds with a success after five seconds. */
  | "slow"

/** Records the times of the attempts in milliseconds, and their headers. */
export class Attempts extends Context.Tag("test/Attempts")<
  Attempts,
  { readonly times: Array<number>; readonly headers: Array<Readonly<Record<string, string>>>; steps: Array<Step> }
>() {}

export const refused: Step = { error: { code: "ECONNREFUSED", syscall: "connect", message: "refused" } }
export const reset: Step = { error: { code: "ECONNRESET", syscall: "read", message: "reset" } }
export const unresolvable: Step = { error: { code: "ENOTFOUND", syscall: "getaddrinfo", message: "no such host" } }
export const busyResolver: Step = { error: { code: "EAI_AGAIN", syscall: "getaddrinfo", message: "try again" } }
export const badCertificate: Step = { error: { code: "CERT_HAS_EXPIRED", message: "expired" } }

/** A response with status 200 that every operation accepts. */
export const fine: { readonly status: number; readonly headers?: Record<string, string>; readonly body: string } = {
  status: 200,
  body: JSON.stringify({
    webhooks: [],
    next: "",
    webhook: { id: 8, name: "n", mode: "combine", uri: "/webhook/data/k", ds_id: 1 }
  })
}

const transport = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(Attempts, (attempts) =>
    HttpClient.make((request) =>
      Effect.gen(function* () {
        attempts.times.push(yield* Clock.currentTimeMillis)
        attempts.headers.push(request.headers)
        const step = attempts.steps.shift() ?? fine
        if (step === "hang") return yield* Effect.never
        if (step === "slow") {
          yield* Effect.sleep("5 seconds")
          return HttpClientResponse.fromWeb(request, new Response(fine.body))
        }
        if ("error" in step) {
          const cause = Object.assign(new TypeError("fetch failed"), { cause: step.error })
          return yield* new HttpClientError.RequestError({ request, reason: "Transport", cause })
        }
        const body = step.status === 204 || step.status === 304 ? null : (step.body ?? "{}")
        return HttpClientResponse.fromWeb(
          request,
          new Response(body, { status: step.status, headers: step.headers ?? {} })
        )
      })
    )
  )
)

/** Provides the operations over the scripted transport. */
export const layer = (
  steps: ReadonlyArray<Step>,
  options: {
    readonly retry?: RetryPolicy.Service
    readonly config?: MammothConfig.Options
    readonly credentials?: Layer.Layer<Credentials.Credentials>
  } = {}
) =>
  Webhooks.layer.pipe(
    Layer.provide([
      transport,
      options.credentials ?? Server.keys("key", "secret"),
      MammothConfig.layer({ baseUrl: "http://localhost/api/v2", ...options.config }),
      options.retry === undefined ? Layer.empty : RetryPolicy.layer(options.retry)
    ]),
    Layer.provideMerge(Layer.sync(Attempts, () => ({ times: [], headers: [], steps: [...steps] })))
  )
