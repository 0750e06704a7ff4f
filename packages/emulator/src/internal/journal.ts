/** Records the last requests, up to a number of requests and a number of bytes. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Struct from "effect/Struct"
import type { RecordedRequest } from "../RecordedRequest.js"
import type { Body } from "./body.js"

/** A record that may still change. The journal makes pairs of header names and values only when the record is read. */
export type Draft = { -readonly [Key in Exclude<keyof RecordedRequest, "headers">]: RecordedRequest[Key] } & {
  readonly rawHeaders: ReadonlyArray<string>
  /** The time of arrival, in milliseconds. */
  readonly arrivedAt: number
  /** The size of the URL, the headers and the body together, in bytes. */
  size: number
}

export interface Journal {
  readonly arrive: (request: Pick<Draft, "operation" | "method" | "url" | "rawHeaders">) => Effect.Effect<Draft>
  readonly setBody: (draft: Draft, body: Body) => void
  readonly all: () => ReadonlyArray<RecordedRequest>
  /** Returns the request with this index, or `undefined` if it is not recorded. */
  readonly at: (index: number) => RecordedRequest | undefined
  /** Returns at most `most` requests in order of arrival, starting with this index. */
  readonly from: (index: number, most: number) => ReadonlyArray<Draft>
  /** Returns the last requests, at most `most`, in order of arrival. */
  readonly last: (most: number) => ReadonlyArray<Draft>
  /** Returns the number of requests that have arrived. */
  readonly count: () => number
  readonly clear: () => void
}

const pairs = (raw: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> =>
  Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? "", raw[2 * i + 1] ?? ""])

export const finish = (draft: Draft): RecordedRequest => ({
  ...Struct.omit(draft, "arrivedAt", "rawHeaders", "size"),
  headers: pairs(draft.rawHeaders)
})

/** Makes a journal with a maximum number of requests, and a maximum number of bytes for all requests together. */
export const make = (most: number, mostBytes: number): Journal => {
  const drafts = new Map<number, Draft>()
  let arrived = 0
  let oldest = 0
  let bytes = 0

  const shrink = () => {
    while (drafts.size > most || bytes > mostBytes) {
      bytes -= drafts.get(oldest)?.size ?? 0
      drafts.delete(oldest)
      oldest += 1
    }
  }

  const from: Journal["from"] = (index, most) => {
    const found: Array<Draft> = []
    for (let i = Math.max(oldest, index); i < arrived && found.length < most; i++) {
      const draft = drafts.get(i)
      if (draft !== undefined) found.push(draft)
    }
    return found
  }

  return {
    arrive: (request) =>
      Effect.map(Clock.currentTimeMillis, (arrivedAt) => {
        // Count the characters of the URL and the headers, because each character is one byte on the wire.
        const size = request.rawHeaders.reduce((sum, text) => sum + text.length, request.url.length)
        const draft: Draft = {
          ...request,
          index: arrived,
          arrivedAt,
          size,
          body: "",
          status: undefined,
          fault: undefined
        }
        arrived += 1
        drafts.set(draft.index, draft)
        bytes += size
        shrink()
        return draft
      }),
    setBody: (draft, { size, text }) => {
      // Leave out a body that is larger than the limit, because this body would remove all other requests from the record.
      if (!drafts.has(draft.index) || draft.size + size > mostBytes) return
      draft.body = text
      draft.size += size
      bytes += size
      shrink()
    },
    all: () => Array.from(drafts.values(), finish),
    at: (index) => {
      const draft = drafts.get(index)
      return draft === undefined ? undefined : finish(draft)
    },
    from,
    last: (most) => from(arrived - most, most),
    count: () => arrived,
    clear: () => {
      drafts.clear()
      oldest = arrived
      bytes = 0
    }
  }
}
