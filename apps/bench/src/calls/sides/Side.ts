/** A side of the calls benchmark. This module does not import Effect, so that sides without Effect stay small. */
import type { CaseName } from "../Figures.js"
import { pageSize, webhookId } from "../Work.js"

export interface Side {
  /** Makes calls while `more` returns true. `concurrency` calls run at the same time. */
  readonly run: (name: CaseName, concurrency: number, more: () => boolean) => Promise<void>
  /** Reads the pages of a project until a page is empty, and counts the webhooks. */
  readonly readAll: (projectId: number) => Promise<number>
  /** Returns true if the side refuses an invalid response. */
  readonly refusesWrong: () => Promise<boolean>
  readonly close: () => Promise<void>
}

export type Open = (baseUrl: string) => Promise<Side>

export type Query = { readonly limit: number; readonly offset?: number }

/** The fields of a webhook that the benchmark checks. */
export interface Webhook {
  readonly id: number
  readonly name: string
}

export interface Page {
  readonly webhooks: ReadonlyArray<Webhook>
}

/** Throws if the page does not have the requested number of webhooks, or if the last webhook is wrong. */
export const checkPage = ({ webhooks }: Page, limit: number): void => {
  const last = webhooks.at(-1)
  if (webhooks.length !== limit || last?.id !== limit || last.name !== `webhook ${limit}`) {
    throw new Error(`expected ${limit} webhooks, not ${webhooks.length}`)
  }
}

/** Throws if the webhook is not the requested one. */
export const checkWebhook = ({ id, name }: Webhook): void => {
  if (id !== webhookId || name !== `webhook ${webhookId}`) throw new Error(`expected webhook ${webhookId}, not ${id}`)
}

/** Returns the id of the project that has this number of webhooks. */
export const projectOf = (webhooks: number): number => webhooks / pageSize
