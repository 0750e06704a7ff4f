/** A side that uses this SDK with its defaults: validation, retries, timeouts, spans, metrics and redaction. */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as Mammoth from "../../harness/Mammoth.js"
import { apiKey, apiSecret, pageSize, webhookKey, workspaceId } from "../Work.js"
import * as Effects from "./Effects.js"
import type { Open } from "./Side.js"

const key = Redacted.make(webhookKey)

export const open = (layer: Layer.Layer<HttpClient.HttpClient>): Open =>
  Effects.open((baseUrl) =>
    Effect.map(Layer.build(Mammoth.layer({ baseUrl, apiKey, apiSecret }, layer)), (context) => {
      const webhooks = Context.get(context, Webhooks.Webhooks)
      return {
        list: (projectId, query) => webhooks.list({ workspaceId, projectId, ...query }),
        getDetails: (webhookId) => webhooks.getDetails({ workspaceId, projectId: 1, webhookId }),
        create: (spec) => webhooks.create({ workspaceId, projectId: 1, ...spec }),
        addData: (body) => webhooks.addData(key, body),
        readAll: (projectId) => Stream.runCount(webhooks.stream({ workspaceId, projectId, limit: pageSize }))
      }
    })
  )
