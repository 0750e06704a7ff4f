/** The routes outside the API's base path, by which other processes on this machine read rows and inject faults. */
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Issue from "@mammoth-effect/core/Issue"
import type { Json } from "@mammoth-effect/core/Json"
import * as Array from "effect/Array"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Fault from "../Fault.js"
import * as Body from "./body.js"
import type { Faults } from "./faulty.js"
import type { Journal } from "./journal.js"
import * as Local from "./local.js"
import * as Reply from "./reply.js"
import type { Settings } from "./settings.js"
import type { Store } from "./store.js"

const done = HttpServerResponse.empty({ status: 204 })

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

const decodeFault = Issue.decodeUnknown(Schema.parseJson(Fault.Fault), { onExcessProperty: "error" })

export const make = (parts: {
  readonly settings: Settings
  readonly store: Store
  readonly journal: Journal
  readonly faults: Faults
}): HttpRouter.HttpRouter =>
  HttpRouter.empty.pipe(
    HttpRouter.get(
      "/emulator/webhooks/:id/rows",
      Local.make((request, params) =>
        Effect.sync(() => {
          const entry = parts.store.byId(Number(params["id"]))
          if (entry === undefined) return Local.answer(Reply.notFound("There is no such webhook"))
          const last = Number(new URLSearchParams(request.url.split("?")[1]).get("last") ?? entry.rows.length)
          return writeRows(entry.rows.slice(Math.max(0, entry.rows.length - last)))
        })
      )
    ),
    HttpRouter.get(
      "/emulator/requests",
      Local.make(() => Effect.sync(() => Local.answer(Reply.json(200, parts.journal.all()))))
    ),
    HttpRouter.get(
      "/emulator/requests/:index",
      Local.make((_, params) =>
        Effect.sync(() => {
          const found = parts.journal.at(Number(params["index"]))
          return Local.answer(
            found === undefined ? Reply.notFound("This request is not recorded, or no longer") : Reply.json(200, found)
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
        Body.read(NodeHttpServerRequest.toIncomingMessage(request), parts.settings.bodyLimit).pipe(
          Effect.flatMap(decodeFaultBody),
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

const decodeFaultBody = (text: string): Either.Either<Fault.Fault, Reply.Reply> =>
  Either.mapLeft(decodeFault(text), Reply.badRequest)
