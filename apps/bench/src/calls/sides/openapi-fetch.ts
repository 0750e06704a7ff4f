/** `openapi-fetch`: types, and no validation. */
import createClient from "openapi-fetch"
import { headers, type large, type small, type spec, webhookKey, workspaceId } from "../Work.js"
import { side } from "./Promises.js"
import type { Open, Query, Webhook } from "./Side.js"

interface Json<Body> {
  readonly content: { readonly "application/json": Body }
}

type Responses<Status extends number, Success> = Readonly<Record<Status, Json<Success>> & Record<400, Json<unknown>>>

interface ProjectPath {
  readonly workspace_id: number
  readonly project_id: number
}

/** The part that is used of what `openapi-typescript` makes of the description. */
interface Paths {
  readonly "/workspaces/{workspace_id}/projects/{project_id}/webhooks": {
    readonly get: {
      readonly parameters: { readonly path: ProjectPath; readonly query?: Query }
      readonly responses: Responses<200, { readonly webhooks: Array<Webhook> }>
    }
    readonly post: {
      readonly parameters: { readonly path: ProjectPath }
      readonly requestBody: Json<typeof spec>
      readonly responses: Responses<201, { readonly webhook: Webhook }>
    }
  }
  readonly "/workspaces/{workspace_id}/projects/{project_id}/webhooks/{webhook_id}": {
    readonly get: {
      readonly parameters: { readonly path: ProjectPath & { readonly webhook_id: number } }
      readonly responses: Responses<200, { readonly webhook: Webhook }>
    }
  }
  readonly "/webhooks/data/{webhook_uri}": {
    readonly post: {
      readonly parameters: { readonly path: { readonly webhook_uri: string } }
      readonly requestBody: Json<typeof small | typeof large>
      readonly responses: Responses<201, unknown>
    }
  }
}

const webhooks = "/workspaces/{workspace_id}/projects/{project_id}/webhooks"

const got = <A>({ data, error }: { readonly data?: A; readonly error?: unknown }): A => {
  if (data === undefined) throw new Error(`refused: ${JSON.stringify(error)}`)
  return data
}

const inProject = (projectId: number): ProjectPath => ({ workspace_id: workspaceId, project_id: projectId })

export const open: Open = async (baseUrl) => {
  const client = createClient<Paths>({ baseUrl, headers })
  return side({
    list: async (projectId, query) =>
      got(await client.GET(webhooks, { params: { path: inProject(projectId), query } })),
    getDetails: async (id) =>
      got(await client.GET(`${webhooks}/{webhook_id}`, { params: { path: { ...inProject(1), webhook_id: id } } }))
        .webhook,
    create: async (body) => got(await client.POST(webhooks, { params: { path: inProject(1) }, body })).webhook,
    addData: async (body) =>
      got(await client.POST("/webhooks/data/{webhook_uri}", { params: { path: { webhook_uri: webhookKey } }, body }))
  })
}
