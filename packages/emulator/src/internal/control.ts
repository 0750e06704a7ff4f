import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
/** The routes outside the API's base path, by which other processes on this machine read rows and inject faults. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Issue from "@mammoth-effect/core/Issue"
import type { Json } from "@mammoth-effect/core/Json"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Fault from "../Fault.js"
import * as Body from "./body.js"
import type { Faults } from "./faulty.js"
import type { Journal } from "./journal.js"
import * as Origins from "./origins.js"
import * as Reply from "./reply.js"
import type { Settings } from "./settings.js"
import type { Store } from "./store.js"

const answer = (reply: Reply.Reply): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.raw(reply.body, { status: reply.status, contentType: "application/json" })

const done = HttpServerResponse.empty({ status: 204 })

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined && (address === "::1" || /^(::ffff:)?127\./.test(address))

const nothing = answer(Reply.notFound("There is nothing here"))

/** For callers on this machine alone, and no pages of other origins: what is read here holds keys. */
const local = (
  handle: (
    request: HttpServerRequest.HttpServerRequest,
    params: Readonly<Record<string, string | undefined>>
  ) => Effect.Effect<HttpServerResponse.HttpServerResponse>
) =>
  Effect.gen(function* () {
    const request = yield* HttpServerRequest.HttpServerRequest
    const { params } = yield* HttpRouter.RouteContext
    const { headers, socket } = NodeHttpServerRequest.toIncomingMessage(request)
    return isLoopback(socket.remoteAddress) && !Origins.isForeign(headers) ? yield* handle(request, params) : nothing
  })

/** So many rows are written at a time, as all of them may be too long for one string. */
const rowsAtATime = 1000

const encoder = new TextEncoder()

const writeRows = (rows: ReadonlyArray<Json>): HttpServerResponse.HttpServerResponse => {
  const parts = Stream.fromIterable(Array.chunksOf(rows, rowsAtATime)).pipe(
    Stream.zipWithIndex,
    Stream.map(([chunk, i]) => `${i === 0 ? "" : ","}${JSON.stringify(chunk).slice(1, -1)}`)
  )
  const bytes = Stream.make("[").pipe(
    Stream.concat(parts),
    Stream.concat(Stream.make("]")),
    Stream.map((text) => encoder.encode(text))
  )
  return HttpServerResponse.stream(bytes, { contentType: "application/json" })
}

const decodeFault = ParseResult.decodeUnknownEither(Schema.parseJson(Fault.Fault), {
  errors: "all",
  onExcessProperty: "error"
})

export const make = (parts: {
  readonly settings: Settings
  readonly store: Store
  readonly journal: Journal
  readonly faults: Faults
}): HttpRouter.HttpRouter =>
  HttpRouter.empty.pipe(
    HttpRouter.get(
      "/emulator/webhooks/:id/rows",
      local((_, params) =>
        Effect.sync(() => {
          const entry = parts.store.byId(Number(params["id"]))
          return entry === undefined ? answer(Reply.notFound("There is no such webhook")) : writeRows(entry.rows)
        })
      )
    ),
    HttpRouter.get(
      "/emulator/requests",
      local(() => Effect.sync(() => answer(Reply.json(200, parts.journal.all()))))
    ),
    HttpRouter.del(
      "/emulator/requests",
      local(() => Effect.as(Effect.sync(parts.journal.clear), done))
    ),
    HttpRouter.post(
      "/emulator/faults",
      local((request) =>
        Body.read(NodeHttpServerRequest.toIncomingMessage(request), parts.settings.bodyLimit).pipe(
          Effect.flatMap(decodeFaultBody),
          Effect.match({
            onFailure: answer,
            onSuccess: (fault) => {
              parts.faults.inject(fault)
              return done
            }
          })
        )
      )
    ),
    HttpRouter.del(
      "/emulator/faults",
      local(() => Effect.as(Effect.sync(parts.faults.clear), done))
    )
  )

const decodeFaultBody = (text: string): Either.Either<Fault.Fault, Reply.Reply> =>
  Either.mapLeft(decodeFault(text), (issue) => Reply.badRequest(Issue.fromParseIssue(issue)))
