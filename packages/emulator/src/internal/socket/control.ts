/** Serves the routes outside the API's base path, where other processes on this machine read rows and inject faults. */
import type { IncomingMessage } from "node:http"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Fault from "../../Fault.js"
import { decode } from "../body.js"
import * as Endpoint from "../endpoint.js"
import type { Faults } from "../faults.js"
import * as Journal from "../journal.js"
import * as Reply from "../reply.js"
import type { Settings } from "../settings.js"
import type { Store } from "../store.js"
import * as Body from "./body.js"
import * as Local from "./local.js"

const done = HttpServerResponse.empty({ status: 204 })

/**
 * The minimum length of each piece of a list except the last, in characters. A list is sent in pieces, because the whole
 * list may be too long for one string.
 */
const pieceLength = 64 * 1024

const encoder = new TextEncoder()

function* pieces<A>(items: Iterable<A>): Generator<Uint8Array, void> {
  let text = "["
  let separator = ""
  for (const item of items) {
    text += separator + JSON.stringify(item)
    separator = ","
    if (text.length < pieceLength) continue
    yield encoder.encode(text)
    text = ""
  }
  yield encoder.encode(`${text}]`)
}

const writeList = (
  items: Iterable<unknown>,
  headers: Readonly<Record<string, string>> = {}
): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.stream(Stream.fromIteratorSucceed(pieces(items), 1), { contentType: "application/json", headers })

const amount = (most: number) =>
  Schema.NumberFromString.pipe(Schema.int(), Schema.between(0, most)).annotations({
    description: `an integer from 0 to ${most}`
  })

const RowsQuery = Schema.Struct({ last: Schema.optional(amount(Number.MAX_SAFE_INTEGER)) })

const mostRequests = 1000

const RequestsQuery = Schema.Struct({
  from: Schema.optionalWith(amount(Number.MAX_SAFE_INTEGER), { default: () => 0 }),
  limit: Schema.optionalWith(amount(mostRequests), { default: () => 100 }),
  last: Schema.optional(amount(mostRequests))
})

const decodeRowsQuery = Endpoint.refusing(RowsQuery)

const decodeRequestsQuery = Endpoint.refusing(RequestsQuery)

const decodeFault = Endpoint.refusing(Schema.parseJson(Fault.Fault), { onExcessProperty: "error" })

const last = <A>(items: ReadonlyArray<A>, most = items.length): ReadonlyArray<A> =>
  items.slice(Math.max(0, items.length - most))

const readText = (request: IncomingMessage, limit: number): Effect.Effect<string, Reply.Reply> =>
  Body.read(request, limit).pipe(
    Effect.flatMap((bytes) => decode(bytes, request.headers["content-encoding"], limit)),
    Effect.map(({ text }) => text)
  )

export const make = (parts: {
  readonly settings: Settings
  readonly store: Store
  readonly journal: Journal.Journal
  readonly faults: Faults
}): HttpRouter.HttpRouter =>
  HttpRouter.empty.pipe(
    HttpRouter.get(
      "/emulator/webhooks/:id/rows",
      Local.make((_, { path, query }) =>
        Effect.sync(() => {
          const entry = parts.store.byId(Number(path["id"]))
          if (entry === undefined) return Local.answer(Reply.notFound("The emulator has no webhook with this id"))
          return Either.match(decodeRowsQuery(Endpoint.dropEmpty(query, "filters")), {
            onLeft: Local.answer,
            onRight: (page) => writeList(last(entry.rows, page.last))
          })
        })
      )
    ),
    HttpRouter.get(
      "/emulator/requests",
      Local.make((_, { query }) =>
        Effect.sync(() =>
          Either.match(decodeRequestsQuery(Endpoint.dropEmpty(query, "filters")), {
            onLeft: Local.answer,
            onRight: (page) => writeRequests(parts.journal, page)
          })
        )
      )
    ),
    HttpRouter.get(
      "/emulator/requests/:index",
      Local.make((_, { path }) =>
        Effect.sync(() => {
          const found = parts.journal.at(Number(path["index"]))
          return Local.answer(
            found === undefined
              ? Reply.notFound("This request was not recorded, or its record was removed")
              : Reply.json(200, found)
          )
        })
      )
    ),
    HttpRouter.del(
      "/emulator/requests",
      Local.make(() => Effect.as(Effect.sync(parts.journal.clear), done))
    ),
    HttpRouter.post(
      "/emulator/faults",
      Local.make((request) =>
        readText(NodeHttpServerRequest.toIncomingMessage(request), parts.settings.bodyLimit).pipe(
          Effect.flatMap(decodeFault),
          Effect.match({
            onFailure: Local.answer,
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
      Local.make(() => Effect.as(Effect.sync(parts.faults.clear), done))
    )
  )

/** Writes a page of the recorded requests, with a link to the next page if more have arrived. */
const writeRequests = (
  journal: Journal.Journal,
  page: typeof RequestsQuery.Type
): HttpServerResponse.HttpServerResponse => {
  if (page.last !== undefined) return writeList(journal.last(page.last).map(Journal.finish))
  const found = journal.from(page.from, page.limit)
  const next = (found.at(-1)?.index ?? journal.count()) + 1
  return writeList(
    found.map(Journal.finish),
    next < journal.count() ? { link: `</emulator/requests?from=${next}&limit=${page.limit}>; rel="next"` } : {}
  )
}
