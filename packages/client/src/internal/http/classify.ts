/** Reads the errors of transports. Finds the reason, and decides whether the server may have acted. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Delivery from "@mammoth-effect/core/Delivery"
import type { TransportError } from "@mammoth-effect/core/WebhooksError"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import { ThrownByFetch } from "./fetch.js"
import { isInstance, property } from "./thrown.js"

/** One error of the transport, as the runtime reports it. */
interface RuntimeError {
  readonly code: string
  readonly syscall: string
  readonly message: string
  /** Is `true` if Deno failed while opening a connection. Deno then sent nothing on that connection. */
  readonly isConnecting: boolean
}

/** Returns an error and the errors that it wraps, the outermost first. */
const chain = (cause: unknown): ReadonlyArray<object> => {
  const found: Array<object> = []
  const add = (u: unknown): void => {
    if (!Predicate.isObject(u) || found.includes(u) || found.length > 16) return
    found.push(u)
    const errors = property(u, "errors")
    Either.getOrElse(
      // Treat `errors` as an empty list if reading the list throws. For example, a `Proxy` object can throw.
      Either.try(() => (Array.isArray(errors) ? Array.from<unknown>(errors).slice(0, 16) : [])),
      () => []
    ).forEach(add)
    add(property(u, "cause"))
  }
  add(cause)
  return found
}

const text = (u: object, key: string): string => {
  const value = property(u, key)
  return Predicate.isString(value) ? value : ""
}

/** Matches the stage and the failure in Deno's messages, which begin with the request and its whole URL. */
const denoStage = /\bclient error \((\w+)\): (.*)$/s

/**
 * Returns a message as one line without URLs, because a URL can hold a webhook's key or the rows of `addDataUsingGet`.
 * Also removes the memory addresses and the source positions that OpenSSL adds.
 */
const readable = (message: string): string =>
  message
    .slice(0, 4096)
    .replace(/https?:\/\/[^\s"<>]+/gi, "<url>")
    .replace(/\b[0-9A-F]{8,}:error:[0-9A-F]+:/g, "")
    .replace(/:[^:\s]*\.c:\d+:/g, "")
    .replace(/\s+/g, " ")
    .trim()

const toRuntimeError = (error: object): RuntimeError => {
  const message = text(error, "message")
  const [, stage, failure] = denoStage.exec(message) ?? []
  return {
    code: text(error, "code"),
    syscall: text(error, "syscall"),
    message: readable(failure ?? message),
    isConnecting: stage === "Connect"
  }
}

/** Matches the messages of undici, Bun, Node and the package `tunnel` for a proxy that does not open a tunnel. */
const noTunnel =
  /^Proxy response \(\d+\) !== 200|^Proxy refused to open a tunnel|^Proxy Authentication Required|^Failed to establish tunnel|^tunneling socket could not/i

const isNoTunnel = ({ code, isConnecting, message }: RuntimeError): boolean =>
  code === "ERR_PROXY_TUNNEL" || noTunnel.test(message) || (isConnecting && /\btunnel|^proxy /.test(message))

const isName = ({ code, isConnecting, message, syscall }: RuntimeError): boolean =>
  /^(getaddrinfo$|query)/.test(syscall)
  || /^(ENOTFOUND$|EAI_)/.test(code)
  || (isConnecting && message.startsWith("dns error"))

/**
 * Matches the error codes for two cases: the client refuses the certificate, or client and server have no TLS version
 * in common.
 */
const untrusted =
  /^(ERR_TLS_CERT_|ERR_SSL_(UNSUPPORTED_PROTOCOL|NO_PROTOCOLS_AVAILABLE)$|CERT_|CRL_|ERROR_IN_C|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT_IN|UNABLE_TO_|UNKNOWN_CERTIFICATE_VERIF|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED)/

const isHandshake = ({ code, isConnecting, message }: RuntimeError): boolean =>
  untrusted.test(code)
  || message.startsWith("Client network socket disconnected before secure TLS connection")
  || (isConnecting && /\b(certificate|handshake|fatal alert|corrupt message)\b/.test(message))

/**
 * Returns `true` for a TLS error that can happen during the handshake or later. After the handshake, a proxy on the way
 * can write into the connection. The connection then breaks with the same codes.
 */
const isTls = ({ code, message }: RuntimeError): boolean =>
  code === "EPROTO" || code.startsWith("ERR_SSL_") || /\bcorrupt message|\bTLS close_notify/.test(message)

const connectCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_PRX_TLS",
  // Bun reports these two codes if it cannot connect.
  "ConnectionRefused",
  "FailedToOpenSocket"
])

const isReset = ({ code, message }: RuntimeError): boolean =>
  /^(ECONNRESET|EPIPE|ECONNABORTED|ConnectionClosed)$/.test(code) || /^(Connection reset|Broken pipe)/.test(message)

