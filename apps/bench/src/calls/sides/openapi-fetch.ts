/** The side that uses `openapi-fetch`, which has types but no validation. */
import createClient from "openapi-fetch"
import { headers, type large, type small, type spec, webhookKey, workspaceId } from "../Work.js"
import { side } from "./Promises.js"
import type { Open, Query, Webhook } from "./Side.js"

interface Json<Body> {
  readonly content: { readonly "application/json": Body }
}

interface Operation<Path, Status extends number, Success> {
  readonly parameters: { readonly path: Path; readonly query?: Query }
  readonly responses: Readonly<Record<Status, Json<Success>> & Record<400, Json<unknown>>>
}

interface Body<Document> {
  readonly requestBody: Json<Document>
}

interface Project {
  readonly workspace_id: number
  readonly project_id: number
}

interface Details {
  readonly webhook: Webhook
}

/** The types that `openapi-typescript` makes from the OpenAPI document, reduced to the parts that the benchmark uses. */
export interface Paths {
  readonly "/workspaces/{workspace_id}/projects/{project_id}/webhooks": {
    readonly get: Operation<Project, 200, { readonly webhooks: Array<Webhook> }>
    readonly post: Operation<Project, 201, Details> & Body<typeof spec>
  }
  readonly "/workspaces/{workspace_id}/projects/{project_id}/webhooks/{webhook_id}": {
    readonly get: Operation<Project & { readonly webhook_id: number }, 200, Details>
  }
  readonly "/webhooks/data/{webhook_uri}": {
    readonly post: Operation<{ readonly webhook_uri: string }, 201, unknown> & Body<typeof small | typeof large>
  }
}

const webhooks = "/workspaces/{workspace_id}/projects/{project_id}/webhooks"

const got = <A>({ data, error }: { readonly data?: A; readonly error?: unknown }): A => {
  if (data === undefined) throw new Error(`refused: ${JSON.stringify(error)}`)
  return data
}

const inProject = (projectId: number): Project => ({ workspace_id: workspaceId, project_id: projectId })

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
