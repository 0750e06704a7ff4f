/** The side that uses Hey API's client, generated from our OpenAPI document. Zod schemas check requests and responses. */
import * as generated from "hey-api-generated"
import { apiKey, apiSecret, webhookKey, workspaceId } from "../Work.js"
import { side } from "./Promises.js"
import type { Open } from "./Side.js"

const path = { workspace_id: workspaceId, project_id: 1 }

export const open: Open = async (baseUrl) => {
  const client = generated.createClient({
    baseUrl,
    throwOnError: true,
    responseStyle: "data",
    headers: { accept: "application/json" },
    auth: ({ name }) => (name === "X-API-KEY" ? apiKey : apiSecret)
  })
  return side({
    list: (projectId, query) =>
      generated.listWebhooks({ client, path: { workspace_id: workspaceId, project_id: projectId }, query }),
    getDetails: async (id) =>
      (await generated.getWebhookDetails({ client, path: { ...path, webhook_id: id } })).webhook,
    create: async (body) => (await generated.createAWebhook({ client, path, body })).webhook,
    addData: (body) => generated.addDataToWebhook({ client, path: { webhook_uri: webhookKey }, body })
  })
}