const isConnect = (error: RuntimeError): boolean =>
  error.syscall === "connect"
  || connectCodes.has(error.code)
  || error.code.startsWith("UND_ERR_SOCKS5")
  // Match Bun's messages for a failed connection, because Bun names no system call. Exclude resets, because Bun also
  // uses these messages after some resets.
  || (/\bUnable to connect\. |\bWas there a typo in the url/.test(error.message) && !isReset(error))
  // Match the messages for a blocked port, which fetch refuses before it connects.
  || /^bad port$|^Fetch failed: Requests to port \d+ are blocked/.test(error.message)
  || error.isConnecting

/**
 * Returns `true` for an error that undici throws before it sends the request. Returns `false` for a redirect loop: its
 * error has the code `UND_ERR_INVALID_ARG`, but undici throws this error after sending.
 */
const isRefused = ({ code, message }: RuntimeError): boolean =>
  /^UND_ERR_(NOT_SUPPORTED|CLOSED|BPL_MISSING_UPSTREAM|MAX_ORIGINS_REACHED)$/.test(code)
  || (code === "UND_ERR_INVALID_ARG" && !message.startsWith("Redirect loop"))

const isClosed = ({ code, message }: RuntimeError): boolean =>
  /^(UND_ERR_SOCKET|UND_ERR_DESTROYED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(code)
  // Match the messages of Deno and of Cloudflare Workers for a connection that was closed.
  || /^connection closed before message completed|^Network connection lost/.test(message)

interface Judgement {
  readonly reason: TransportError["reason"]
  readonly delivery: Delivery.Delivery
}

/**
 * The rules for errors, in order: the first rule that matches decides. `NotSent` is for errors that happen only before
 * the request is sent. `Unknown` is for errors that can also happen after the request is sent.
 */
const rules: ReadonlyArray<readonly [is: (error: RuntimeError) => boolean, judgement: Judgement]> = [
  [isNoTunnel, { reason: "connect", delivery: "NotSent" }],
  [isName, { reason: "dns", delivery: "NotSent" }],
  [isHandshake, { reason: "tls", delivery: "NotSent" }],
  [isTls, { reason: "tls", delivery: "Unknown" }],
  [isConnect, { reason: "connect", delivery: "NotSent" }],
  [isRefused, { reason: "other", delivery: "NotSent" }],
  [isReset, { reason: "reset", delivery: "Unknown" }],
  [isClosed, { reason: "closed", delivery: "Unknown" }]
]

const judge = (error: RuntimeError): Judgement | undefined => rules.find(([is]) => is(error))?.[1]

/**
 * Returns the status with which a proxy refused to open a tunnel. Returns `undefined` for any other error, and for a
 * message without a status.
 */
const proxyStatus = (error: RuntimeError): number | undefined => {
  if (!isNoTunnel(error)) return undefined
  if (/^proxy auth/i.test(error.message)) return 407
  const status = /[ (=]([1-5]\d\d)\b/.exec(error.message)?.[1]
  return status === undefined ? undefined : Number(status)
}

/**
 * Returns the error's code. Deno reports no codes, so this returns `EAI_AGAIN` for Deno's temporary DNS failure, which
 * can then be retried.
 */
const codeOf = ({ code, isConnecting, message }: RuntimeError): string | undefined =>
  isConnecting && /^dns error.*temporary failure/i.test(message) ? "EAI_AGAIN" : code === "" ? undefined : code

/**
 * Decides why an attempt had no complete response, and whether the server may have acted. `mayBeResent` is `true` if
 * fetch may have sent the request on an earlier connection. Then the server may have received the request, even if the
 * last connection failed.
 */
export const classify = (reported: HttpClientError.HttpClientError, mayBeResent: boolean) => {
  const { cause }: { readonly cause?: unknown } = reported
  const isThrown = isInstance(cause, ThrownByFetch)
  const all = chain(isThrown ? cause.cause : cause).map(toRuntimeError)
  const known = all.flatMap((error) => {
    const judgement = judge(error)
    return judgement === undefined ? [] : [{ error, judgement }]
  })
  const source = known.at(-1)?.error ?? all.at(-1)
  // Report `NotSent` if fetch threw, or if the request could not be built. Report `Unknown` for any other error that no
  // rule matches, because the server may have acted.
  const isUnsent = isThrown || (reported._tag === "RequestError" && reported.reason !== "Transport")
  return {
    reason: known.at(-1)?.judgement.reason ?? ("other" as const),
    delivery: isUnsent
      ? ("NotSent" as const)
      : known.length === 0
        ? ("Unknown" as const)
        : known
            .map(({ error, judgement }) => (error.isConnecting && mayBeResent ? "Unknown" : judgement.delivery))
            .reduce(Delivery.max),
    code: source === undefined ? undefined : codeOf(source),
    proxyStatus: source === undefined ? undefined : proxyStatus(source),
    description: source?.message || all.findLast(({ message }) => message !== "")?.message || reported.reason
  }
}
