/** Pushes the rows of a source to a webhook, and tells how the run ended and how to go on. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as FileRow from "@mammoth-effect/client/FileRow"
import { type IngestError, WrongMode } from "@mammoth-effect/client/IngestError"
import { type BadLine, from as skipTo } from "@mammoth-effect/client/RowSource"
import type * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as WebhookSink from "@mammoth-effect/client/WebhookSink"
import * as Webhook from "@mammoth-effect/core/Webhook"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import {
  type FileError,
  type InputError,
  type OutputFailed,
  Stopped,
  Undelivered,
  UsageError
} from "../shell/errors.js"
import { describe } from "../shell/failure.js"
import { Notices } from "../shell/notices.js"
import type { Output } from "../shell/output.js"
import { Signals } from "../shell/signals.js"
import * as Letters from "./letters.js"
import { withProgress } from "./progress.js"
import * as Report from "./report.js"
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

type Failed = IngestError | InputError

/** Ends a run that did not deliver all rows with the error that says the most. */
const endUndelivered = (books: Report.Books, options: Options, error: Failed | undefined) => {
  const { accepted, unknown } = books.report
  const failure = error === undefined ? undefined : describe(error)
  const message =
    failure === undefined ? Report.told(books) : `${failure.message.replace(/[.\s]*$/, "")}. ${Report.told(books)}`
  const ending = accepted.rows > 0 ? "partial" : unknown.rows > 0 ? "unknown" : (failure?.ending ?? "failed")
  return new Undelivered({
    message,
    hint: Report.advice(books, options, error === undefined),
    ending,
    delivery: unknown.rows > 0 ? "Unknown" : accepted.rows > 0 ? "Accepted" : (failure?.delivery ?? "Rejected")
  })
}

/** Decides how a run has ended, and tells it. */
const conclude = (exit: Exit.Exit<unknown, Failed>, isStopped: boolean, books: Report.Books, options: Options) =>
  Effect.gen(function* () {
    const notices = yield* Notices
    const { badLines, report } = books
    yield* Report.write(books, options, Exit.isSuccess(exit) && !isStopped)
    if (isStopped) {
      return yield* new Stopped({
        message: `stopped: ${Report.told(books)}`,
        hint: Report.advice(books, options, false),
        delivery: report.unknown.rows > 0 ? "Unknown" : "Accepted"
      })
    }
    if (Exit.isFailure(exit)) {
      const error = Cause.failureOption(exit.cause)
      if (Option.isNone(error)) return yield* Effect.failCause(Cause.stripFailures(exit.cause))
      const isUntouched = report.accepted.rows + report.unknown.rows + badLines === 0
      // nothing has happened yet, so the same command can begin again
      if (isUntouched && Option.isNone(options.deadLetters)) return yield* Effect.fail(error.value)
      return yield* endUndelivered(books, options, error.value)
    }
    if (report.accepted.rows < report.offered || badLines > 0) return yield* endUndelivered(books, options, undefined)
    return yield* notices.note(`${Report.told(books)}. That the server accepted them is all the API tells.`)
  })

/** Says that the run is about to stop, once it is asked to. */
const announce = (stop: Deferred.Deferred<void>) =>
  Effect.gen(function* () {
    const notices = yield* Notices
    yield* Deferred.await(stop)
    // below the bar
    if (notices.isTerminal) yield* notices.raw("\n")
    yield* notices.note("stopping after the requests in flight; Ctrl-C once more gives them up")
  })

/** Counts bad lines. The stream that reads them and the report share the count. */
const countingBadLines = (letters: Letters.Letters | undefined) => {
  let lines = 0
  const onBadLine =
    letters
    && ((bad: BadLine) => {
      lines += 1
      return letters.onBadLine(bad)
    })
  return { onBadLine, badLines: () => lines }
}

/** Pushes the rows, until they end, the run fails, or a signal asks to stop. */
export const push = (
  options: Options
): Effect.Effect<
  void,
  Failed | FileError | Stopped | Undelivered | OutputFailed,
  FileSystem.FileSystem | Notices | Output | Scope.Scope | Signals | Webhooks.WebhookPush
> =>
  Effect.gen(function* () {
    const { batch, concurrency, deadLetters, fromRow, source, webhook } = options
    const notices = yield* Notices
    const signals = yield* Signals
    if (!Webhook.isCombine(webhook)) return yield* new WrongMode({ wanted: "combine", found: webhook.mode })
    const letters = Option.isSome(deadLetters) ? yield* Letters.open(deadLetters.value, fromRow) : undefined
    const { badLines, onBadLine } = countingBadLines(letters)
    const ingestion = yield* WebhookSink.make(webhook, {
      schema: RowOfFile,
      concurrency,
      batch: Option.getOrUndefined(Option.map(batch, (maxRows) => ({ maxRows }))),
      onBadRow: letters === undefined ? "fail" : "continue",
      onOutcome: letters?.onOutcome
    })
    const books = Effect.map(ingestion.report, (report) => Report.close(report, badLines(), options))

    const run = (stop: Deferred.Deferred<void>) =>
      Effect.gen(function* () {
        yield* Effect.fork(announce(stop))
        // the first ends a wait for input, and the second the rows that were read already
        const rows = source
          .rows(onBadLine)
          .pipe(Stream.interruptWhenDeferred(stop), skipTo(fromRow), inStrides, Stream.haltWhenDeferred(stop))
        const exit = yield* Effect.exit(
          Stream.run(rows, ingestion.sink).pipe(withProgress({ report: ingestion.report, fraction: source.fraction }))
        )
        return { exit, isStopped: yield* Deferred.isDone(stop) }
      })

    const tellInterrupted = Effect.flatMap(books, (now) =>
      Effect.zipRight(
        Effect.ignore(Report.write(now, options, false)),
        notices.note(`interrupted: ${Report.told(now)}; ${Report.advice(now, options, false)}`)
      )
    )
    const { exit, isStopped } = yield* Effect.onInterrupt(signals.stoppable(run), () => tellInterrupted)
    return yield* conclude(exit, isStopped, yield* books, options)
  })

/** Checks a number that a flag gives. */
export const atLeast = (flag: string, least: number, value: number): Effect.Effect<number, UsageError> =>
  Number.isSafeInteger(value) && value >= least
    ? Effect.succeed(value)
    : new UsageError({ message: `${flag} takes an integer from ${least}`, hint: "Nothing was sent. Correct the flag." })
