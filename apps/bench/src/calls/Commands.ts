/** The questions that a process with one side answers; each question and each answer is a line of JSON. */
import { Schema } from "effect"
import type { CaseName } from "./Figures.js"

/** The argument of the process. */
export interface Start {
  /** The module of the side. */
  readonly side: string
  readonly baseUrl: string
  /** Makes one call as soon as the side is ready. */
  readonly calls: boolean
}

/** The first line that the process prints. */
export const Started = Schema.Struct({
  /** The time in which the side's module was loaded, with all that it needs. */
  importMillis: Schema.Number,
  /** When the side was ready, or had its first response, in milliseconds since 1970. */
  answeredAt: Schema.Number
})

export interface Questions {
  /** Makes `leadIn` calls before the time begins, then so many at once for so long. */
  readonly turn: {
    readonly name: CaseName
    readonly concurrency: number
    readonly leadIn: number
    readonly millis: number
  }
  /** Reads all webhooks of a project, so many times. */
  readonly readAll: { readonly projectId: number; readonly times: number }
  /** Measures the bytes of each call; needs `gc`, and much room for young objects. */
  readonly allocate: { readonly name: CaseName; readonly calls: number }
  /** Makes so many calls, 32 at once, collects, and measures the heap; needs `gc`. */
  readonly hold: { readonly calls: number }
  /** Asks for a response that the contract does not allow. */
  readonly refuse: Readonly<Record<string, never>>
}

export type Question = keyof Questions

export const answers = {
  turn: Schema.Struct({
    calls: Schema.Int,
    millis: Schema.Number,
    /** Of this process, with its threads. */
    cpuMillis: Schema.Number,
    /** Requests, with those before the time began. */
    requests: Schema.Int
  }),
  readAll: Schema.Struct({ webhooks: Schema.Int, millis: Schema.Number }),
  /** Bytes; `null` if the collector ran in between. */
  allocate: Schema.NullOr(Schema.Number),
  /** Bytes. */
  hold: Schema.Int,
  /** Whether the side refused the response. */
  refuse: Schema.Boolean
}

export type Answers = { readonly [Name in Question]: (typeof answers)[Name]["Type"] }
