/** Makes an HTTP client and a `fetch` whose requests reach the API without a network. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Api from "./api.js"
import * as Reply from "./reply.js"
import * as Shown from "./shown.js"

/** The failure of a connection. The message is the same as in Node or undici, because clients check the message. */
class ConnectionError extends Data.Error<{
  readonly message: string
  readonly code: string
  readonly syscall?: "connect" | "read" | undefined
}> {}

const reset = new ConnectionError({ message: "read ECONNRESET", code: "ECONNRESET", syscall: "read" })

const closed = new ConnectionError({ message: "other side closed", code: "UND_ERR_SOCKET" })

const notCompressed = new ConnectionError({ message: "incorrect header check", code: "Z_DATA_ERROR" })

const refused = (reason: string) =>
  new ConnectionError({ message: `connect ECONNREFUSED: ${reason}`, code: "ECONNREFUSED", syscall: "connect" })

export interface Connection {
  readonly client: HttpClient.HttpClient
  readonly fetch: typeof globalThis.fetch
}

/** The request that a client sends. */
interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

/** An effect that fails when the emulator ends or when the caller aborts the request. */
type Ending<E = unknown> = Effect.Effect<never, ConnectionError | E>

/**
 * Makes a client and a `fetch` that reach the API at this origin until the scope ends. When the scope ends, requests in
 * flight fail.
 */
export const make = (api: Api.Api, origin: string, bodyLimit: number): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.gen(function* () {
    const ended = yield* Effect.acquireRelease(Deferred.make<never, ConnectionError>(), Deferred.fail(closed))
    const runtime = yield* Effect.runtime()

    const exchange = <E>({ bytes, method, url, ...sent }: Sent, ending: Ending<E>) =>
      Effect.gen(function* () {
        if (url.origin !== origin) return yield* refused(`the emulator in process serves only the origin ${origin}`)
        if (yield* Deferred.isDone(ended)) return yield* refused("the emulator has ended")
        const target = `${url.pathname}${url.search}`
        const headers = { host: url.host, ...sent.headers }
        const rawHeaders = Object.entries(headers).flat()
        const body = bytes.length > bodyLimit ? Either.left(Reply.tooLarge(bodyLimit)) : Either.right(bytes)
        const handle = api.find(method, target) ?? api.unknown
        const shown = yield* handle({ method, url: target, headers, rawHeaders, body })
        if (shown.broken?.at === "start") return yield* breakOff(shown.broken, ending)
        return yield* toResponse(method, shown, ending)
      }).pipe(Effect.raceFirst(ending))

    const client = HttpClient.make((request, url) =>
      Effect.flatMap(readBody(request), (bytes) =>
        exchange({ method: request.method, url, headers: request.headers, bytes }, Deferred.await(ended)).pipe(
          Effect.mapBoth({
            onFailure: (cause) => new HttpClientError.RequestError({ request, reason: "Transport", cause }),
            onSuccess: (response) => HttpClientResponse.fromWeb(request, response)
          })
        )
      )
    )

    const fetch: Connection["fetch"] = (input, init) => {
      // Use the caller's own signal, because the signal of a `Request` stops working after garbage collection.
      const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined)
      const sent = Effect.gen(function* () {
        const request = yield* Either.try(() => new Request(input, init))
        const bytes = yield* Effect.tryPromise({ try: () => bytesOf(request), catch: identity })
        const { method, url } = request
        return yield* exchange(
          { method, url: new URL(url), headers: Object.fromEntries(request.headers), bytes },
          signal == null ? Deferred.await(ended) : Effect.raceFirst(Deferred.await(ended), aborted(signal))
        )
      })
      return signal?.aborted === true
        ? Promise.reject(signal.reason)
        : Runtime.runPromise(runtime)(Effect.either(Effect.mapError(sent, toFetchError))).then(
            Either.match({ onLeft: (reason) => Promise.reject(reason), onRight: (response) => response })
          )
    }

    return { client, fetch }
  })

