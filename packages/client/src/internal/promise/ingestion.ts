/** Ingests rows from what programs have, and hands their ends to callbacks. */
import * as Issue from "@mammoth-effect/core/Issue"
import type { RowSchema } from "@mammoth-effect/core/RowSchema"
import { InvalidRequest } from "@mammoth-effect/core/WebhooksError"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { IngestError } from "../../IngestError.js"
import type { IngestReport } from "../../IngestReport.js"
import type { SourceError } from "../../SourceError.js"
import type { WebhookPush } from "../../Webhooks.js"
import * as WebhookSink from "../../WebhookSink.js"
import type { CombineTarget } from "../../WebhookTarget.js"
import { isAbortSignal } from "../http/abort.js"
import { type CallOptions, toEffect } from "./callOptions.js"
import type { Named } from "./calls.js"
import { fromRows, type Rows } from "./rows.js"
import * as RowSchemas from "./rowSchema.js"

export interface Report extends Omit<IngestReport, "elapsed"> {
  readonly elapsed: number
}

/** The options of an ingestion, as the public `IngestOptions` documents them. */
export interface Options<A> extends Omit<WebhookSink.Options<A>, "schema" | "onDeadLetter" | "onOutcome"> {
  readonly schema?: unknown
  readonly onDeadLetter?: ((letter: WebhookSink.DeadLetter<A>) => void | PromiseLike<void>) | undefined
  readonly onOutcome?: ((outcome: WebhookSink.Outcome<A>) => void | PromiseLike<void>) | undefined
  readonly onReport?: ((report: Report) => void) | undefined
}

/** A run that sends rows. */
export type Run = Effect.Effect<Report, IngestError | SourceError, WebhookPush>

/** Makes the error of options or rows that cannot be used. */
export const refuse = (named: Named, ...issues: ReadonlyArray<Issue.Issue>): InvalidRequest =>
  new InvalidRequest({ ...named, issues, omitted: 0 })

const toReport = (report: IngestReport): Report => ({ ...report, elapsed: Duration.toMillis(report.elapsed) })

const callbacks = ["onBadLine", "onDeadLetter", "onOutcome", "onReport"] as const

/** Finds options that are of a call, and not of a run, and callbacks that cannot be called. */
export const checkOptions = (options: object): ReadonlyArray<Issue.Issue> => [
  ...(Predicate.hasProperty(options, "deadline") && options.deadline !== undefined
    ? [
        {
          path: ["options", "deadline"],
          expected:
            "no deadline of a run (signal: AbortSignal.timeout(60_000) limits the whole run, and throttleDeadline the waits for a server that asks for fewer requests)",
          received: Issue.shape(options.deadline)
        }
      ]
    : []),
  ...callbacks.flatMap((name) => {
    const callback = Predicate.hasProperty(options, name) ? options[name] : undefined
    return callback === undefined || Predicate.isFunction(callback)
      ? []
      : [{ path: ["options", name], expected: "a function", received: Issue.shape(callback) }]
  })
]

/** Takes from the options of a run those of its requests. What is no object of options is refused by the call. */
export const toCallOptions = (options: Omit<CallOptions, "deadline">): CallOptions => {
  if (!Predicate.isRecord(options) || isAbortSignal(options)) return options
  const { atLeastOnce, baseUrl, headers, onResponse, retry, signal, timeout } = options
  return { atLeastOnce, baseUrl, headers, onResponse, retry, signal, timeout }
}

/**
 * Sends the rows of a stream, and reports each second and once more at the end. `wrap` makes the schema of rows that
 * know more than the row that is sent.
 */
export const send = <A, B = A>(
  named: Named,
  webhook: CombineTarget,
  rows: Stream.Stream<B, SourceError>,
  options: Options<B>,
  wrap: (schema: RowSchema<A>) => RowSchema<B>
): Run =>
  Effect.gen(function* () {
    const { onDeadLetter, onOutcome, onReport, schema: given } = options
    const wrong = checkOptions(options)
    if (wrong.length > 0) return yield* refuse(named, ...wrong)
    const waiting = yield* Deferred.make<never, InvalidRequest>()
    const schema = yield* Either.mapLeft(
      RowSchemas.make<A>(given, () => Deferred.unsafeDone(waiting, refuse(named, RowSchemas.waits))),
      (issue) => refuse(named, issue)
    )
    const ingestion = yield* WebhookSink.make<B>(webhook, {
      ...options,
      schema: wrap(schema),
      onDeadLetter: onDeadLetter && toEffect(onDeadLetter),
      onOutcome: onOutcome && toEffect(onOutcome)
    })
    const sent = Effect.map(Stream.run(rows, ingestion.sink), toReport)
    const ingested = given === undefined ? sent : Effect.raceFirst(sent, Deferred.await(waiting))
    if (onReport === undefined) return yield* ingested
    const told = Effect.map(ingestion.report, (report) => onReport(toReport(report)))
    return yield* Effect.forkScoped(Effect.repeat(told, Schedule.spaced("1 second"))).pipe(
      Effect.zipRight(ingested),
      Effect.scoped,
      Effect.ensuring(told)
    )
  })

/** Appends rows. */
export const ingest = <A>(named: Named, webhook: CombineTarget, rows: Rows<A>, options: Options<A>): Run =>
  Effect.flatMap(
    Effect.suspend(() => Either.mapLeft(fromRows(rows), (issue) => refuse(named, issue))),
    (stream) => send<A>(named, webhook, stream, options, (schema) => schema)
  )
