/** Serves the routes for people: the page that shows the emulator's state as it changes, and the API reference. */
import { readFile } from "node:fs/promises"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Local from "./local.js"
import type { View } from "./view.js"

/** Lets the page load resources only from this server, and forbids other pages to show this page in a frame. */
const policy = "default-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"

const sealed = HttpServerResponse.setHeader("content-security-policy", policy)

const encoder = new TextEncoder()

/** Sends the whole view as a server-sent event, first immediately and then after each change. */
const events = (view: () => View): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.stream(
    Stream.repeatEffectWithSchedule(
      Effect.sync(() => JSON.stringify(view())),
      Schedule.spaced("150 millis")
    ).pipe(
      Stream.changes,
      Stream.map((text) => encoder.encode(`data: ${text}\n\n`))
    ),
    { contentType: "text/event-stream", headers: { "cache-control": "no-store" } }
  )

export const make = (view: () => View): Effect.Effect<HttpRouter.HttpRouter, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const reference = yield* Effect.cached(
      Effect.promise(() => import("./reference.js")).pipe(
        Effect.flatMap(({ make }) => make),
        Scope.extend(scope)
      )
    )
    return HttpRouter.empty.pipe(
      HttpRouter.get(
        "/",
        Local.make(() =>
          Effect.map(
            Effect.promise(() => import("./pageFile.js").then(({ file }) => readFile(file, "utf8"))),
            (text) => sealed(HttpServerResponse.raw(text, { contentType: "text/html; charset=utf-8" }))
          )
        )
      ),
      HttpRouter.get(
        "/docs",
        Local.make((request) =>
          reference.pipe(
            Effect.flatten,
            Effect.orDie,
            Effect.provideService(HttpServerRequest.HttpServerRequest, request),
            Effect.scoped,
            Effect.map(sealed)
          )
        )
      ),
      HttpRouter.get("/favicon.ico", HttpServerResponse.empty({ status: 204 })),
      HttpRouter.get(
        "/emulator/events",
        Local.make(() => Effect.sync(() => events(view)))
      )
    )
  })
