/** A side that uses `HttpClient` of `@effect/platform` directly. It decodes with our schemas. It has no spans, retries or timeouts. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Operations from "@mammoth-effect/core/Operations"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { headers, webhookKey, workspaceId } from "../Work.js"
import * as Effects from "./Effects.js"
import type { Open } from "./Side.js"

const page = HttpClientResponse.schemaBodyJson(Operations.list.success)

const details = HttpClientResponse.schemaBodyJson(Operations.getDetails.success)

export const open = (layer: Layer.Layer<HttpClient.HttpClient>): Open =>
  Effects.open((baseUrl) =>
    Effect.map(Layer.build(layer), (context) => {
      const client = Context.get(context, HttpClient.HttpClient).pipe(
        HttpClient.filterStatusOk,
        HttpClient.withTracerDisabledWhen(() => true)
      )
      const post = (url: string, body: unknown) =>
        HttpClientRequest.post(url, { headers }).pipe(HttpClientRequest.bodyUnsafeJson(body), client.execute)
      const projects = `${baseUrl}/workspaces/${workspaceId}/projects`
      return {
        list: (projectId, urlParams) =>
          Effect.flatMap(client.get(`${projects}/${projectId}/webhooks`, { headers, urlParams }), page),
        getDetails: (webhookId) =>
          Effect.map(
            Effect.flatMap(client.get(`${projects}/1/webhooks/${webhookId}`, { headers }), details),
            ({ webhook }) => webhook
          ),
        create: (body) =>
          Effect.map(Effect.flatMap(post(`${projects}/1/webhooks`, body), details), ({ webhook }) => webhook),
        addData: (body) => Effect.flatMap(post(`${baseUrl}/webhooks/data/${webhookKey}`, body), ({ text }) => text)
      }
    })
  )
