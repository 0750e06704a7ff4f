/** Describes the emulator's state for the page. */
import * as Operations from "@mammoth-effect/core/Operations"
import * as Redacted from "effect/Redacted"
import * as Struct from "effect/Struct"
import type { Fault } from "../../Fault.js"
import type { Faults } from "../faults.js"
import type { Draft, Journal } from "../journal.js"
import type { Settings } from "../settings.js"
import type { Store } from "../store.js"

/** The emulator's state for the page. The newest webhooks and requests are first. */
export interface View {
  readonly baseUrl: string
  readonly apiKey: string
  readonly apiSecret: string
  /** The headers that carry keys and secrets. */
  readonly secretHeaders: ReadonlyArray<string>
  readonly operations: ReadonlyArray<string>
  readonly webhookCount: number
  readonly webhooks: ReadonlyArray<{
    readonly id: number
    readonly workspaceId: number
    readonly projectId: number
    readonly datasetId: number
    readonly name: string
    readonly mode: string
    readonly origins: string
    readonly uri: string
    readonly secret: string | null
    readonly rows: number
    readonly pushes: number
  }>
  readonly requestCount: number
  readonly requests: ReadonlyArray<{
    readonly index: number
    readonly arrivedAt: number
    readonly operation: string | null
    readonly method: string
    readonly url: string
    readonly status: number | null
    readonly fault: string | null
    /** The number of this attempt, starting with 1. Equal requests are attempts of one call until one succeeds. */
    readonly attempt: number
  }>
  readonly faults: ReadonlyArray<{
    readonly fault: Fault
    /** The number of requests to which the fault will still apply, or `null` if it applies to every request. */
    readonly left: number | null
  }>
}

const mostWebhooks = 100

const mostRequests = 100

/** The number of recent requests in which the view looks for earlier attempts. The page shows fewer requests. */
const mostCounted = 3 * mostRequests

/** The maximum length of a name or a URL, in characters. A longer string is cut. */
const mostText = 1000

const cut = (text: string): string => (text.length > mostText ? `${text.slice(0, mostText)}…` : text)

const isSuccess = (status: number | undefined): boolean => status !== undefined && status >= 200 && status < 300

/**
 * Numbers the attempts of requests, in order of arrival. If a request failed, the next equal request is its next attempt.
 */
const attempts = (requests: ReadonlyArray<Draft>): ReadonlyArray<number> => {
  // Use two keys, first the method and URL, and then the body. The engine caches the hash of the body. If one key
  // joined all three, the engine would have to compute the hash of every joined string.
  const failed = new Map<string, Map<string, number>>()
  return requests.map(({ body, method, status, url }) => {
    const name = `${method} ${url}`
    const bodies = failed.get(name) ?? new Map<string, number>()
    failed.set(name, bodies)
    const attempt = (bodies.get(body) ?? 0) + 1
    if (isSuccess(status)) bodies.delete(body)
    else bodies.set(body, attempt)
    return attempt
  })
}

export const make = (
  {
    faults,
    journal,
    settings,
    store
  }: {
    readonly settings: Settings
    readonly store: Store
    readonly journal: Journal
    readonly faults: Faults
  },
  place: { readonly baseUrl: string; readonly secretHeaders: ReadonlyArray<string> }
): View => {
  const entries = store.all()
  const counted = journal.last(mostCounted)
  const attempt = attempts(counted)
  return {
    baseUrl: place.baseUrl,
    apiKey: Redacted.value(settings.apiKey),
    apiSecret: Redacted.value(settings.apiSecret),
    secretHeaders: place.secretHeaders,
    operations: Struct.keys(Operations),
    webhookCount: entries.length,
    webhooks: entries
      .slice(-mostWebhooks)
      .toReversed()
      .map(({ place, pushes, rows, webhook }) => ({
        ...place,
        id: webhook.id,
        datasetId: webhook.datasetId,
        name: cut(webhook.name),
        mode: webhook.mode,
        origins: cut(webhook.origins ?? ""),
        uri: Redacted.value(webhook.uri),
        secret: webhook.secret === null ? null : Redacted.value(webhook.secret),
        rows: rows.length,
        pushes
      })),
    requestCount: journal.count(),
    requests: counted
      .map(({ arrivedAt, fault, index, method, operation, status, url }, i) => ({
        index,
        arrivedAt,
        operation: operation ?? null,
        method,
        url: cut(url),
        status: status ?? null,
        fault: fault ?? null,
        attempt: attempt[i] ?? 1
      }))
      .slice(-mostRequests)
      .toReversed(),
    faults: faults.pending().map(({ fault, left }) => ({ fault, left: Number.isFinite(left) ? left : null }))
  }
}
