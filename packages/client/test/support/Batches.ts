/** Makes batches of numbered rows, and errors of a push, to test single parts of the ingestion engine. */
import { WebhooksError } from "@mammoth-effect/core"
import { type Duration } from "effect"
import * as Ledger from "../../src/internal/ingest/ledger.js"

/** Listeners that do nothing. */
export const silent = {
  onRefusal: undefined,
  onOutcome: undefined,
  onDefect: () => undefined,
  onEnded: () => undefined
}

/** Adds a batch to the ledger. Each row of the batch equals its index. */
export const enter = (ledger: Ledger.Ledger<number>, size: number): Ledger.Batch<number> => {
  const batch = Ledger.emptyBatch<number>()
  for (let i = 0; i < size; i++) {
    const index = ledger.offer()
    batch.rows.push(index)
    batch.indexes.push(index)
    batch.text += `${i === 0 ? "" : ","}${index}`
    batch.ends.push(batch.text.length)
    batch.bytes.push(10)
    if (i === 0) ledger.add(batch)
  }
  return batch
}

const call = { operation: "addData", method: "POST", route: "/webhooks/data/{webhook_uri}" }

const attempted = { ...call, attempts: 1, history: [] }

const rejected = { ...attempted, delivery: "Rejected", requestId: undefined, excerpt: "" } as const

type Delivery = WebhooksError.TransportError["delivery"]

export const badRequest = (delivery: Delivery = "Rejected") =>
  new WebhooksError.BadRequest({ ...rejected, delivery, status: 400, detail: "no", extra: null })

export const tooLarge = new WebhooksError.PayloadTooLarge({ ...rejected, status: 413 })

export const unexpected = (status: number) =>
  new WebhooksError.UnexpectedStatus({ ...rejected, status, redirectOrigin: undefined })

export const unauthorized = new WebhooksError.Unauthorized({ ...rejected, status: 401 })

export const forbidden = new WebhooksError.Forbidden({ ...rejected, status: 403 })

export const notFound = new WebhooksError.NotFound({ ...rejected, status: 404 })

export const noCredentials = new WebhooksError.CredentialsError({ reason: "the vault is locked" })

/** Makes an `InvalidRequest` whose issue has the given path. */
export const invalid = (path: string) =>
  new WebhooksError.InvalidRequest({ ...call, issues: [{ path: [path], expected: "a value", received: "none" }] })

export const rateLimited = (retryAfter?: Duration.Duration, delivery: Delivery = "Rejected") =>
  new WebhooksError.RateLimited({ ...rejected, delivery, status: 429, retryAfter })

export const transport = (delivery: Delivery) =>
  new WebhooksError.TransportError({ ...attempted, delivery, reason: "other", description: "gone" })

export const serverError = new WebhooksError.ServerError({
  ...rejected,
  delivery: "Unknown",
  status: 503,
  retryAfter: undefined
})
