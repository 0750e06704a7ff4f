/** The side that uses undici's `Pool` directly. It shows the minimum cost of a call. */
import { Pool } from "undici"
import { headers } from "../Work.js"
import { byHand, side } from "./Promises.js"
import type { Open } from "./Side.js"

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
  const json = async (path: string, body?: unknown) => JSON.parse(await text(path, body))
  return side({ ...byHand({ json, text }), close: () => pool.close() })
}
