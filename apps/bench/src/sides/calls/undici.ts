/** Undici's `Pool` by hand: what a call costs at the least. */
import { Pool } from "undici"
import { side } from "./Promises.js"
import type { Open } from "./Side.js"
import { apiKey, apiSecret, webhookKey, workspaceId } from "./Work.js"

const headers = { accept: "application/json", "x-api-key": apiKey, "x-api-secret": apiSecret }

const jsonHeaders = { ...headers, "content-type": "application/json" }

export const open: Open = async (baseUrl) => {
  const { origin, pathname } = new URL(baseUrl)
  const pool = new Pool(origin)

  const text = async (path: string, body?: unknown): Promise<string> => {
    const response = await pool.request(
      body === undefined
        ? { method: "GET", path: pathname + path, headers }
        : { method: "POST", path: pathname + path, headers: jsonHeaders, body: JSON.stringify(body) }
    )
    const answer = await response.body.text()
    if (response.statusCode < 200 || response.statusCode > 299) {
      throw new Error(`status ${response.statusCode}: ${answer}`)
    }
    return answer
  }

  const projects = `/workspaces/${workspaceId}/projects`
  return side({
    list: async (projectId, query) => {
      const offset = query.offset === undefined ? "" : `&offset=${query.offset}`
      return JSON.parse(await text(`${projects}/${projectId}/webhooks?limit=${query.limit}${offset}`))
    },
    getDetails: async (id) => JSON.parse(await text(`${projects}/1/webhooks/${id}`)).webhook,
    create: async (body) => JSON.parse(await text(`${projects}/1/webhooks`, body)).webhook,
    addData: (body) => text(`/webhooks/data/${webhookKey}`, body),
    close: () => pool.close()
  })
}
