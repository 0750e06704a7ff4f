/** Runs the HTTP server: controls its connections, and sends each response exactly as its caller must see it. */
import * as Http from "node:http"
import type * as Net from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as HttpMiddleware from "@effect/platform/HttpMiddleware"
import * as HttpRouter from "@effect/platform/HttpRouter"
import type * as HttpServer from "@effect/platform/HttpServer"
import type { ServeError } from "@effect/platform/HttpServerError"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { constTrue } from "effect/Function"
import type * as Scope from "effect/Scope"
import * as Api from "../api.js"
import * as Reply from "../reply.js"
import * as Shown from "../shown.js"
import * as Body from "./body.js"
import * as Hosts from "./hosts.js"

/** Starts a Node server on a port, and tracks its connections. The end of the scope closes every connection. */
export const listen = (
  address: Hosts.Address
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
    const server = yield* NodeHttpServer.make(() => node, { host: address.host, port: address.port })
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

/** Returns the address that the server listens on. */
const actualHost = ({ address }: HttpServer.HttpServer): string =>
  address._tag === "TcpAddress" ? address.hostname : "127.0.0.1"

/** Returns the origin by which this machine can reach the server. */
export const origin = (server: HttpServer.HttpServer, address: Hosts.Address): string => {
  const port = server.address._tag === "TcpAddress" ? server.address.port : address.port
  const host = Hosts.isAnyAddress(address.host) ? "127.0.0.1" : address.host
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`
}

/** The pause before a reset, in milliseconds. It lets the caller read the bytes before the reset arrives. */
const readingTime = 25

/** Sends a response. The effect never ends if the response stalls. */
const send = (shown: Shown.Shown, response: Http.ServerResponse): Effect.Effect<void> => {
  const { body, broken, headers, status } = shown
  if (broken === undefined) {
    return Effect.sync(() => {
      response.writeHead(status, headers)
      response.end(body)
    })
  }
  const begin = Effect.sync(() => {
    if (broken.at === "start") return
    response.writeHead(status, headers)
    if (broken.at === "headers") response.flushHeaders()
    else response.write(Shown.sent(shown))
  })
  switch (broken.by) {
    case "stall":
      return Effect.zipRight(begin, Effect.never)
    case "close":
      return Effect.zipRight(
        begin,
        Effect.sync(() => response.socket?.end())
      )
    case "reset":
      return begin.pipe(
        Effect.zipRight(broken.at === "start" ? Effect.void : Effect.sleep(readingTime)),
        Effect.zipRight(Effect.sync(() => response.socket?.resetAndDestroy()))
      )
  }
}

/** Serves requests until the scope ends. The routes `others` serve each request that matches no route of the API. */
export const serve = (
  server: HttpServer.HttpServer,
  address: Hosts.Address,
  parts: Api.Parts,
  others: HttpRouter.HttpRouter
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const api = Api.make(parts)
    const hosts = Hosts.make(address, actualHost(server))
    const elsewhere = api.aside(
      Reply.forbidden(
        `The request names a host that this emulator does not serve. The emulator serves ${hosts.description}. `
          + "Allow the host name with --allowed-host, or in code with the option allowedHosts"
      )
    )
    const otherRoutes = yield* HttpRouter.toHttpApp(others).pipe(
      HttpRouter.withRouterConfig({
        caseSensitive: true,
        ignoreTrailingSlash: false,
        ignoreDuplicateSlashes: false,
        maxParamLength: 8192
      })
    )

    const app = Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const incoming = NodeHttpServerRequest.toIncomingMessage(request)
      const response = NodeHttpServerRequest.toServerResponse(request)
      const { method, url } = request

      const answer = (handle: Api.Handler) =>
        Effect.gen(function* () {
          const { headers, rawHeaders } = incoming
          const body = Body.read(incoming, parts.settings.bodyLimit)
          const shown = yield* handle({ method, url, headers, rawHeaders, body })
          // End the response in any case, so that `@effect/platform` does not send its own response.
          yield* Effect.ensuring(
            send(shown, response),
            Effect.sync(() => response.end())
          )
          return HttpServerResponse.empty()
        })

      if (!hosts.include(incoming)) return answer(elsewhere)
      const found = api.find(method, url)
      return found === undefined
        ? otherRoutes.pipe(
            Effect.map(HttpServerResponse.setHeaders(Reply.noSniff)),
            Effect.catchTag("RouteNotFound", () => answer(api.unknown))
          )
        : answer(found)
    })
    // Make the app interruptible, so that `@effect/platform` ends a handler when the handler's caller hangs up.
    yield* server.serve(Effect.interruptible(app))
  }).pipe(
    Effect.locally(HttpMiddleware.currentTracerDisabledWhen, constTrue),
    // Use the real clock, because the other side of a socket runs in real time, even if a test has its own clock.
    Effect.withClock(Clock.make())
  )
