/**
 * Sends requests with undici's dispatcher, for programs that make many calls from Node. Install the package `undici` to
 * use this module.
 *
 * @since 0.1.0
 */
import * as Cookies from "@effect/platform/Cookies"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { Agent, type Dispatcher, util } from "undici"

const interrupted = new Error("the fiber was interrupted")

/** Calls a function that makes a buffer or a string. Fails if the result would exceed the maximum length in Node. */
const toEffect = <A>(make: () => A): Effect.Effect<A, Cause.UnknownException> => Effect.try(make)

/**
 * The maximum number of bytes that the client reads from a body before the program asks for the body. This read-ahead
 * frees the connection early.
 */
const unread = 2 ** 20

/** The body of a response. A program can read the whole body any number of times, or stream the body once. */
class Body {
  private chunks: Array<Buffer> = []
  private size = 0
  private end: Exit.Exit<void, Error> | undefined
  private isKept = false
  private isStreamed = false
  private readonly waiting = new Set<(next: Effect.Effect<void>) => void>()

  constructor(private readonly exchange: Exchange) {}

  add(chunk: Buffer): void {
    this.chunks.push(chunk)
    this.size += chunk.length
    if (!this.isKept && this.size > unread) this.exchange.pause()
    if (this.isStreamed) this.wake()
  }

  finish(end: Exit.Exit<void, Error>): void {
    this.end = end
    this.wake()
  }

  /** Waits until all bytes have arrived, and returns them. Interrupting the wait aborts the request. */
  get bytes(): Effect.Effect<Buffer, Error> {
    return Effect.suspend(() => {
      if (this.isStreamed)
        return Effect.fail(new Cause.UnknownException(undefined, "the body was streamed, so it cannot be read again"))
      this.isKept = true
      this.exchange.resume()
      const ended = this.end ?? Effect.flatMap(this.more, () => this.end ?? Effect.void)
      return Effect.zipRight(
        ended,
        toEffect(() => this.join())
      )
    })
  }

  /**
   * Streams the bytes as they arrive, and does not keep them. If the program has already requested the whole body,
   * streams the kept bytes instead.
   */
  get stream(): Stream.Stream<Uint8Array, Error> {
    return Stream.suspend(() => {
      if (this.isKept) return Stream.fromEffect(this.bytes)
      this.isStreamed = true
      return Stream.ensuring(
        Stream.repeatEffectChunkOption(this.next()),
        Effect.sync(() => this.exchange.abandon())
      )
    })
  }

  private wake(): void {
    for (const resume of this.waiting) resume(Effect.void)
    this.waiting.clear()
  }

  private join(): Buffer {
    return this.chunks.length === 1 && this.chunks[0] ? this.chunks[0] : Buffer.concat(this.chunks)
  }

  /** Waits until the body ends. If the body is streamed, waits only until the next bytes arrive or the body ends. */
  private get more(): Effect.Effect<void> {
    return Effect.async((resume) => {
      this.waiting.add(resume)
      return Effect.sync(() => this.exchange.abandon())
    })
  }

  private next(): Effect.Effect<Chunk.Chunk<Buffer>, Option.Option<Error>> {
    return Effect.suspend(() => {
      if (this.chunks.length > 0) {
        const taken = Chunk.unsafeFromArray(this.chunks)
        this.chunks = []
        this.size = 0
        this.exchange.resume()
        return Effect.succeed(taken)
      }
      if (this.end === undefined) return Effect.flatMap(this.more, () => this.next())
      return Effect.zipRight(Effect.mapError(this.end, Option.some), Effect.fail(Option.none()))
    })
  }
}

type Answered = Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>

/** The part of undici's controller that this module uses to pause, resume and abort a request. */
type Controller = Pick<Dispatcher.DispatchController, "abort" | "pause" | "paused" | "resume">

/** A controller for the dispatchers of undici 5 and 6, whose callbacks differ from those of undici 7. */
class OldController implements Controller {
  paused = false
  restart = () => {}

  constructor(readonly abort: (reason: Error) => void) {}

  pause(): void {
    this.paused = true
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.restart()
  }
}

/**
 * A request in flight. This class has the callbacks of undici 5, 6 and 7, because a program can have dispatchers of
 * several versions. For example, Node's own `fetch` sets a global dispatcher of the undici version that Node contains.
 * The request drops its reference to a complete response, so that the response can be freed while the runtime still
 * references the request.
 */
class Exchange implements Dispatcher.DispatchHandler {
  private controller: Controller | undefined
  private old: OldController | undefined
  private isAbandoned = false
  private body: Body | undefined

  constructor(
    private readonly request: HttpClientRequest.HttpClientRequest,
    private readonly resumeWith: (answered: Answered) => void
  ) {}

