/** Ingests rows from iterables and streams, and passes their outcomes to callbacks. */
import * as Issue from "@mammoth-effect/core/Issue"
import type { RowSchema } from "@mammoth-effect/core/RowSchema"
import { InvalidRequest } from "@mammoth-effect/core/WebhooksError"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { IngestError } from "../../IngestError.js"
import type { IngestReport } from "../../IngestReport.js"
import type { SourceError } from "../../SourceError.js"
import type { WebhookPush } from "../../Webhooks.js"
import * as WebhookSink from "../../WebhookSink.js"
import type { CombineTarget } from "../../WebhookTarget.js"
import { toEffect } from "./callOptions.js"
import type { Named } from "./calls.js"
import { type Plain, toPlain } from "./errors.js"
import { fromRows, type Rows } from "./rows.js"
import * as RowSchemas from "./rowSchema.js"

export interface Report extends Omit<IngestReport, "elapsed"> {
  readonly elapsed: number
}

/** A dead letter with its error as plain data. */
export interface DeadLetter<A> extends Omit<WebhookSink.DeadLetter<A>, "error"> {
  readonly error: Plain<WebhookSink.DeadLetter<A>["error"]>
}

/** An outcome with its error as plain data. */
export interface Outcome<A> extends Omit<WebhookSink.Outcome<A>, "error"> {
  readonly error: Plain<WebhookSink.DeadLetter<A>["error"]> | undefined
}

/** The options of an ingestion, as the public `IngestOptions` documents them. */
export interface Options<A> extends Omit<WebhookSink.Options<A>, "schema" | "onDeadLetter" | "onOutcome"> {
  readonly schema?: unknown
  readonly onDeadLetter?: ((letter: DeadLetter<A>) => void | PromiseLike<void>) | undefined
  readonly onOutcome?: ((outcome: Outcome<A>) => void | PromiseLike<void>) | undefined
  readonly onReport?: ((report: Report) => void | PromiseLike<void>) | undefined
}

/** An effect that sends rows and returns a report. */
export type Run = Effect.Effect<Report, IngestError | SourceError, WebhookPush>

/** Makes the error for invalid options or rows. */
export const refuse = (named: Named, ...issues: ReadonlyArray<Issue.Issue>): InvalidRequest =>
  new InvalidRequest({ ...named, issues, omitted: 0 })

const toReport = (report: IngestReport): Report => ({ ...report, elapsed: Duration.toMillis(report.elapsed) })

/**
 * Passes reports to a callback. If the callback throws, logs the defect, as for other callbacks. After that, the effect
 * `check` fails with the first defect. The run then takes no further row from its source, waits until its rows have an
 * outcome, and rejects.
 */
const reporting = (onReport: (report: Report) => void | PromiseLike<void>) =>
  Effect.map(Deferred.make<never>(), (died) => ({
    tell: (report: IngestReport): Effect.Effect<void> =>
      toEffect(onReport)(toReport(report)).pipe(
        Effect.catchAllCause((cause) =>
          Effect.zipRight(Effect.logError("a callback of the ingestion failed", cause), Deferred.failCause(died, cause))
        ),
        Effect.uninterruptible
      ),
    check: Effect.flatMap(
      Deferred.poll(died),
      Option.match({ onNone: () => Effect.void, onSome: identity<Effect.Effect<void>> })
    )
  }))

/**
 * Sends the rows of a stream. Passes a report to `onReport` at the start, every second, and once more at the end. An
 * item of the stream may hold more than the row to send, such as the row's line. `wrap` makes the schema of the items
 * from the schema of the rows.
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
    const schema = yield* Either.mapLeft(RowSchemas.make<A>(given), (issue) => refuse(named, issue))
    const ingestion = yield* WebhookSink.make<B>(webhook, {
      ...options,
      schema: wrap(schema),
      onDeadLetter: onDeadLetter && toEffect((letter) => onDeadLetter({ ...letter, error: toPlain(letter.error) })),
      onOutcome:
        onOutcome && toEffect((outcome) => onOutcome({ ...outcome, error: outcome.error && toPlain(outcome.error) }))
    })
    if (onReport === undefined) return toReport(yield* Stream.run(rows, ingestion.sink))
    const { check, tell } = yield* reporting(onReport)
    const checked = Stream.mapChunksEffect(rows, (chunk) => Effect.as(check, chunk))
    return yield* Effect.forkScoped(Stream.runForEach(WebhookSink.progress(ingestion), tell)).pipe(
      Effect.zipRight(Stream.run(checked, ingestion.sink)),
      Effect.scoped,
      Effect.ensuring(Effect.flatMap(ingestion.report, tell)),
      Effect.zipLeft(check),
      Effect.map(toReport)
    )
  })

/** Appends rows to a webhook's dataset. */
export const ingest = <A>(named: Named, webhook: CombineTarget, rows: Rows<A>, options: Options<A>): Run =>
  Effect.flatMap(
    Effect.suspend(() => Either.mapLeft(fromRows(rows), (issue) => refuse(named, issue))),
    (stream) => send<A>(named, webhook, stream, options, (schema) => schema)
  )
