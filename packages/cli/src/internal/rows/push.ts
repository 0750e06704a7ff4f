/** Pushes the rows of a source to a webhook, and tells how the run ended and how to go on. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as FileRow from "@mammoth-effect/client/FileRow"
import { WrongMode } from "@mammoth-effect/client/IngestError"
import type { IngestError } from "@mammoth-effect/client/IngestError"
import type { IngestReport } from "@mammoth-effect/client/IngestReport"
import { nextOffset, from as skipTo } from "@mammoth-effect/client/RowSource"
import type * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as WebhookSink from "@mammoth-effect/client/WebhookSink"
import * as Webhook from "@mammoth-effect/core/Webhook"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { type FileError, type InputError, Stopped, Undelivered, UsageError } from "../shell/errors.js"
import { Notices } from "../shell/notices.js"
import { Output } from "../shell/output.js"
import { Signals } from "../shell/signals.js"
import * as Letters from "./letters.js"
import { withProgress } from "./progress.js"
import type { Source } from "./source.js"

/** A row of JSON is an object: the server turns each into a row of the dataset. */
const JsonRow = Schema.declare((u: unknown): u is { readonly [key: string]: unknown } => Predicate.isRecord(u), {
  description: "an object"
})

/** The same, for rows of an unknown type. */
const RowOfFile = FileRow.schemaOf(
  Schema.transform(JsonRow, Schema.Unknown, { strict: false, decode: (row) => row, encode: (row) => row })
)

export interface Options {
  readonly source: Source
  readonly webhook: Webhook.Webhook
  readonly batch: Option.Option<number>
  readonly concurrency: number
  readonly fromRow: number
  readonly deadLetters: Option.Option<string>
  /** Returns the command that goes on from a row. */
  readonly resume: (fromRow: number) => string
}

/** The rows that are taken at a time: a run stops between two strides, so these are sent after a signal. */
const stride = 50

