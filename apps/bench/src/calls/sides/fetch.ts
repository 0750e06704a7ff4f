/** The side that uses Node's `fetch` directly. */
import { headers } from "../Work.js"
import { byHand, side } from "./Promises.js"
import type { Open } from "./Side.js"

const jsonHeaders = { ...headers, "content-type": "application/json" }

export const open: Open = async (baseUrl) => {
  const send = async (path: string, body?: unknown): Promise<Response> => {
    const response = await fetch(
      baseUrl + path,
      body === undefined ? { headers } : { method: "POST", headers: jsonHeaders, body: JSON.stringify(body) }
    )
    if (!response.ok) throw new Error(`status ${response.status}: ${await response.text()}`)
    return response
  }
  return side(
    byHand({
      json: async <A>(path: string, body?: unknown) => (await send(path, body)).json() as Promise<A>,
      text: async (path, body) => (await send(path, body)).text()
    })
  )
}
