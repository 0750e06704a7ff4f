/** The span of an offer, whose name is stored with its rows, and that of a delivery, which is linked to it. */
import * as Headers from "@effect/platform/Headers"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { ClaimedRow } from "../OutboxStoreService.js"

/** OpenTelemetry keeps so many links of a span by default. */
const mostLinks = 128

/** The current span as a W3C `traceparent`, if it is traced. */
export const current: Effect.Effect<string | undefined> = Effect.match(Effect.currentSpan, {
  onFailure: () => undefined,
  onSuccess: (span) => {
    const headers = HttpTraceContext.toHeaders(span)
    return Option.isSome(HttpTraceContext.w3c(headers)) ? headers["traceparent"] : undefined
  }
})

const link = (trace: string): Option.Option<Tracer.SpanLink> =>
  Option.map(HttpTraceContext.w3c(Headers.fromInput({ traceparent: trace })), (span) => ({
    _tag: "SpanLink",
    span,
    attributes: {}
  }))

/** The offers of rows; rows that were offered together have one. */
const links = (rows: ReadonlyArray<ClaimedRow>): ReadonlyArray<Tracer.SpanLink> =>
  Array.from(new Set(rows.flatMap(({ trace }) => trace ?? [])))
    .slice(0, mostLinks)
    .flatMap((trace) => Option.toArray(link(trace)))

/** A span for an offer of an outbox, whose statement is a child of it. */
export const offering = (outbox: string) =>
  Effect.withSpan("Outbox.offer", {
    kind: "producer",
    captureStackTrace: false,
    attributes: { "mammoth.outbox": outbox }
  })

/** A span for one request of a worker, with that of the webhook's operation as its child. */
export const delivering = (outbox: string, rows: ReadonlyArray<ClaimedRow>) => {
  const [row] = rows
  return Effect.withSpan("OutboxWorker.deliver", {
    root: true,
    kind: "consumer",
    captureStackTrace: false,
    links: links(rows),
    attributes: {
      "mammoth.outbox": outbox,
      "mammoth.outbox.rows": rows.length,
      ...(row === undefined || rows.length > 1
        ? {}
        : { "mammoth.outbox.row_id": row.id, "mammoth.outbox.attempt": row.attempts })
    }
  })
}

/** Runs statements without spans: those of a worker's loop are part of no delivery, and would be many. */
export const untraced: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> =
  Effect.withTracerEnabled(false)
