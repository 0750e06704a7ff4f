/** A side of the benchmark of calls. This module does not import Effect, so that sides without Effect stay small. */
import type { CaseName } from "../Figures.js"
import { pageSize, webhookId } from "../Work.js"

export interface Side {
  /** Makes calls, `concurrency` at once, as long as `more` returns true. */
  readonly run: (name: CaseName, concurrency: number, more: () => boolean) => Promise<void>
  /** Reads the pages of a project until a page is empty, and counts the webhooks. */
  readonly readAll: (projectId: number) => Promise<number>
  /** Returns true if the side refuses an invalid response. */
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

/** Fails unless the page has the requested number of webhooks, and the last one is right. */
export const checkPage = ({ webhooks }: Page, limit: number): void => {
  const last = webhooks.at(-1)
  if (webhooks.length !== limit || last?.id !== limit || last.name !== `webhook ${limit}`) {
    throw new Error(`expected ${limit} webhooks, not ${webhooks.length}`)
  }
}

/** Fails unless it is the requested webhook. */
export const checkWebhook = ({ id, name }: Webhook): void => {
  if (id !== webhookId || name !== `webhook ${webhookId}`) throw new Error(`expected webhook ${webhookId}, not ${id}`)
}

/** Returns the project that holds this number of webhooks. */
export const projectOf = (webhooks: number): number => webhooks / pageSize
