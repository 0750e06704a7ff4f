/**
 * Makes the response that the caller sees: everything that a transport has to send, and the stage at which the response
 * breaks off, if it does.
 */
import type { Operation } from "@mammoth-effect/core/Operation"
import type * as Fault from "../Fault.js"
import * as Reply from "./reply.js"

export interface Shown {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** The stage at which the response breaks off, and the way in which the connection ends there. */
  readonly broken?: Broken | undefined
}

export interface Broken {
  readonly at: Fault.Stage
  /** The way in which the connection ends: with an RST, with silence on the open connection, or with a FIN. */
  readonly by: "reset" | "stall" | "close"
}

const encoder = new TextEncoder()

const jsonType = { "content-type": "application/json" }

const whole = (status: number, headers: Readonly<Record<string, string>>, text: string): Shown => {
  const body = encoder.encode(text)
  return { status, headers: hasLength(headers) ? headers : { ...headers, ...length(body) }, body }
}

const length = (body: Uint8Array) => ({ "content-length": String(body.length) })

const hasLength = (headers: Readonly<Record<string, string>>): boolean =>
  Object.keys(headers).some((name) => /^(content-length|transfer-encoding)$/i.test(name))

const ownHeaders = (reply: Reply.Reply) => ({ ...Reply.noSniff, ...jsonType, ...reply.headers })

/** Makes the response for a reply without a fault. */
export const ofReply = (reply: Reply.Reply): Shown => {
  if (reply.body !== "") return whole(reply.status, ownHeaders(reply), reply.body)
  const headers = { ...Reply.noSniff, ...reply.headers }
  // Send no length with a 204, because HTTP does not allow it.
  return reply.status === 204 ? { status: 204, headers, body: new Uint8Array() } : whole(reply.status, headers, "")
}

/** Makes the reply that replaces an operation's reply if the operation did not act. */
export const standIn = (operation: Operation): Reply.Reply =>
  Reply.json(operation.status, { message: "The operation did not act" })

/** Adds a body to a reply without a body, so that the body can be cut in two. */
const withBody = (reply: Reply.Reply): Reply.Reply =>
  reply.body === ""
    ? {
        ...reply,
        ...Reply.json(reply.status === 204 ? 200 : reply.status, {
          message: "This operation has no response body"
        })
      }
    : reply

const page =
  "<!doctype html>\n<html><head><title>Gateway</title></head><body><h1>Something went wrong</h1></body></html>\n"

/** Makes the response that a fault shows for a reply. */
export const ofFault = (answer: Fault.Answer, reply: Reply.Reply): Shown => {
  const own = ownHeaders(reply)
  const { body, status } = withBody(reply)
  const broken = (at: Fault.Stage, by: Broken["by"]): Shown => {
    const bytes = encoder.encode(body)
    return { status, headers: { ...own, ...length(bytes) }, body: bytes, broken: { at, by } }
  }
  switch (answer._tag) {
    case "Own":
      return ofReply(reply)
    case "Status":
      // Send exactly the headers that the fault gives.
      return whole(answer.status, answer.headers ?? {}, answer.body ?? "")
    case "Html":
      return whole(answer.status ?? status, { ...Reply.noSniff, "content-type": "text/html; charset=utf-8" }, page)
    case "CutJson":
      return whole(status, own, body.slice(0, Math.ceil(body.length / 2)))
    case "WrongJson":
      return whole(status, own, JSON.stringify({ unexpected: [true] }))
    case "ContentType":
      return whole(status, { ...own, "content-type": answer.contentType }, body)
    case "GzipLie":
      return whole(status, { ...own, "content-encoding": "gzip" }, body)
    case "Reset":
      return broken(answer.stage, "reset")
    case "Stall":
      return broken(answer.stage, "stall")
    case "Truncated":
      return broken("body", "close")
  }
}

/** Returns the part of the body that is sent before the response breaks off. */
export const sent = ({ body, broken }: Shown): Uint8Array =>
  broken === undefined
    ? body
    : broken.at === "body"
      ? body.subarray(0, Math.ceil(body.length / 2))
      : body.subarray(0, 0)