  abandon(): void {
    this.isAbandoned = true
    this.controller?.abort(interrupted)
  }

  pause(): void {
    this.controller?.pause()
  }

  resume(): void {
    if (this.controller?.paused === true) this.controller.resume()
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller
    if (this.isAbandoned) this.abandon()
  }

  onResponseStart(_: Controller | undefined, status: number, headers: Fields): void {
    // Ignore a 1xx response, because the final response follows later.
    if (status < 200) return
    this.body = new Body(this)
    this.resumeWith(Effect.succeed(new Answer(this.request, status, headers, this.body)))
  }

  onResponseData(_: Controller | undefined, chunk: Buffer): void {
    this.body?.add(chunk)
  }

  onResponseEnd(): void {
    this.finish(Exit.void)
  }

  onResponseError(_: Controller | undefined, cause: Error): void {
    if (this.body !== undefined) return this.finish(Exit.fail(cause))
    this.fail("Transport", cause)
  }

  fail(reason: "Transport" | "Encode", cause: unknown): void {
    this.resumeWith(Effect.fail(new HttpClientError.RequestError({ request: this.request, reason, cause })))
  }

  private finish(end: Exit.Exit<void, Error>): void {
    this.body?.finish(end)
    this.body = undefined
    this.controller = undefined
  }

  // The dispatchers of undici 5 and 6 call the methods below instead of the methods above.

  onConnect(abort: (reason?: Error) => void): void {
    this.old = new OldController(abort)
    this.onRequestStart(this.old)
  }

  onHeaders(status: number, headers: Array<Buffer>, resume: () => void): boolean {
    if (this.old !== undefined) this.old.restart = resume
    this.onResponseStart(this.old, status, util.parseHeaders(headers))
    return this.old?.paused !== true
  }

  onData(chunk: Buffer): boolean {
    this.onResponseData(this.old, chunk)
    return this.old?.paused !== true
  }

  onComplete(): void {
    this.onResponseEnd()
  }

  onError(cause: Error): void {
    this.onResponseError(this.old, cause)
  }
}

type Fields = Readonly<Record<string, string | Array<string> | undefined>>

class Answer extends Inspectable.Class implements HttpClientResponse.HttpClientResponse {
  readonly [HttpIncomingMessage.TypeId]: HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: HttpClientResponse.TypeId = HttpClientResponse.TypeId
  private known: Headers.Headers | undefined

  constructor(
    readonly request: HttpClientRequest.HttpClientRequest,
    readonly status: number,
    private readonly fields: Fields,
    private readonly body: Body
  ) {
    super()
  }

  get headers(): Headers.Headers {
    return (this.known ??= Headers.fromInput(this.fields))
  }

  get cookies(): Cookies.Cookies {
    return Cookies.fromSetCookie(this.fields["set-cookie"] ?? [])
  }

  get remoteAddress(): Option.Option<string> {
    return Option.none()
  }

  get text(): Effect.Effect<string, HttpClientError.ResponseError> {
    return this.failing(Effect.flatMap(this.body.bytes, (bytes) => toEffect(() => bytes.toString("utf8"))))
  }

  get json(): Effect.Effect<unknown, HttpClientError.ResponseError> {
    return Effect.flatMap(this.web, (response) => response.json)
  }

  get urlParamsBody(): Effect.Effect<UrlParams.UrlParams, HttpClientError.ResponseError> {
    return Effect.flatMap(this.web, (response) => response.urlParamsBody)
  }

  get formData(): Effect.Effect<FormData, HttpClientError.ResponseError> {
    return Effect.flatMap(this.web, (response) => response.formData)
  }

  get arrayBuffer(): Effect.Effect<ArrayBuffer, HttpClientError.ResponseError> {
    return Effect.flatMap(this.web, (response) => response.arrayBuffer)
  }

  get stream(): Stream.Stream<Uint8Array, HttpClientError.ResponseError> {
    return Stream.mapError(this.body.stream, (cause) => this.toError(cause))
  }

  private get bytes(): Effect.Effect<Buffer, HttpClientError.ResponseError> {
    return this.failing(this.body.bytes)
  }

  private failing<A>(read: Effect.Effect<A, Error>): Effect.Effect<A, HttpClientError.ResponseError> {
    return Effect.mapError(read, (cause) => this.toError(cause))
  }

