/** A side that uses `HttpApiClient` of `@effect/platform` with our `WebhooksApi`. */
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as WebhooksApi from "@mammoth-effect/core/WebhooksApi"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { headers, webhookKey, workspaceId } from "../Work.js"
import * as Effects from "./Effects.js"
import type { Open, Page, Webhook } from "./Side.js"

type Call<Success> = (request: object) => Effect.Effect<Success, unknown>

/** The types of the client's calls. `HttpApiClient` infers less exact types from our contract, so this module declares them. */
interface Group {
  readonly list: Call<Page>
  readonly getDetails: Call<{ readonly webhook: Webhook }>
  readonly create: Call<{ readonly webhook: Webhook }>
  readonly addData: Call<unknown>
}

const path = { workspaceId, projectId: 1 }

export const open = (layer: Layer.Layer<HttpClient.HttpClient>): Open =>
  Effects.open((baseUrl) =>
    Effect.gen(function* () {
      const client = yield* HttpApiClient.make(WebhooksApi.WebhooksApi, {
        baseUrl,
        transformClient: HttpClient.mapRequest(HttpClientRequest.setHeaders(headers))
      }).pipe(Effect.provide(yield* Layer.build(layer)))
      const webhooks = client.webhooks as unknown as Group
      return {
        list: (projectId, urlParams) => webhooks.list({ path: { workspaceId, projectId }, urlParams }),
        getDetails: (webhookId) =>
          Effect.map(webhooks.getDetails({ path: { ...path, webhookId }, urlParams: {} }), ({ webhook }) => webhook),
        create: (payload) => Effect.map(webhooks.create({ path, urlParams: {}, payload }), ({ webhook }) => webhook),
        addData: (payload) => webhooks.addData({ path: { key: Redacted.make(webhookKey) }, urlParams: {}, payload })
      }
    })
  )
