/** Makes the spans of offers and deliveries. A row is stored with the span of its offer, and its delivery links to that span. */
import * as Headers from "@effect/platform/Headers"
import * as HttpTraceContext from "@effect/platform/HttpTraceContext"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Tracer from "effect/Tracer"
import type { ClaimedRow } from "../OutboxStoreService.js"

/** The number of links that OpenTelemetry keeps for a span by default. */
const mostLinks = 128

/** Returns the current span as a W3C `traceparent`, or `undefined` if there is none. */
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

/** Makes the links to the offers of rows. Rows that were offered together share a link. */
const links = (rows: ReadonlyArray<ClaimedRow>): ReadonlyArray<Tracer.SpanLink> =>
  Array.from(new Set(rows.flatMap(({ trace }) => trace ?? [])))
    .slice(0, mostLinks)
    .flatMap((trace) => Option.toArray(link(trace)))

/** Runs an offer in a span, which becomes the parent of the statement's span. */
export const offering = (outbox: string) =>
  Effect.withSpan("Outbox.offer", {
    kind: "producer",
    captureStackTrace: false,
    attributes: { "mammoth.outbox": outbox }
  })

/** Runs one request of a worker in a span. The span of the client's push is a child of this span. */
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

/** Runs statements without spans, because a worker's loop runs many statements that belong to no delivery. */
export const untraced: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> =
  Effect.withTracerEnabled(false)
