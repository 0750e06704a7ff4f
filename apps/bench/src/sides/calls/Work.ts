/** What is asked for and sent in every call, the same for each side and for the server that checks it. */

/** A call that is measured. */
export type CaseName = "list50" | "list100" | "getDetails" | "create" | "addSmall" | "addLarge"

export const workspaceId = 4

export const apiKey = "bench-api-key"

export const apiSecret = "bench-api-secret"

/** The key of the webhook that data is pushed to. */
export const webhookKey = "g7rHe3mUqUGPEpnc4XxeDWJa"

/** The webhook that is asked for by its id. */
export const webhookId = 7

/** What a webhook is created from. */
export const spec = { name: "orders", mode: "combine", origins: "https://shop.example" } as const

/** How many webhooks a page has, where it is not 100. */
export const pageSize = 50

/** A project whose number is N holds N pages; this one holds a webhook that the contract does not allow. */
export const wrongProjectId = 999_999

export interface Row {
  readonly id: number
  readonly name: string
  readonly value: number
  readonly at: string
}

const row = (id: number): Row => ({ id, name: `row ${id}`, value: 0.5, at: "2026-01-01T00:00:00.000Z" })

export const small: Row = row(123)

/** Of 64 KiB as JSON. */
export const large: { readonly source: string; readonly rows: ReadonlyArray<Row> } = (() => {
  const rows: Array<Row> = []
  let left = 64 * 1024 - JSON.stringify({ source: "", rows }).length
  for (let id = 1; left > 100; id++) {
    const next = row(id)
    rows.push(next)
    left -= JSON.stringify(next).length + 1
  }
  return { source: "x".repeat(left + 1), rows }
})()

/** A webhook as the server describes it: every fifth is secure, and has a secret. */
export const webhook = (id: number) => ({
  id,
  name: `webhook ${id}`,
  mode: id % 2 === 0 ? "replace" : "combine",
  uri: `/webhook/data/${`N1qiEKuPtqfDQWymOdtg${id}`.slice(-24).padEnd(24, "x")}`,
  ds_id: 1000 + id,
  origins: id % 3 === 0 ? "https://shop.example" : "*",
  ...(id % 5 === 0 ? { secret: "Hmm2Pt2MvxAVn91iIvwBdHq4n8Wpcoko" } : {})
})
