/** Serves only callers on this machine. Refuses pages of other origins, because the responses contain keys. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import { queryOf, type Raw } from "../endpoint.js"
import * as Origins from "../origins.js"
import * as Reply from "../reply.js"

export const answer = (reply: Reply.Reply): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.raw(reply.body, { status: reply.status, contentType: "application/json" })

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && (address === "::1" || /^(::ffff:)?127\./.test(address))

/** Makes a handler for requests from this machine. The handler responds with a 404 to all other requests. */
export const make = (
  handle: (
    request: HttpServerRequest.HttpServerRequest,
    input: Pick<Raw, "path" | "query">
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse>
): HttpRouter.Route.Handler<never, HttpRouter.RouteContext | HttpServerRequest.HttpServerRequest> =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { params } = yield* HttpRouter.RouteContext
    const { headers, socket } = NodeHttpServerRequest.toIncomingMessage(request)
    return isLoopback(socket.remoteAddress) && (!Origins.isForeign(headers) || Origins.isVisit(request.method, headers))
      ? yield* handle(request, { path: params, query: queryOf(request.url) })
      : answer(Reply.notFound("The emulator has no route for this method and path"))
  })
