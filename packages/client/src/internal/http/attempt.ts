/**
 * One attempt of a call, and what it has found out so far. This is the one record that is written while a request is in
 * flight: when the time is over, the time limit has to know how far the attempt has come.
 */
import type * as Headers from "@effect/platform/Headers"
import type * as Issue from "@mammoth-effect/core/Issue"
import type { TimedOut } from "@mammoth-effect/core/WebhooksError"
import type { Keys } from "../../Credentials.js"

/** A response, with as much of its body as was read. */
export interface Response {
  readonly status: number
  readonly headers: Headers.Headers
  readonly text: string
  /** Why the text is not the whole body, if it is not. */
  readonly flaw: Issue.Issues | undefined
}

export interface Attempt {
  /** The number of the attempt within its call, from 1. */
  readonly number: number
  /** When it began, in milliseconds. */
  readonly startedAt: number
  /** When the call has to have ended, in milliseconds; infinite without a deadline. */
  readonly deadlineAt: number
  /** Texts that must not be shown: those of the call, and the keys of each attempt. */
  secrets: ReadonlyArray<string>
  /** The step that the attempt has reached. */
  stage: TimedOut["stage"]
  /** The account's keys that it was sent with. */
  keys: Keys | undefined
  /** The response, as soon as its headers have arrived: without text until the body was read. */
  response: Response | undefined
}

/** Begins an attempt. */
export const make = (fields: Pick<Attempt, "number" | "startedAt" | "deadlineAt" | "secrets">): Attempt => ({
  number: fields.number,
  startedAt: fields.startedAt,
  deadlineAt: fields.deadlineAt,
  secrets: fields.secrets,
  stage: "request",
  keys: undefined,
  response: undefined
})

/** Is the status a 2xx, which says that the server acted? */
export const isSuccess = ({ status }: Pick<Response, "status">): boolean => status >= 200 && status < 300
