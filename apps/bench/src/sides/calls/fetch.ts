/** Node's `fetch` by hand. */
import { side } from "./Promises.js"
import type { Open, Webhook } from "./Side.js"
import { apiKey, apiSecret, webhookKey, workspaceId } from "./Work.js"

const headers = { accept: "application/json", "x-api-key": apiKey, "x-api-secret": apiSecret }

const jsonHeaders = { ...headers, "content-type": "application/json" }

interface Details {
  readonly webhook: Webhook
}

export const open: Open = async (baseUrl) => {
  const send = async (path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(
      baseUrl + path,
      body === undefined ? { headers } : { method: "POST", headers: jsonHeaders, body: JSON.stringify(body) }
    )
    if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`)
    return response
  }
  const json = async <A>(path: string, body?: unknown): Promise<A> => (await send(path, body)).json() as Promise<A>

  const projects = `/workspaces/${workspaceId}/projects`
  return side({
    list: (projectId, query) => {
      const offset = query.offset === undefined ? "" : `&offset=${query.offset}`
      return json(`${projects}/${projectId}/webhooks?limit=${query.limit}${offset}`)
    },
    getDetails: async (id) => (await json<Details>(`${projects}/1/webhooks/${id}`)).webhook,
    create: async (body) => (await json<Details>(`${projects}/1/webhooks`, body)).webhook,
    addData: async (body) => (await send(`/webhooks/data/${webhookKey}`, body)).text()
  })
}
