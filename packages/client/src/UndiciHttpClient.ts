/**
 * The transport for many calls from Node: an `HttpClient` straight over undici's dispatcher. It needs the package
 * `undici`, which those install who import this module.
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
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Exit from "effect/Exit"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { Agent, type Dispatcher } from "undici"

const interrupted = new Error("the fiber was interrupted")

/** The bytes of an answer, which come whether or not somebody reads them, so that its connection is free again soon. */
class Body {
  private readonly chunks: Array<Buffer> = []
  private end: Exit.Exit<void, Error> | undefined
  private readonly waiting = new Set<(end: Exit.Exit<void, Error>) => void>()

  constructor(private readonly exchange: Exchange) {}

  add(chunk: Buffer): void {
    this.chunks.push(chunk)
  }

  finish(end: Exit.Exit<void, Error>): void {
    this.end = end
    for (const resume of this.waiting) resume(end)
  }

  /** All bytes, once they are there. Who stops waiting for them gives up the answer. */
  get bytes(): Effect.Effect<Buffer, Error> {
    return Effect.map(
      Effect.suspend(
        () =>
          this.end
          ?? Effect.async<void, Error>((resume) => {
            this.waiting.add(resume)
            return Effect.sync(() => this.exchange.abandon())
          })
      ),
      () => (this.chunks.length === 1 && this.chunks[0] ? this.chunks[0] : Buffer.concat(this.chunks))
    )
  }
}

type Answered = Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError>

/** A request under way. It lets go of an answer that is complete, as the runtime may still hold what waited for it. */
class Exchange implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined
  private isAbandoned = false
  private body: Body | undefined

  constructor(
    private readonly request: HttpClientRequest.HttpClientRequest,
    private readonly resume: (answered: Answered) => void
  ) {}

  abandon(): void {
    this.isAbandoned = true
    this.controller?.abort(interrupted)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller
    if (this.isAbandoned) this.abandon()
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Fields): void {
    // those below are followed by the real one
    if (status < 200) return
    this.body = new Body(this)
    this.resume(Effect.succeed(new Answer(this.request, status, headers, this.body)))
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.body?.add(chunk)
  }

  onResponseEnd(): void {
    this.finish(Exit.void)
  }

  onResponseError(_: Dispatcher.DispatchController, cause: Error): void {
    if (this.body !== undefined) return this.finish(Exit.fail(cause))
    this.resume(Effect.fail(new HttpClientError.RequestError({ request: this.request, reason: "Transport", cause })))
  }

  private finish(end: Exit.Exit<void, Error>): void {
    this.body?.finish(end)
    this.body = undefined
    this.controller = undefined
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
    return Effect.map(this.bytes, (bytes) => bytes.toString("utf8"))
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
    return Stream.unwrap(Effect.map(this.web, (response) => response.stream))
  }

  private get bytes(): Effect.Effect<Buffer, HttpClientError.ResponseError> {
    return Effect.mapError(
      this.body.bytes,
      (cause) => new HttpClientError.ResponseError({ request: this.request, response: this, reason: "Decode", cause })
    )
  }

  /** The platform's own response around the same bytes, for all that the SDK's calls do not need. */
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

/** What undici sends; `undefined` for what it is not given here. */
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
    const description = "this transport sends text and bytes, neither streams nor forms"
    return Effect.fail(new HttpClientError.RequestError({ request, reason: "Encode", description }))
  }
  return Effect.async((resume) => {
    const exchange = new Exchange(request, resume)
    dispatcher.dispatch(
      {
        origin: url.right.origin,
        path: `${url.right.pathname}${url.right.search}`,
        method: request.method,
        headers: request.headers,
        body: sent,
        // who calls says how long it may take
        headersTimeout: 0
      },
      exchange
    )
    return Effect.sync(() => exchange.abandon())
  })
}

/**
 * An `HttpClient` over a dispatcher of undici: a pool, a proxy agent, one with interceptors.
 *
 * It is made for calls whose request and answer fit into memory, as all of this SDK's: each answer's body is read whether
 * or not somebody asks for it, request bodies are text or bytes, and it makes no spans of its own (the SDK makes its
 * own). Interrupting a call gives its connection up. The dispatcher stays with who made it.
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
 * Provides {@link make} over an agent of its own, which keeps connections alive between calls and closes them with the
 * layer.
 *
 * Takes undici's own options. By default, each origin has as many connections as there are calls under way, an idle one is
 * kept for 4 seconds or as long as the server says, and each carries one request at a time (`pipelining: 1`, which is best
 * left so: a pipelined call waits for the one before it, and is lost with it).
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
