/** A side of the benchmark of calls; without Effect, so that no side carries another's memory. */
import type { CaseName } from "../Figures.js"
import { pageSize, webhookId } from "../Work.js"

export interface Side {
  /** Makes calls, so many at once, as long as `more` returns true. */
  readonly run: (name: CaseName, concurrency: number, more: () => boolean) => Promise<void>
  /** Reads every webhook of a project, page after page until one is empty, and counts them. */
  readonly readAll: (projectId: number) => Promise<number>
  /** Returns true if the side refuses a response that the contract does not allow. */
  readonly refusesWrong: () => Promise<boolean>
  readonly close: () => Promise<void>
}

export type Open = (baseUrl: string) => Promise<Side>

export type Query = { readonly limit: number; readonly offset?: number }

/** The fields of a webhook that are checked. */
export interface Webhook {
  readonly id: number
  readonly name: string
}

export interface Page {
  readonly webhooks: ReadonlyArray<Webhook>
}

/** Fails unless the page has as many webhooks as were asked for, up to the last one. */
export const checkPage = ({ webhooks }: Page, limit: number): void => {
  const last = webhooks.at(-1)
  if (webhooks.length !== limit || last?.id !== limit || last.name !== `webhook ${limit}`) {
    throw new Error(`expected ${limit} webhooks, not ${webhooks.length}`)
  }
}

/** Fails unless it is the webhook that was asked for. */
export const checkWebhook = ({ id, name }: Webhook): void => {
  if (id !== webhookId || name !== `webhook ${webhookId}`) throw new Error(`expected webhook ${webhookId}, not ${id}`)
}

/** The project that holds so many webhooks, on one page or two. */
export const projectOf = (webhooks: number): number => webhooks / pageSize
