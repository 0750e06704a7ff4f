/** The HTTP server: a route for each operation, and its connections under control. */
import * as Http from "node:http"
import type * as Net from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpRouter from "@effect/platform/HttpRouter"
import type * as HttpServer from "@effect/platform/HttpServer"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as OpenApi from "@effect/platform/OpenApi"
import type { Operation } from "@mammoth-effect/core/Operation"
import * as Operations from "@mammoth-effect/core/Operations"
import * as Wait from "@mammoth-effect/core/Wait"
import * as WebhooksApi from "@mammoth-effect/core/WebhooksApi"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { constTrue } from "effect/Function"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import * as Fault from "../Fault.js"
import * as Body from "./body.js"
import { type Endpoint, queryOf, type Raw } from "./endpoint.js"
import * as Faulty from "./faulty.js"
import type { Handlers } from "./handlers.js"
import * as Hosts from "./hosts.js"
import type { Journal } from "./journal.js"
import * as Origins from "./origins.js"
import * as Reply from "./reply.js"
import type { Settings } from "./settings.js"
import type { Store } from "./store.js"

/** The base path of the published API. */
export const basePath: string = Context.getOption(WebhooksApi.WebhooksApi.annotations, OpenApi.Servers).pipe(
  Option.map((servers) => servers.map((server) => server.url).join()),
  Option.getOrElse(() => "")
)

/** A Node server on a port, and the connections it has; all are closed with the scope, whatever they are waiting for. */
export const listen = (
  settings: Settings
): Effect.Effect<
  { readonly server: HttpServer.HttpServer; readonly sockets: ReadonlySet<Net.Socket> },
  ServeError,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const sockets = new Set<Net.Socket>()
    const node = Http.createServer()
    let closing = false
    node.on("connection", (socket) => {
      if (closing) return void socket.destroy()
      sockets.add(socket)
      socket.on("close", () => sockets.delete(socket))
    })
    const server = yield* NodeHttpServer.make(() => node, { host: settings.host, port: settings.port })
    yield* Effect.addFinalizer(() =>
      Effect.suspend(() => {
        closing = true
        return Effect.forEach([...sockets], destroy, { concurrency: "unbounded", discard: true })
      })
    )
    return { server, sockets }
  })

const destroy = (socket: Net.Socket): Effect.Effect<void> =>
  Effect.async((resume) => {
    socket.once("close", () => resume(Effect.void))
    socket.destroy()
  })

/** The address that the server listens on. */
const addressOf = ({ address }: HttpServer.HttpServer): string =>
  address._tag === "TcpAddress" ? address.hostname : "127.0.0.1"