  private toError(cause: Error): HttpClientError.ResponseError {
    return new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause })
  }

  /**
   * Makes a web `Response` from the bytes of the body. A program can read JSON and forms from this `Response`. The
   * SDK's own calls do not use it.
   */
  private get web(): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.ResponseError> {
    return Effect.map(this.bytes, (bytes) => {
      const headers = { "content-type": this.headers["content-type"] ?? "" }
      return HttpClientResponse.fromWeb(
        this.request,
        new Response(bytes.length === 0 ? null : new Uint8Array(bytes), { headers })
      )
    })
  }

  toJSON(): unknown {
    return { _id: "@effect/platform/HttpClientResponse", request: this.request.toJSON(), status: this.status }
  }
}

/** Returns the body for undici, or `undefined` for a body that this transport cannot send. */
const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest): string | Uint8Array | null | undefined => {
  if (body._tag === "Empty") return null
  if (body._tag === "Uint8Array") return body.body
  return body._tag === "Raw" && (Predicate.isString(body.body) || Predicate.isUint8Array(body.body))
    ? body.body
    : undefined
}

const execute = (
  dispatcher: Dispatcher,
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> => {
  const url = UrlParams.makeUrl(request.url, request.urlParams, request.hash)
  if (Either.isLeft(url)) {
    return Effect.fail(new HttpClientError.RequestError({ request, reason: "InvalidUrl", cause: url.left }))
  }
  const sent = bodyOf(request)
  if (sent === undefined) {
    const description = "this transport sends strings and bytes, not streams or forms"
    return Effect.fail(new HttpClientError.RequestError({ request, reason: "Encode", description }))
  }
  return Effect.async((resume) => {
    const exchange = new Exchange(request, resume)
    const options: Dispatcher.DispatchOptions = {
      origin: url.right.origin,
      path: `${url.right.pathname}${url.right.search}`,
      method: request.method,
      headers: request.headers,
      body: sent,
      // Switch off undici's time limit for the response headers, because the SDK has its own timeout.
      headersTimeout: 0
    }
    const dispatched = Either.try({ try: () => dispatcher.dispatch(options, exchange), catch: (thrown) => thrown })
    // If the dispatcher throws, report an error of the kind `Encode`, which means that the request was not sent.
    if (Either.isLeft(dispatched)) exchange.fail("Encode", dispatched.left)
    return Effect.sync(() => exchange.abandon())
  })
}

/**
 * Makes an `HttpClient` over a dispatcher of undici, such as a pool, a proxy agent, or a dispatcher with interceptors.
 *
 * The client sends only strings and bytes. So each request has to fit into memory, like all requests of this SDK. The
 * client reads the first MiB of a response's body even if the program does not read the body, so that the connection is
 * soon free. The client reads the rest only when the program reads the body. The client makes no spans, because the SDK
 * makes its own. Interrupting a call aborts its request.
 *
 * The dispatcher can be of undici 5, 6 or 7, such as the dispatcher of Node's own `fetch`. The program that made the
 * dispatcher has to close it.
 *
 * @example
 * import { HttpClient } from "@effect/platform"
 * import * as UndiciHttpClient from "@mammoth-effect/client/UndiciHttpClient"
 * import { Effect, Layer } from "effect"
 * import { ProxyAgent } from "undici"
 *
 * const ThroughProxy = Layer.scoped(
 *   HttpClient.HttpClient,
 *   Effect.map(
 *     Effect.acquireRelease(
 *       Effect.sync(() => new ProxyAgent("http://proxy.example:3128")),
 *       (proxy) => Effect.promise(() => proxy.destroy())
 *     ),
 *     UndiciHttpClient.make
 *   )
 * )
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (dispatcher: Dispatcher): HttpClient.HttpClient =>
  HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
    Effect.flatMap((request) => execute(dispatcher, request)),
    Effect.succeed
  )

/**
 * Provides an `HttpClient` over a new agent of undici: see {@link make}. The agent keeps connections alive between
 * calls, and closes them when the layer is released.
 *
 * The options are undici's own. By default, each origin has as many connections as it has calls in flight. An idle
 * connection is kept for 4 seconds, or as long as the server says. Each connection carries one request at a time
 * (`pipelining: 1`). Do not change this: a pipelined call waits for the call before it on the connection, and fails if
 * that call fails.
 *
 * @example
 * import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
 * import * as UndiciHttpClient from "@mammoth-effect/client/UndiciHttpClient"
 * import { Layer } from "effect"
 *
 * const MammothLayer = Webhooks.layer.pipe(
 *   Layer.provide([
 *     Credentials.layerConfig(),
 *     MammothConfig.layerConfig(),
 *     UndiciHttpClient.layer({ connections: 32, keepAliveTimeout: 30_000 })
 *   ])
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (options?: Agent.Options): Layer.Layer<HttpClient.HttpClient> =>
  Layer.scoped(
    HttpClient.HttpClient,
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => new Agent(options)),
        (agent) => Effect.promise(() => agent.destroy())
      ),
      make
    )
  )
