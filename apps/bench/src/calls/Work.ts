/** The paths and documents of every call. They are the same for all sides, and the server checks them. */

export const workspaceId = 4

/** The headers of every request. The server checks the credentials. */
export const headers = { accept: "application/json", "x-api-key": "bench-api-key", "x-api-secret": "bench-api-secret" }

export const { "x-api-key": apiKey, "x-api-secret": apiSecret } = headers

/** The key of the webhook that receives the data. */
export const webhookKey = "g7rHe3mUqUGPEpnc4XxeDWJa"

export const webhookId = 7

export const spec = { name: "orders", mode: "combine", origins: "https://shop.example" } as const

/** The number of webhooks on a page, except in lists of 100. */
export const pageSize = 50

/** The id of the project with an invalid webhook. All other projects are valid: project N has N pages. */
export const wrongProjectId = 999_999

const row = (id: number) => ({ id, name: `row ${id}`, value: 0.5, at: "2026-01-01T00:00:00.000Z" })

export const small = row(123)

/** A document whose JSON is 64 KiB long. */
export const large = (() => {
  const rows: Array<typeof small> = []
  let left = 64 * 1024 - JSON.stringify({ source: "", rows }).length
  for (let id = 1; left > 100; id++) {
    const next = row(id)
    rows.push(next)
    left -= JSON.stringify(next).length + 1
  }
  return { source: "x".repeat(left + 1), rows }
})()

/** Makes a webhook as the server returns it. Every fifth webhook has a secret. */
export const webhook = (id: number) => ({
  id,
  name: `webhook ${id}`,
  mode: id % 2 === 0 ? "replace" : "combine",
  uri: `/webhook/data/${`N1qiEKuPtqfDQWymOdtg${id}`.slice(-24).padEnd(24, "x")}`,
  ds_id: 1000 + id,
  origins: id % 3 === 0 ? "https://shop.example" : "*",
  ...(id % 5 === 0 ? { secret: "Hmm2Pt2MvxAVn91iIvwBdHq4n8Wpcoko" } : {})
})