/** Where the server can be reached from this machine. */
export const origin = (server: HttpServer.HttpServer, settings: Settings): string => {
  const port = server.address._tag === "TcpAddress" ? server.address.port : settings.port
  const host = Hosts.isAnyAddress(settings.host) ? "127.0.0.1" : settings.host
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`
}

/** The headers of the account's keys. */
export const keyHeaders: readonly [key: string, secret: string] = [
  WebhooksApi.ApiKey.security.apiKey.key.toLowerCase(),
  WebhooksApi.ApiSecret.security.apiSecret.key.toLowerCase()
]

/** What a request has to carry to be let in. */
export type Guard = (headers: Raw["headers"]) => boolean

export const guard = (settings: Settings): Guard => {
  const [key, secret] = keyHeaders
  return (headers) =>
    headers[key] === Redacted.value(settings.apiKey) && headers[secret] === Redacted.value(settings.apiSecret)
}

interface Parts {
  readonly settings: Settings
  readonly store: Store
  readonly handlers: Handlers
  readonly journal: Journal
  readonly faults: Faulty.Faults
  readonly scope: Scope.Scope
}

const respond = (reply: Reply.Reply): HttpServerResponse.HttpServerResponse =>
  reply.body === ""
    ? HttpServerResponse.empty({ status: reply.status, headers: reply.headers })
    : HttpServerResponse.raw(reply.body, {
        status: reply.status,
        headers: reply.headers,
        contentType: "application/json",
        contentLength: Buffer.byteLength(reply.body)
      })

/** Records a request for no operation, and answers it. */
const aside = ({ journal, settings }: Parts, own: Reply.Reply) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const incoming = NodeHttpServerRequest.toIncomingMessage(request)
    const { method, url } = request
    const draft = yield* journal.arrive({ operation: null, method, url, rawHeaders: incoming.rawHeaders })
    const reply = yield* Body.read(incoming, settings.bodyLimit).pipe(
      Effect.tap((body) => journal.setBody(draft, body)),
      Effect.match({ onFailure: (refusal) => refusal, onSuccess: () => own })
    )
    draft.status = reply.status
    return respond(reply)
  })

/** Everything but the operations: what is asked for is not there. */
const unknown = (parts: Parts) => aside(parts, Reply.notFound("There is nothing here"))

/** Lets in what names a host of this server, and tells browsers of every answer to take it for what it says it is. */
const admit = <E, R>(app: HttpApp.Default<E, R>, parts: Parts, hosts: Hosts.Hosts) => {
  const elsewhere = aside(
    parts,
    Reply.forbidden(
      `The request names a host that this emulator does not serve: it serves ${hosts.description}. `
        + "Add the name with --allowed-host, in code with allowedHosts"
    )
  )
  return Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
    NodeHttpServerRequest.toServerResponse(request).setHeader(...Reply.noSniff)
    return hosts.include(NodeHttpServerRequest.toIncomingMessage(request)) ? app : elsewhere
  })
}

/** Is this one of the operations that a webhook's key is enough for, where account keys are not demanded? */
const takesKey = (operation: Operation): boolean =>
  operation.route === Operations.addData.route || operation.route === Operations.addDataUsingGet.route

const foreign = Reply.forbidden("The webhook's origins do not name the origin of this page: change them with update")

const pathOf = (operation: Operation): `/${string}` =>
  `/${`${basePath}${operation.route}`.slice(1).replace(/\{(\w+)\}/g, ":$1")}`

/** What a browser is told that asks whether a page of another origin may push. */
const preflight = (parts: Parts) => {
  const handler = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { params } = yield* HttpRouter.RouteContext
    const { headers } = NodeHttpServerRequest.toIncomingMessage(request)
    const entry = parts.store.byKey(params["webhook_uri"] ?? "")
    if (entry === undefined || !Origins.isForeign(headers)) return yield* unknown(parts)
    const shared = Origins.share(entry.webhook.origins, headers)
    return yield* aside(
      parts,
      shared === undefined ? foreign : { status: 204, body: "", headers: Origins.permit(shared, headers) }
    )
  })
  return HttpRouter.makeRoute("OPTIONS", pathOf(Operations.addData), handler)
}

const route = (operation: Operation, endpoint: Endpoint, parts: Parts) => {
  const { faults, journal, scope, settings, store } = parts
  const isOpen = settings.openData && takesKey(operation)
  const isAllowed = guard(settings)
  const notThere = unknown(parts)

  const perform = (raw: Raw, body: Effect.Effect<string, Reply.Reply>): Effect.Effect<Reply.Reply> =>
    isOpen || isAllowed(raw.headers)
      ? Effect.matchEffect(body, {
          onFailure: Effect.succeed,
          onSuccess: (text) => endpoint({ ...raw, body: text })
        })
      : Effect.succeed(Reply.unauthorized("The API key and the API secret are not both given and right"))

  /** Pages of other origins may push, and no more, where the webhook's origins name them. */
  const act: typeof perform = takesKey(operation)
    ? (raw, body) => {
        const entry = store.byKey(raw.path["webhook_uri"] ?? "")
        if (entry === undefined) return perform(raw, body)
        const headers = Origins.share(entry.webhook.origins, raw.headers)
        if (headers === undefined) return Effect.succeed(foreign)
        return Effect.map(perform(raw, body), (reply) => ({ ...reply, headers }))
      }
    : perform

  const handler = Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { params } = yield* HttpRouter.RouteContext
    // a HEAD finds the route of the GET, which may be one that writes, and a path may end where a parameter should be
    if (request.method !== operation.method || Object.values(params).includes("")) return yield* notThere
    const incoming = NodeHttpServerRequest.toIncomingMessage(request)
    const { method, url } = request
    const draft = yield* journal.arrive({ operation: operation.name, method, url, rawHeaders: incoming.rawHeaders })
    const body = yield* Effect.either(Body.read(incoming, settings.bodyLimit))
    if (body._tag === "Right") journal.setBody(draft, body.right)
    const pathname = url.split("?", 1).join()
    const query = queryOf(url)
    const own = act({ path: params, query, body: "", headers: incoming.headers, pathname }, body)

    const fault = faults.take(operation.name)
    if (fault === undefined) {
      const reply = yield* own
      draft.status = reply.status
      return respond(reply)
    }
    const late = Wait.sleep(fault.delayBefore ?? 0)
    const reply = Fault.acts(fault)
      ? yield* late.pipe(Effect.zipRight(own), Effect.forkIn(scope), Effect.flatMap(Fiber.join))
      : yield* Effect.as(late, Faulty.standIn(operation))
    yield* Wait.sleep(fault.delayAfter ?? 0)
    const response = NodeHttpServerRequest.toServerResponse(request)
    // ended in any case, or the platform would answer on a connection that the fault has already used
    yield* Effect.ensuring(
      Faulty.show(fault.answer, reply, response, draft),
      Effect.sync(() => response.end())
    )
    return HttpServerResponse.empty()
  })

  return HttpRouter.makeRoute(operation.method, pathOf(operation), handler)
}

/** Answers requests until the scope ends. */
export const serve = (
  server: HttpServer.HttpServer,
  parts: Parts,
  control: HttpRouter.HttpRouter
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const routes = Object.values<Operation>(Operations).map((operation) => {
      const endpoint = Option.fromNullable(
        Object.entries(parts.handlers).find(([name]) => name === operation.name)?.[1]
      )
      const missing: Endpoint = () => Effect.succeed(Reply.notImplemented(operation.name))
      return route(
        operation,
        Option.getOrElse(endpoint, () => missing),
        parts
      )
    })
    const app = yield* HttpRouter.concat(HttpRouter.fromIterable([...routes, preflight(parts)]), control).pipe(
      HttpRouter.toHttpApp,
      HttpRouter.withRouterConfig({
        caseSensitive: true,
        ignoreTrailingSlash: false,
        ignoreDuplicateSlashes: false,
        maxParamLength: 8192
      })
    )
    const hosts = Hosts.make(parts.settings, addressOf(server))
    const known = Effect.catchTag(app, "RouteNotFound", () => unknown(parts))
    yield* server.serve(admit(known, parts, hosts))
  }).pipe(
    Effect.locally(HttpMiddleware.currentTracerDisabledWhen, constTrue),
    // the other side of a socket lives in real time, also where a test has a clock of its own
    Effect.withClock(Clock.make())
  )
