/** The requests that were received, up to a number and an amount of text. */
import type { RecordedRequest } from "../RecordedRequest.js"

/** A record that is still being written; its headers are paired when somebody reads them. */
export type Draft = { -readonly [Key in Exclude<keyof RecordedRequest, "headers">]: RecordedRequest[Key] } & {
  readonly rawHeaders: ReadonlyArray<string>
}

export interface Journal {
  readonly arrive: (operation: string | null, method: string, url: string, rawHeaders: ReadonlyArray<string>) => Draft
  readonly setBody: (draft: Draft, body: string) => void
  readonly all: () => ReadonlyArray<RecordedRequest>
  readonly clear: () => void
}

/** The bodies of the recorded requests together hold at most this many characters. */
const mostText = 64 * 1024 * 1024

const pairs = (raw: ReadonlyArray<string>): ReadonlyArray<readonly [string, string]> =>
  Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i] ?? "", raw[2 * i + 1] ?? ""])

const finish = ({ rawHeaders, ...draft }: Draft): RecordedRequest => ({ ...draft, headers: pairs(rawHeaders) })

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
    arrive: (operation, method, url, rawHeaders) => {
      const draft: Draft = { index: arrived, operation, method, url, rawHeaders, body: "", status: null, fault: null }
      arrived += 1
      if (most > 0) {
        drafts.set(draft.index, draft)
        shrink()
      }
      return draft
    },
    setBody: (draft, body) => {
      if (!drafts.has(draft.index)) return
      draft.body = body
      text += body.length
      shrink()
    },
    all: () => Array.from(drafts.values(), finish),
    clear: () => {
      drafts.clear()
      oldest = arrived
      text = 0
    }
  }
}
