/** What a process that holds one side is told, and what it answers: a line of JSON each. */
import type { CaseName } from "./Work.js"

/** The arguments of the process. */
export interface Start {
  /** The module of the side. */
  readonly side: string
  readonly baseUrl: string
  /** Makes one call as soon as it can, and says when it was answered. */
  readonly calls: boolean
}

/** The first line that the process prints. */
export interface Started {
  /** How long the side's module took to load, with all that it needs. */
  readonly importMillis: number
  /** When the first call was answered, in milliseconds since 1970. */
  readonly answeredAt: number
}

export type Command =
  /** Makes so many calls before the time begins, then one after the other, or so many at once, for so long. */
  | {
      readonly do: "turn"
      readonly name: CaseName
      readonly concurrency: number
      readonly leadIn: number
      readonly millis: number
    }
  /** Reads all webhooks of a project, so many times. */
  | { readonly do: "readAll"; readonly projectId: number; readonly times: number }
  /** Makes so many calls while nothing is collected; needs `gc` and much room for young objects. */
  | { readonly do: "allocate"; readonly name: CaseName; readonly calls: number }
  /** Makes so many calls, 32 at once, and collects what is not held; needs `gc`. */
  | { readonly do: "hold"; readonly calls: number }
  /** Asks for an answer that the contract does not allow. */
  | { readonly do: "refuse" }

export interface Turn {
  /** That were timed. */
  readonly calls: number
  readonly millis: number
  /** Of this process, with its threads. */
  readonly cpuMillis: number
  /** Requests that were made, also before the time began. */
  readonly requests: number
}

export interface ReadAll {
  /** Of all times. */
  readonly webhooks: number
  readonly millis: number
}

export interface Allocated {
  /** Of each call; `null` where the collector came between. */
  readonly bytes: number | null
}

export interface Held {
  readonly heapBytes: number
}

export interface Refused {
  readonly isRefused: boolean
}
