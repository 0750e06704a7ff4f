/** The side to compare with: a hand-written loop over undici's `Pool` that sends the same requests. */
import { Pool } from "undici"
import * as Row from "../../harness/Row.js"
import { measure } from "./measure.js"

await measure((job) => {
  const { origin, pathname } = new URL(job.baseUrl)
  const pool = new Pool(origin, { connections: job.concurrency })
  const path = `${pathname}/webhooks/data/${job.key}`
  const headers = {
    accept: "application/json",
    "content-type": "application/json",
    "user-agent": job.userAgent,
    "cache-control": "no-cache",
    "x-api-key": job.apiKey,
    "x-api-secret": job.apiSecret
  }

  const send = async (body: string): Promise<void> => {
    const response = await pool.request({ method: "POST", path, headers, body })
    await response.body.text()
    if (response.statusCode < 200 || response.statusCode > 299) throw new Error(`status ${response.statusCode}`)
  }

  const { batch } = job
  const size = batch ?? 1
  const bodyOf = (from: number, to: number): string =>
    batch === null
      ? JSON.stringify(Row.make(from))
      : `[${Row.range(from, to)
          .map((row) => JSON.stringify(row))
          .join(",")}]`

  return {
    ingest: async (rows) => {
      let next = 0
      const worker = async (): Promise<void> => {
        while (next < rows) {
          const from = next
          next = Math.min(rows, from + size)
          await send(bodyOf(from, next))
        }
      }
      await Promise.all(Array.from({ length: job.concurrency }, worker))
    },
    close: () => pool.close()
  }
})
