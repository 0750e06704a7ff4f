/** Ingests the rows of an iterable, and hands their ends to callbacks. */
import * as Issue from "@mammoth-effect/core/Issue"
import { InvalidRequest } from "@mammoth-effect/core/WebhooksError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { IngestError } from "../../IngestError.js"
import type { IngestReport } from "../../IngestReport.js"
import * as RowSource from "../../RowSource.js"
import type { WebhookPush } from "../../Webhooks.js"
import * as WebhookSink from "../../WebhookSink.js"
import type { CombineTarget } from "../../WebhookTarget.js"
import { toEffect } from "./callOptions.js"
import type { Named } from "./calls.js"

interface Report extends Omit<IngestReport, "elapsed"> {
  readonly elapsed: number
}

/** The options of an ingestion, as the public `IngestOptions` documents them. */
interface Options<A> extends Omit<WebhookSink.Options<A>, "schema" | "onDeadLetter" | "onOutcome"> {
  readonly onDeadLetter?: ((letter: WebhookSink.DeadLetter<A>) => void | PromiseLike<void>) | undefined
  readonly onOutcome?: ((outcome: WebhookSink.Outcome<A>) => void | PromiseLike<void>) | undefined
  readonly onReport?: ((report: Report) => void) | undefined
}

/** Takes rows as they are. The encoder refuses values that JSON would change or drop. */
export const row = <A>(): Schema.Schema<A> =>
  Schema.declare((given: unknown): given is A => given !== undefined, { description: "a row" })

const toReport = (report: IngestReport): Report => ({ ...report, elapsed: Duration.toMillis(report.elapsed) })

const isAsync = <A>(rows: AsyncIterable<A> | Iterable<A>): rows is AsyncIterable<A> =>
  Predicate.hasProperty(rows, Symbol.asyncIterator) && Predicate.isFunction(rows[Symbol.asyncIterator])

/** Appends rows, and reports each second and once more at the end. */
export const ingest = <A>(
  named: Named,
  webhook: CombineTarget,
  rows: AsyncIterable<A> | Iterable<A>,
  options: Options<A>
): Effect.Effect<Report, IngestError | RowSource.SourceError, WebhookPush> =>
  Effect.gen(function* () {
    const wrong = Issue.ofRows(rows, { orAsync: true })
    if (wrong !== undefined) return yield* new InvalidRequest({ ...named, issues: [wrong], omitted: 0 })
    const { onDeadLetter, onOutcome, onReport } = options
    const ingestion = yield* WebhookSink.make<A>(webhook, {
      ...options,
      schema: row<A>(),
      onDeadLetter: onDeadLetter && toEffect(onDeadLetter),
      onOutcome: onOutcome && toEffect(onOutcome)
    })
    const source = isAsync(rows) ? RowSource.fromAsyncIterable(() => rows) : RowSource.fromIterable(() => rows)
    const ingested = Effect.map(Stream.run(source, ingestion.sink), toReport)
    if (onReport === undefined) return yield* ingested
    const told = Effect.map(ingestion.report, (report) => onReport(toReport(report)))
    return yield* Effect.forkScoped(Effect.repeat(told, Schedule.spaced("1 second"))).pipe(
      Effect.zipRight(ingested),
      Effect.scoped,
      Effect.ensuring(told)
    )
  })