/** Splits large chunks, and never waits for a chunk to fill. */
const inStrides = <A, E, R>(rows: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
  Stream.flatMap(Stream.chunks(rows), (chunk) => Stream.fromChunks(...Chunk.chunksOf(chunk, stride)))

const count = (rows: number, what = "row"): string => `${rows.toLocaleString("en")} ${what}${rows === 1 ? "" : "s"}`

const columns = ["offered", "accepted", "refused", "dead", "unknown", "undelivered", "badLines", "resumeAt"] as const

/** How the run ended, in numbers. */
interface Books {
  readonly report: IngestReport
  readonly badLines: number
  /** The row to go on from, counted from 0 in the whole source. */
  readonly resumeAt: number
  /** The rows after it that would be sent again. */
  readonly again: number
}

const close = (report: IngestReport, badLines: number, { deadLetters, fromRow }: Options): Books => {
  // undelivered rows are in the file of dead letters
  if (Option.isSome(deadLetters)) return { report, badLines, resumeAt: fromRow + report.offered, again: 0 }
  return {
    report,
    badLines,
    resumeAt: nextOffset(report, fromRow),
    again: report.offered - report.resumeAt - report.undelivered.rows - report.pending
  }
}

/** Says how to go on. */
const advice = (books: Books, options: Options, isOver: boolean): string => {
  const { report } = books
  const sentences = isOver ? [] : [`Resume with: ${options.resume(books.resumeAt)}`]
  if (!isOver && books.again > 0) {
    sentences.push(
      `That sends ${count(books.again)} again, which the server has or may have; --dead-letters FILE would avoid it.`
    )
  }
  if (Option.isSome(options.deadLetters)) {
    const path = options.deadLetters.value
    const beside = Letters.files(path)
    if (report.dead.rows + report.refused.rows + report.undelivered.rows > 0) {
      sentences.push(`Correct the rows in ${path}, and send them with mammoth-webhooks replay.`)
    }
    if (report.unknown.rows > 0) sentences.push(`Look whether the rows in ${beside.unknown} arrived.`)
    if (books.badLines > 0) sentences.push(`The lines that are no rows are in ${beside.bad}.`)
  } else if (report.unknown.rows > 0) {
    sentences.push(
      `Of ${count(report.unknown.rows)} nobody knows whether the server has them: look before you send them again.`
    )
  }
  return sentences.join(" ")
}

const told = ({ badLines, report }: Books): string =>
  [
    `${count(report.accepted.rows)} of ${report.offered.toLocaleString("en")} delivered`,
    ...(["refused", "dead", "unknown", "undelivered"] as const)
      .filter((way) => report[way].rows > 0)
      .map((way) => `${report[way].rows.toLocaleString("en")} ${way}`),
    ...(badLines > 0 ? [count(badLines, "bad line")] : [])
  ].join(", ")

const writeReport = ({ badLines, report, resumeAt }: Books, options: Options, isOver: boolean) =>
  Effect.flatMap(Output, (output) =>
    output.one(
      columns,
      {
        offered: report.offered,
        accepted: report.accepted.rows,
        refused: report.refused.rows,
        dead: report.dead.rows,
        unknown: report.unknown.rows,
        undelivered: report.undelivered.rows,
        badLines,
        resumeAt: isOver ? null : resumeAt
      },
      {
        requests: report.requests,
        retries: report.retries,
        bytes: report.accepted.bytes,
        resume: isOver ? null : options.resume(resumeAt),
        elapsed_ms: Math.round(Duration.toMillis(report.elapsed))
      }
    )
  ).pipe(
    // a reader that has left must not turn an unfinished run into a success, nor a finished run into a failure
    Effect.catchTag("MammothCliClosedPipe", () => Effect.void)
  )

/** Pushes the rows, until they end, the run fails, or a signal asks to stop. */
export const push = (
  options: Options
): Effect.Effect<
  void,
  | IngestError
  | InputError
  | FileError
  | UsageError
  | Stopped
  | Undelivered
  | Effect.Effect.Error<ReturnType<typeof writeReport>>,
  FileSystem.FileSystem | Notices | Output | Scope.Scope | Signals | Webhooks.WebhookPush
> =>
  Effect.gen(function* () {
    const { batch, concurrency, deadLetters, fromRow, source, webhook } = options
    const notices = yield* Notices
    const signals = yield* Signals
    if (!Webhook.isCombine(webhook)) return yield* new WrongMode({ wanted: "combine", found: webhook.mode })
    const letters = Option.isSome(deadLetters) ? yield* Letters.open(deadLetters.value, fromRow) : undefined
    let badLines = 0
    const ingestion = yield* WebhookSink.make(webhook, {
      schema: RowOfFile,
      concurrency,
      batch: Option.getOrUndefined(Option.map(batch, (maxRows) => ({ maxRows }))),
      onBadRow: letters === undefined ? "fail" : "continue",
      onOutcome: letters?.onOutcome
    })
    const onBadLine =
      letters
      && ((bad: Parameters<Letters.Letters["onBadLine"]>[0]) => {
        badLines += 1
        return letters.onBadLine(bad)
      })
    const books = Effect.map(ingestion.report, (report) => close(report, badLines, options))

    const { exit, isStopped } = yield* signals
      .stoppable((stop) =>
        Effect.gen(function* () {
          yield* Effect.fork(
            Effect.zipRight(
              Deferred.await(stop),
              Effect.zipRight(
                notices.isTerminal ? notices.raw("\n") : Effect.void,
                notices.note("stopping after the requests in flight; Ctrl-C once more gives them up")
              )
            )
          )
          // the first ends a wait for input, and the second the rows that were read already
          const rows = source
            .rows(onBadLine)
            .pipe(Stream.interruptWhenDeferred(stop), skipTo(fromRow), inStrides, Stream.haltWhenDeferred(stop))
          const exit = yield* Effect.exit(
            Stream.run(rows, ingestion.sink).pipe(withProgress({ report: ingestion.report, fraction: source.fraction }))
          )
          return { exit, isStopped: yield* Deferred.isDone(stop) }
        })
      )
      .pipe(
        Effect.onInterrupt(() =>
          Effect.flatMap(books, (now) =>
            Effect.zipRight(
              Effect.ignore(writeReport(now, options, false)),
              notices.note(`interrupted: ${told(now)}; ${advice(now, options, false)}`)
            )
          )
        )
      )

    const now = yield* books
    const isOver = Exit.isSuccess(exit) && !isStopped
    yield* writeReport(now, options, isOver)
    if (isStopped) {
      return yield* new Stopped({
        message: `stopped: ${told(now)}`,
        hint: advice(now, options, false),
        unknown: now.report.unknown.rows
      })
    }
    const { report } = now
    if (Exit.isFailure(exit)) {
      const error = Cause.failureOption(exit.cause)
      if (Option.isNone(error)) return yield* Effect.failCause(Cause.stripFailures(exit.cause))
      // nothing has changed: the error itself says more
      if (report.accepted.rows === 0 && badLines === 0) return yield* Effect.fail(error.value)
      return yield* new Undelivered({
        message: `${error.value.message.replace(/[.\s]*$/, "")}. ${told(now)}`,
        hint: advice(now, options, false),
        accepted: report.accepted.rows,
        unknown: report.unknown.rows
      })
    }
    if (report.accepted.rows < report.offered || badLines > 0) {
      return yield* new Undelivered({
        message: told(now),
        hint: advice(now, options, true),
        accepted: report.accepted.rows,
        unknown: report.unknown.rows
      })
    }
    return yield* notices.note(`${told(now)}. That the server accepted them is all the API tells.`)
  })

/** Checks a number that a flag gives. */
export const atLeast = (flag: string, least: number, value: number): Effect.Effect<number, UsageError> =>
  Number.isSafeInteger(value) && value >= least
    ? Effect.succeed(value)
    : new UsageError({ message: `${flag} takes an integer from ${least}`, hint: "Nothing was sent. Correct the flag." })
