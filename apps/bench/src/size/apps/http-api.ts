/** An app that uses `HttpApiClient` of `@effect/platform` with the same contract. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as WebhooksApi from "@mammoth-effect/core/WebhooksApi"
import * as Effect from "effect/Effect"

const program = HttpApiClient.make(WebhooksApi.WebhooksApi, { baseUrl: "https://app.mammoth.io/api/v2" })

void Effect.runPromise(Effect.provide(program, FetchHttpClient.layer)).then(console.log)
