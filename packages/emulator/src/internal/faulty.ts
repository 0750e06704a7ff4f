/** Shows faults on the connection that a request came on. */
import type { ServerResponse } from "node:http"
import type { Operation } from "@mammoth-effect/core/Operation"
import * as Effect from "effect/Effect"
import type * as Fault from "../Fault.js"
import type { Draft } from "./journal.js"
import * as Reply from "./reply.js"

/** The faults that are still to be shown, in the order in which they were injected. */
export interface Faults {
  readonly inject: (fault: Fault.Fault) => void
  readonly clear: () => void
  /** Those that are still to be shown, each with how many requests it strikes yet: infinitely many for every one. */
  readonly pending: () => ReadonlyArray<{ readonly fault: Fault.Fault; readonly left: number }>
  /** The first fault that strikes this operation, counted as shown. */
  readonly take: (operation: string) => Fault.Fault | undefined
}

export const make = (): Faults => {
  let pending: ReadonlyArray<{ readonly fault: Fault.Fault; left: number }> = []
  return {
    inject: (fault) => {
      const left = fault.times === "every" ? Number.POSITIVE_INFINITY : (fault.times ?? 1)
      pending = [...pending, { fault, left }]
    },
    clear: () => {
      pending = []
    },
    pending: () => pending,
    take: (operation) => {
      if (pending.length === 0) return undefined
      const found = pending.find(({ fault }) => fault.operation === undefined || fault.operation === operation)
      if (found === undefined) return undefined
      found.left -= 1
      if (found.left <= 0) pending = pending.filter((each) => each !== found)
      return found.fault
    }
  }
}

/** What stands for an operation's own answer where the operation did not act. */
export const standIn = (operation: Operation): Reply.Reply =>
  Reply.json(operation.status, { message: "The operation did not act" })

/** An answer that can be cut in two has to have a body. */
const withBody = (reply: Reply.Reply): Reply.Reply =>
  reply.body === ""
    ? {
        ...reply,
        ...Reply.json(reply.status === 204 ? 200 : reply.status, { message: "The operation has no answer of its own" })
      }
    : reply

const page =
  "<!doctype html>\n<html><head><title>Gateway</title></head><body><h1>Something went wrong</h1></body></html>\n"

/** How long the caller is given to read what was sent before a reset, in milliseconds: a reset may overtake it. */
const readingTime = 25

const jsonType = { "content-type": "application/json" }

/** Shows an answer and writes down what was sent. Does not end as long as an answer is stalled. */
export const show = (
  answer: Fault.Answer,
  reply: Reply.Reply,
  response: ServerResponse,
  draft: Draft
): Effect.Effect<void> => {
  draft.fault = answer._tag
  const own = { ...jsonType, ...reply.headers }

  const send = (status: number, headers: Readonly<Record<string, string>>, body: string) =>
    Effect.sync(() => {
      draft.status = status
      response.writeHead(status, { ...headers, ...(hasLength(headers) ? {} : length(body)) })
      response.end(body)
    })

  /** Sends the headers and the first half of the body, as far as the stage says. */
  const begin = (stage: Fault.Stage) =>
    Effect.sync(() => {
      if (stage === "start") return
      const { status, body } = withBody(reply)
      draft.status = status
      response.writeHead(status, { ...own, ...length(body) })
      if (stage === "headers") response.flushHeaders()
      else response.write(Buffer.from(body).subarray(0, Math.ceil(Buffer.byteLength(body) / 2)))
    })

  switch (answer._tag) {
    case "Own":
      return send(reply.status, reply.body === "" ? (reply.headers ?? {}) : own, reply.body)
    case "Status":
      // exactly the headers that were asked for
      response.removeHeader(Reply.noSniff[0])
      return send(answer.status, answer.headers ?? {}, answer.body ?? "")
    case "Html":
      return send(answer.status ?? withBody(reply).status, { "content-type": "text/html; charset=utf-8" }, page)
    case "CutJson": {
      const { status, body } = withBody(reply)
      return send(status, own, body.slice(0, Math.ceil(body.length / 2)))
    }
    case "WrongJson":
      return send(withBody(reply).status, own, JSON.stringify({ unexpected: [true] }))
    case "ContentType":
      return send(withBody(reply).status, { ...own, "content-type": answer.contentType }, withBody(reply).body)
    case "GzipLie":
      return send(withBody(reply).status, { ...own, "content-encoding": "gzip" }, withBody(reply).body)
    case "Stall":
      return Effect.zipRight(begin(answer.stage), Effect.never)
    case "Truncated":
      return Effect.zipRight(
        begin("body"),
        Effect.sync(() => response.socket?.end())
      )
    case "Reset":
      return begin(answer.stage).pipe(
        Effect.zipRight(answer.stage === "start" ? Effect.void : Effect.sleep(readingTime)),
        Effect.zipRight(Effect.sync(() => response.socket?.resetAndDestroy()))
      )
  }
}

const length = (body: string) => ({ "content-length": String(Buffer.byteLength(body)) })

const hasLength = (headers: Readonly<Record<string, string>>): boolean =>
  Object.keys(headers).some((name) => /^(content-length|transfer-encoding)$/i.test(name))
