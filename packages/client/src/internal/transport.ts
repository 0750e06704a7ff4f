/** What the transport reports, told as what is known of the delivery. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type { Delivery } from "@mammoth-effect/core/Delivery"
import { type CredentialsError, TransportError } from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { attempted, type Call } from "./call.js"
import { short } from "./mask.js"

interface Verdict {
  readonly reason: TransportError["reason"]
  readonly delivery: Delivery
}

/** A system error and what it wraps, outermost first. */
const chain = (cause: unknown): ReadonlyArray<object> => {
  const found: Array<object> = []
  const add = (u: unknown): void => {
    if (!Predicate.isObject(u) || found.includes(u) || found.length > 16) return
    found.push(u)
    if (Predicate.hasProperty(u, "errors") && Array.isArray(u.errors)) u.errors.forEach(add)
    if (Predicate.hasProperty(u, "cause")) add(u.cause)
  }
  add(cause)
  return found
}

const text = (u: object, key: string): string | undefined => {
  const value: unknown = Reflect.get(u, key)
  return Predicate.isString(value) ? value : undefined
}

/** What the other side is not trusted for, which shows before anything is sent. */
const certificateCode =
  /^(ERR_TLS_CERT_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/

/** How the two sides fail to agree on TLS at all, which shows before anything is sent, too. */
const handshake =
  /before secure TLS connection|wrong.version.number|packet.length.too.long|http.request|unknown.protocol|unsupported.protocol|handshake.failure|no.protocols|no.shared.cipher/i

/** What a system error says, where it says something that is known; `undefined` where it does not. */
const judge = (error: object): Verdict | undefined => {
  const code = text(error, "code") ?? ""
  const syscall = text(error, "syscall")
  if (syscall === "getaddrinfo" || code === "ENOTFOUND" || code.startsWith("EAI_")) {
    return { reason: "dns", delivery: "NotSent" }
  }
  if (certificateCode.test(code) || handshake.test(`${code} ${text(error, "message") ?? ""}`)) {
    return { reason: "tls", delivery: "NotSent" }
  }
  // an established connection can break in TLS, too
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) return { reason: "tls", delivery: "Unknown" }
  if (syscall === "connect" || code === "UND_ERR_CONNECT_TIMEOUT" || code === "ECONNREFUSED") {
    return { reason: "connect", delivery: "NotSent" }
  }
  if (code === "ECONNRESET" || code === "EPIPE" || code === "ECONNABORTED")
    return { reason: "reset", delivery: "Unknown" }
  if (code === "UND_ERR_SOCKET" || code === "UND_ERR_CLOSED" || code === "UND_ERR_DESTROYED") {
    return { reason: "closed", delivery: "Unknown" }
  }
  // fetch refuses some ports by itself
  if (text(error, "message") === "bad port") return { reason: "connect", delivery: "NotSent" }
  return undefined
}

/** One line, without the addresses in memory and places in sources that OpenSSL adds. */
const readable = (message: string): string =>
  message
    .slice(0, 4096)
    .replace(/\b[0-9A-F]{8,}:error:[0-9A-F]+:/g, "")
    .replace(/:[^:\s]*\.c:\d+:/g, "")
    .replace(/\s+/g, " ")
    .trim()

/** Why an attempt had no complete answer, and whether the server may have acted all the same. */
const classify = (error: HttpClientError.HttpClientError) => {
  const errors = chain(error.cause)
  const told = errors.map((each) => ({ each, verdict: judge(each) })).findLast(({ verdict }) => verdict !== undefined)
  const last = errors.at(-1)
  const source = told?.each ?? last
  return {
    // a request that could not even be built was not sent; otherwise what nobody tells may have happened
    reason: told?.verdict?.reason ?? "other",
    delivery:
      told?.verdict?.delivery
      ?? (error._tag === "RequestError" && error.reason !== "Transport" ? ("NotSent" as const) : ("Unknown" as const)),
    code: (source && text(source, "code")) ?? null,
    description: readable((source && text(source, "message")) ?? error.reason)
  }
}

const transportError = (call: Call, error: HttpClientError.HttpClientError) => {
  const { code, delivery, description, reason } = classify(error)
  return Effect.flatMap(attempted(call, "TransportError", delivery), (fields) =>
    Effect.fail(
      new TransportError({
        ...fields,
        reason,
        code: code === null ? null : short(call, code, 100),
        description: short(call, description)
      })
    )
  )
}

/** Turns the transport's errors into {@link TransportError}, which holds neither request nor response. */
export const withTransportErrors =
  (call: Call) =>
  <A>(
    attempt: Effect.Effect<A, HttpClientError.HttpClientError | CredentialsError>
  ): Effect.Effect<A, TransportError | CredentialsError> =>
    Effect.catchAll(attempt, (error): Effect.Effect<never, TransportError | CredentialsError> =>
      error._tag === "CredentialsError" ? Effect.fail(error) : transportError(call, error)
    )
