/** This SDK as its defaults are: validation, retry, time limits, spans, metrics, redaction. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Credentials from "@mammoth-effect/client/Credentials"
import * as MammothConfig from "@mammoth-effect/client/MammothConfig"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { apiKey, apiSecret, pageSize, webhookKey, workspaceId } from "../Work.js"
import * as Effects from "./Effects.js"
import type { Open } from "./Side.js"

const key = Redacted.make(webhookKey)

/** The side over a layer of `HttpClient`. */
export const open = (layer: Layer.Layer<HttpClient.HttpClient>): Open =>
  Effects.open((baseUrl) => {
    const WebhooksLayer = Webhooks.layer.pipe(
      Layer.provide([
        Credentials.layer({ apiKey: Redacted.make(apiKey), apiSecret: Redacted.make(apiSecret) }),
        MammothConfig.layer({ baseUrl }),
        layer
      ])
    )
    return Effect.map(Layer.build(WebhooksLayer), (context) => {
      const webhooks = Context.get(context, Webhooks.Webhooks)
      return {
        list: (projectId, query) => webhooks.list({ workspaceId, projectId, ...query }),
        getDetails: (webhookId) => webhooks.getDetails({ workspaceId, projectId: 1, webhookId }),
        create: (spec) => webhooks.create({ workspaceId, projectId: 1, ...spec }),
        addData: (body) => webhooks.addData(key, body),
        readAll: (projectId) => Stream.runCount(webhooks.stream({ workspaceId, projectId, limit: pageSize }))
      }
    })
  })
