/** `HttpApiClient` of `@effect/platform` on the contract that our server and description are made from. */
import * as HttpApiClient from "@effect/platform/HttpApiClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as WebhooksApi from "@mammoth-effect/core/WebhooksApi"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Effects from "./Effects.js"
import type { Open, Page, Webhook } from "./Side.js"
import { apiKey, apiSecret, webhookKey, workspaceId } from "./Work.js"

/** The contract is assembled from data, so that its types are the general ones. */
interface Group {
  readonly list: (request: {
    readonly path: object
    readonly urlParams: { readonly limit: number; readonly offset?: number }
  }) => Effect.Effect<Page, unknown>
  readonly getDetails: (request: {
    readonly path: object
    readonly urlParams: object
  }) => Effect.Effect<{ readonly webhook: Webhook }, unknown>
  readonly create: (request: {
    readonly path: object
    readonly urlParams: object
    readonly payload: unknown
  }) => Effect.Effect<{ readonly webhook: Webhook }, unknown>
  readonly addData: (request: {
    readonly path: object
    readonly urlParams: object
    readonly payload: unknown
  }) => Effect.Effect<unknown, unknown>
}

const path = { workspaceId, projectId: 1 }

/** The side over a layer of `HttpClient`. */
export const open = (layer: Layer.Layer<HttpClient.HttpClient>): Open =>
  Effects.open((baseUrl) =>
    Effect.gen(function* () {
      const client = yield* HttpApiClient.make(WebhooksApi.WebhooksApi, {
        baseUrl,
        transformClient: HttpClient.mapRequest(
          HttpClientRequest.setHeaders({ accept: "application/json", "x-api-key": apiKey, "x-api-secret": apiSecret })
        )
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
