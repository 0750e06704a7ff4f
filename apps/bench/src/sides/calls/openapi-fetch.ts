/** `openapi-fetch`: types, and no validation. */
import createClient from "openapi-fetch"
import { side } from "./Promises.js"
import type { Open, Webhook } from "./Side.js"
import { apiKey, apiSecret, type large, type small, type spec, webhookKey, workspaceId } from "./Work.js"

interface Json<Body> {
  readonly content: { readonly "application/json": Body }
}

interface ProjectPath {
  readonly workspace_id: number
  readonly project_id: number
}

/** What `openapi-typescript` makes of the description, as far as it is used here. */
interface Paths {
  readonly "/workspaces/{workspace_id}/projects/{project_id}/webhooks": {
    readonly get: {
      readonly parameters: {
        readonly path: ProjectPath
        readonly query?: { readonly limit?: number; readonly offset?: number }
      }
      readonly responses: { readonly 200: Json<{ readonly webhooks: Array<Webhook> }>; readonly 400: Json<unknown> }
    }
    readonly post: {
      readonly parameters: { readonly path: ProjectPath }
      readonly requestBody: Json<typeof spec>
      readonly responses: { readonly 201: Json<{ readonly webhook: Webhook }>; readonly 400: Json<unknown> }
    }
  }
  readonly "/workspaces/{workspace_id}/projects/{project_id}/webhooks/{webhook_id}": {
    readonly get: {
      readonly parameters: { readonly path: ProjectPath & { readonly webhook_id: number } }
      readonly responses: { readonly 200: Json<{ readonly webhook: Webhook }>; readonly 400: Json<unknown> }
    }
  }
  readonly "/webhooks/data/{webhook_uri}": {
    readonly post: {
      readonly parameters: { readonly path: { readonly webhook_uri: string } }
      readonly requestBody: Json<typeof small | typeof large>
      readonly responses: { readonly 201: Json<unknown>; readonly 400: Json<unknown> }
    }
  }
}

const webhooks = "/workspaces/{workspace_id}/projects/{project_id}/webhooks"

const got = <A>({ data, error }: { readonly data?: A; readonly error?: unknown }): A => {
  if (data === undefined) throw new Error(`refused: ${JSON.stringify(error)}`)
  return data
}

export const open: Open = async (baseUrl) => {
  const client = createClient<Paths>({
    baseUrl,
    headers: { accept: "application/json", "x-api-key": apiKey, "x-api-secret": apiSecret }
  })
  const inProject = { workspace_id: workspaceId, project_id: 1 }
  return side({
    list: async (projectId, query) =>
      got(
        await client.GET(webhooks, { params: { path: { workspace_id: workspaceId, project_id: projectId }, query } })
      ),
    getDetails: async (id) =>
      got(await client.GET(`${webhooks}/{webhook_id}`, { params: { path: { ...inProject, webhook_id: id } } })).webhook,
    create: async (body) => got(await client.POST(webhooks, { params: { path: inProject }, body })).webhook,
    addData: async (body) =>
      got(await client.POST("/webhooks/data/{webhook_uri}", { params: { path: { webhook_uri: webhookKey } }, body }))
  })
}