/** Waits until a signal is aborted, and then fails with the signal's reason. */
const aborted = (signal: AbortSignal): Effect.Effect<never, unknown> =>
  Effect.async((resume) => {
    const stop = () => resume(Effect.fail(signal.reason))
    signal.addEventListener("abort", stop, { once: true })
    return Effect.sync(() => signal.removeEventListener("abort", stop))
  })

/** Returns the error that fetch rejects with. */
const toFetchError = (error: unknown): unknown =>
  error instanceof ConnectionError ? new TypeError("fetch failed", { cause: error }) : error

/**
 * Ends a connection in the way that the broken response specifies. A stalled connection ends when the emulator ends or
 * the caller aborts.
 */
const breakOff = <E>({ by }: Shown.Broken, ending: Ending<E>): Ending<E> => {
  switch (by) {
    case "reset":
      return Effect.fail(reset)
    case "close":
      return Effect.fail(closed)
    case "stall":
      return ending
  }
}

/** Reads the whole body that a client sends. */
const readBody = (
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<Uint8Array, HttpClientError.RequestError> => {
  const failed = (cause: unknown) => new HttpClientError.RequestError({ request, reason: "Encode", cause })
  const { body } = request
  switch (body._tag) {
    case "Empty":
      return Effect.succeed(new Uint8Array())
    case "Uint8Array":
      return Effect.succeed(body.body)
    case "Raw":
      return Predicate.isString(body.body)
        ? Effect.succeed(new TextEncoder().encode(body.body))
        : Effect.fail(
            failed(new TypeError("The emulator in process accepts only strings, bytes, streams and forms as bodies"))
          )
    case "FormData":
      return Effect.tryPromise({ try: () => bytesOf(new Response(body.formData)), catch: failed })
    case "Stream":
      return Stream.toReadableStreamEffect(body.stream).pipe(
        Effect.flatMap((stream) => Effect.tryPromise({ try: () => bytesOf(new Response(stream)), catch: failed }))
      )
  }
}

const bytesOf = (source: Pick<Response, "arrayBuffer">): Promise<Uint8Array> =>
  source.arrayBuffer().then((buffer) => new Uint8Array(buffer))

/** Makes the response that fetch returns: decompressed, and without a body if its status does not allow a body. */
const toResponse = (method: string, shown: Shown.Shown, ending: Ending): Effect.Effect<Response> => {
  const { headers, status } = shown
  // If the status is 600 or more, set it on the finished response, because the constructor of `Response` refuses it.
  const isUsual = status < 600
  const toStatus = (body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null) => {
    const response = new Response(body, { status: isUsual ? status : 200, headers })
    return isUsual ? response : Object.defineProperty(response, "status", { value: status })
  }
  if (method === "HEAD" || /^(204|205|304)$/.test(String(status))) return Effect.sync(() => toStatus(null))
  if (shown.broken !== undefined) return Effect.map(readable(shown, breakOff(shown.broken, ending)), toStatus)
  return isLie(shown)
    ? Effect.map(readable({ ...shown, body: new Uint8Array() }, Effect.fail(notCompressed)), toStatus)
    : Effect.sync(() => toStatus(Uint8Array.from(shown.body)))
}

/** Returns true if the headers say that the body is compressed. The emulator never compresses a body. */
const isLie = ({ body, headers }: Shown.Shown): boolean =>
  body.length > 0
  && Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === "content-encoding" && /^(x-)?gzip$|^deflate$|^br$/i.test(value)
  )

/** Streams the part of a body that is sent, and then runs the effect `end`, which ends or fails the stream. */
const readable = (shown: Shown.Shown, end: Ending) => {
  const sent = Shown.sent(shown)
  return Stream.toReadableStreamEffect(
    Stream.concat(sent.length === 0 ? Stream.empty : Stream.make(Uint8Array.from(sent)), Stream.fromEffect(end)),
    // Do not read ahead, because an error would discard the bytes in the buffer.
    { strategy: { highWaterMark: 0 } }
  ).pipe(Effect.withUnhandledErrorLogLevel(Option.none()))
}
