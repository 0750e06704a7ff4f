/** Declares the setup of a worker. Each part of the worker takes the fields that it needs. */
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type { Service } from "../../OutboxStoreService.js"
import type * as Verdict from "./verdict.js"

/** The outbox, the worker's name, the function that sends, and the limits. Times are in milliseconds. */
export interface Setup {
  readonly outbox: string
  /** The name of the worker in the database. */
  readonly owner: string
  readonly store: Service
  /** Sends one document, in one attempt with the timeout {@link timeout}. */
  readonly send: (document: string) => Effect.Effect<void, Verdict.Failure>
  /** The latch that opens when rows are offered in this process. */
  readonly offered: Effect.Latch
  /** The most requests in flight. */
  readonly concurrency: number
  /** The most rows of a request. */
  readonly maxRows: number
  /** If true, a request carries its rows as an array. If false, a request carries one row as a document. */
  readonly isArray: boolean
  readonly maxBytes: number
  readonly lease: number
  readonly timeout: number
  readonly poll: number
  readonly backoff: { readonly initial: number; readonly exponent: number; readonly max: number }
  /** Waits until the rate limit allows another request. */
  readonly rateLimit: Option.Option<Effect.Effect<void>>
  readonly shutdown: number
  /** The age at which delivered rows are deleted. If the value is `None`, delivered rows are kept. */
  readonly keepDelivered: Option.Option<number>
}

/** Adds the names of the outbox and of the worker to the logs of an effect. */
export type Log = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
