/** The requests that were received, up to a number and an amount of text. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Struct from "effect/Struct"
import type { RecordedRequest } from "../RecordedRequest.js"

/** A record that is still being written; its headers are paired when somebody reads them. */
export type Draft = { -readonly [Key in Exclude<keyof RecordedRequest, "headers">]: RecordedRequest[Key] } & {
  readonly rawHeaders: ReadonlyArray<string>
  /** In milliseconds. */
  readonly arrivedAt: number
}

export interface Journal {
  readonly arrive: (request: Pick<Draft, "operation" | "method" | "url" | "rawHeaders">) => Effect.Effect<Draft>
  readonly setBody: (draft: Draft, body: string) => void
  readonly all: () => ReadonlyArray<RecordedRequest>
  /** The request of this index, while it is recorded. */
  readonly at: (index: number) => RecordedRequest | undefined
  /** At most so many of the last requests, in order of arrival. */
  readonly last: (most: number) => ReadonlyArray<Draft>
  /** How many requests have arrived. */
  readonly count: () => number
  readonly clear: () => void
}

/** The bodies of the recorded requests together hold at most this many characters. */
const mostText = 64 * 1024 * 1024

const pairs = (raw: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> =>
  Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? "", raw[2 * i + 1] ?? ""])

const finish = (draft: Draft): RecordedRequest => ({
  ...Struct.omit(draft, "arrivedAt", "rawHeaders"),
  headers: pairs(draft.rawHeaders)
})

export const make = (most: number): Journal => {
  const drafts = new Map<number, Draft>()
  let arrived = 0
  let oldest = 0
  let text = 0

  const shrink = () => {
    while (drafts.size > most || (text > mostText && drafts.size > 1)) {
      text -= drafts.get(oldest)?.body.length ?? 0
      drafts.delete(oldest)
      oldest += 1
    }
  }

  return {
    arrive: (request) =>
      Effect.map(Clock.currentTimeMillis, (arrivedAt) => {
        const draft: Draft = { ...request, index: arrived, arrivedAt, body: "", status: null, fault: null }
        arrived += 1
        if (most > 0) {
          drafts.set(draft.index, draft)
          shrink()
        }
        return draft
      }),
    setBody: (draft, body) => {
      if (!drafts.has(draft.index)) return
      draft.body = body
      text += body.length
      shrink()
    },
    all: () => Array.from(drafts.values(), finish),
    at: (index) => {
      const draft = drafts.get(index)
      return draft === undefined ? undefined : finish(draft)
    },
    last: (most) => {
      const found: Array<Draft> = []
      for (let index = Math.max(oldest, arrived - most); index < arrived; index++) {
        const draft = drafts.get(index)
        if (draft !== undefined) found.push(draft)
      }
      return found
    },
    count: () => arrived,
    clear: () => {
      drafts.clear()
      oldest = arrived
      text = 0
    }
  }
}
