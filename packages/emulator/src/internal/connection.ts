/** An HTTP client whose requests reach the API without a network. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Api from "./api.js"
import * as Reply from "./reply.js"
import * as Shown from "./shown.js"

/** The failure of a connection, in the words of Node and undici, by which clients tell failures apart. */
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

/** A client that reaches the API at this origin until the scope ends. Requests that are then in flight fail. */
export const make = (
  api: Api.Api,
  origin: string,
  bodyLimit: number
): Effect.Effect<HttpClient.HttpClient, never, Scope.Scope> =>
  Effect.gen(function* () {
    const ended = yield* Effect.acquireRelease(Deferred.make<never, ConnectionError>(), Deferred.fail(closed))

    const exchange = (request: HttpClientRequest.HttpClientRequest, url: URL, bytes: Uint8Array) =>
      Effect.gen(function* () {
        if (url.origin !== origin) return yield* refused(`the emulator in process has the origin ${origin} alone`)
        if (yield* Deferred.isDone(ended)) return yield* refused("the emulator's scope has ended")
        const { method } = request
        const target = `${url.pathname}${url.search}`
        const headers = { host: url.host, ...request.headers }
        const rawHeaders = Object.entries(headers).flat()
        const body = bytes.length > bodyLimit ? Either.left(Reply.tooLarge(bodyLimit)) : Either.right(bytes)
        const handle = api.find(method, target) ?? api.unknown
        const shown = yield* handle({ method, url: target, headers, rawHeaders, body })
        if (shown.broken?.at === "start") return yield* breakOff(shown.broken, ended)
        return HttpClientResponse.fromWeb(request, yield* toResponse(method, shown, ended))
      }).pipe(Effect.raceFirst(Deferred.await(ended)))

    return HttpClient.make((request, url) =>
      Effect.flatMap(readBody(request), (bytes) =>
        Effect.mapError(
          exchange(request, url, bytes),
          (cause) => new HttpClientError.RequestError({ request, reason: "Transport", cause })
        )
      )
    )
  })

/** Ends a connection as a broken response does; a stalled connection ends with the emulator. */
const breakOff = (
  { by }: Shown.Broken,
  ended: Deferred.Deferred<never, ConnectionError>
): Effect.Effect<never, ConnectionError> => {
  switch (by) {
    case "reset":
      return Effect.fail(reset)
    case "close":
      return Effect.fail(closed)
    case "stall":
      return Deferred.await(ended)
  }
}

/** The whole body that a client sends. */
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
        : Effect.fail(failed(new TypeError("The emulator in process takes bodies of text and of bytes")))
    case "FormData":
      return Effect.tryPromise({ try: () => bytesOf(new Response(body.formData)), catch: failed })
    case "Stream":
      return Stream.toReadableStreamEffect(body.stream).pipe(
        Effect.flatMap((stream) => Effect.tryPromise({ try: () => bytesOf(new Response(stream)), catch: failed }))
      )
  }
}

const bytesOf = (source: Response): Promise<Uint8Array> => source.arrayBuffer().then((buffer) => new Uint8Array(buffer))

/** Makes the response that fetch returns: decompressed, and without a body if its status allows none. */
const toResponse = (
  method: string,
  shown: Shown.Shown,
  ended: Deferred.Deferred<never, ConnectionError>
): Effect.Effect<Response> => {
  const { headers, status } = shown
  // `Response` takes no status from 600 on, so such a status is set afterwards
  const isUsual = status < 600
  const toStatus = (body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null) => {
    const response = new Response(body, { status: isUsual ? status : 200, headers })
    return isUsual ? response : Object.defineProperty(response, "status", { value: status })
  }
  if (method === "HEAD" || /^(204|205|304)$/.test(String(status))) return Effect.sync(() => toStatus(null))
  if (shown.broken !== undefined) return Effect.map(readable(shown, breakOff(shown.broken, ended)), toStatus)
  return isLie(shown)
    ? Effect.map(readable({ ...shown, body: new Uint8Array() }, Effect.fail(notCompressed)), toStatus)
    : Effect.sync(() => toStatus(Uint8Array.from(shown.body)))
}

/** Is a text said to be compressed? Bodies of the emulator never are. */
const isLie = ({ body, headers }: Shown.Shown): boolean =>
  body.length > 0
  && Object.entries(headers).some(
    ([name, value]) => name.toLowerCase() === "content-encoding" && /^(x-)?gzip$|^deflate$|^br$/i.test(value)
  )

/** Streams the part of a body that is sent, and then the end of its connection. */
const readable = (shown: Shown.Shown, end: Effect.Effect<never, ConnectionError>) => {
  const sent = Shown.sent(shown)
  return Stream.toReadableStreamEffect(
    Stream.concat(sent.length === 0 ? Stream.empty : Stream.make(Uint8Array.from(sent)), Stream.fromEffect(end)),
    // read nothing ahead, as an error discards bytes that wait to be read
    { strategy: { highWaterMark: 0 } }
  ).pipe(Effect.withUnhandledErrorLogLevel(Option.none()))
}
