/** Pushes the rows of a source to a webhook. Reports how the run ended, and how to resume the run. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as FileRow from "@mammoth-effect/client/FileRow"
import { type IngestError, type RowRefused, WrongMode } from "@mammoth-effect/client/IngestError"
import { type BadLine, countingFrom, from as skipTo } from "@mammoth-effect/client/RowSource"
import { WebhookPush } from "@mammoth-effect/client/Webhooks"
import * as WebhookSink from "@mammoth-effect/client/WebhookSink"
import * as Webhook from "@mammoth-effect/core/Webhook"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { lostDigits } from "../digits.js"
import {
  afterChange,
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
import * as Gate from "./gate.js"
import * as Letters from "./letters.js"
import { withProgress } from "./progress.js"
import * as Report from "./report.js"
import type { Source } from "./source.js"

/** The schema of a row: a JSON object without integers beyond 2^53. */
const JsonRow = Schema.declare((u: unknown): u is { readonly [key: string]: unknown } => Predicate.isRecord(u), {
  description: "an object"
}).pipe(
  Schema.filter((row) => !lostDigits(row), {
    description: "an object without integers beyond 2^53 (JavaScript rounds them, so send each of them as a string)"
  })
)

/** The schema of a row in a file. The type of the row is unknown until the schema has checked the row. */
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
  /** Returns the command that resumes at a row. */
  readonly resume: (fromRow: number) => string
}

type Failed = IngestError | InputError

/** The reason why a run did not finish. */
interface Reason {
  readonly message: string
  readonly hint: string
  readonly ending: Undelivered["ending"]
  readonly delivery: Undelivered["delivery"]
}

const sentences = (texts: ReadonlyArray<string>): string =>
  texts
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map((text, index, { length }) => (index === length - 1 || /[.!?]$/.test(text) ? text : `${text}.`))
    .join(" ")

/** Makes the error of a run that did not deliver all rows. */
const endUndelivered = (books: Report.Books, options: Options, reason: Reason | undefined) => {
  const { accepted, unknown } = books.report
  const ending = reason?.ending ?? "failed"
  // If rows were written to the files of dead letters, do not report the run as safe to repeat. A repeated run would write
  // or send these rows twice.
  const isKept = ending === "repeatable" && Report.hasKept(books, options)
  const counted = accepted.rows > 0 ? "partial" : unknown.rows > 0 ? "unknown" : isKept ? "partial" : ending
  return new Undelivered({
    message: sentences([reason?.message ?? "", Report.told(books)]),
    hint: sentences([reason?.hint ?? "", Report.advice(books, options, reason === undefined)]),
    ending: Option.exists(books.lost, ({ hasUnknown }) => hasUnknown) ? "unknown" : counted,
    delivery: unknown.rows > 0 ? "Unknown" : accepted.rows > 0 ? "Accepted" : (reason?.delivery ?? "Rejected")
  })
}

/**
 * The way in which a run ended. A `stopped` run first finished its requests in flight. A `givenUp` run interrupted its
 * requests in flight.
 */
type Ended =
  | { readonly way: "ended"; readonly exit: Exit.Exit<unknown, Failed> }
  | { readonly way: "stopped" | "givenUp" }

/**
 * Converts an error to the reason why the run did not finish. Keeps the hint only for wrong data, because the user must
 * correct the data before the run can resume.
 */
const reasonOf = (error: Failed): Reason | undefined => {
  const failure = describe(error)
  if (failure === undefined) return undefined
  const isOfData = error._tag === "MammothCliInput" || error._tag === "MammothRowRefused"
  return {
    message: failure.message,
    hint: isOfData ? failure.hint : "",
    ending: failure.ending,
    delivery: failure.delivery ?? "Rejected"
  }
}

/**
 * Writes the row counts of the run. Then succeeds if all rows were delivered. If not, fails with an error that describes how
 * the run ended.
 */
const conclude = (ended: Ended, isAsked: boolean, rowsRead: number, books: Report.Books, options: Options) =>
  Effect.gen(function* () {
    const notices = yield* Notices
    const { badLines, lost, report } = books
    const exit = ended.way === "ended" ? ended.exit : Exit.void
    const isOver = ended.way === "ended" && Exit.isSuccess(exit) && !isAsked && Option.isNone(lost)
    const written = yield* Effect.either(Report.write(books, options, isOver))
    if (Option.isSome(lost)) {
      const { reason } = lost.value
      return yield* endUndelivered(books, options, {
        message: reason,
        hint: "Free some disk space, or name another file with --dead-letters.",
        ending: "partial",
        delivery: "Rejected"
      })
    }
    if (isAsked) {
      return yield* new Stopped({
        message: `${ended.way === "givenUp" ? "interrupted" : "stopped"}: ${Report.told(books)}`,
        hint: Report.advice(books, options, false),
        delivery: report.unknown.rows > 0 ? "Unknown" : report.accepted.rows > 0 ? "Accepted" : "NotSent"
      })
    }
    if (Exit.isFailure(exit)) {
      const error = Cause.failureOption(exit.cause)
      if (Option.isNone(error)) return yield* Effect.failCause(Cause.stripFailures(exit.cause))
      const isUntouched = report.accepted.rows + report.unknown.rows + badLines === 0
      // Fail with the error that ended the run, without advice on how to resume. No row has arrived and no file was written,
      // so the user can run the same command again.
      if (isUntouched && Option.isNone(options.deadLetters)) return yield* Effect.fail(error.value)
      return yield* endUndelivered(books, options, reasonOf(error.value))
    }
    if (report.accepted.rows < report.offered || badLines > 0) return yield* endUndelivered(books, options, undefined)
    if (rowsRead < options.fromRow) {
      return yield* new UsageError({
        message: `--from-row ${options.fromRow} is beyond the end: rows are counted from 0, and the source has ${rowsRead} rows`,
        hint: "Nothing was sent. Correct the number."
      })
    }
    yield* Effect.mapError(written, afterChange(Report.told(books)))
    return yield* notices.note(
      `${Report.told(books)}: the server accepted the rows. It does not say if the rows are in the dataset.`
    )
  })

/** Writes a note that the run will stop after the requests in flight. */
const announce = Effect.gen(function* () {
  const notices = yield* Notices
  // Begin a new line, so that the note appears below the progress bar.
  if (notices.isTerminal) yield* notices.raw("\n")
  yield* notices.note("waiting for the requests in flight; press Ctrl-C again to give them up")
})

/**
 * Runs a step that precedes the first push. If a signal arrives during the step, fails with `Stopped`, which says that no
 * row was sent.
 */
export const prepare = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | Stopped, R | Signals> =>
  Effect.flatMap(Signals, (signals) =>
    signals.stoppable((stop) =>
      Effect.raceFirst(
        self,
        Effect.zipRight(
          stop.awaitAsked,
          new Stopped({ message: "interrupted before any row was sent", hint: "", delivery: "NotSent" })
        )
      )
    )
  )

/** Counts bad lines. The count is mutable, because the stream increases the count while the rows are read. */
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

/** Counts the rows of a stream. The count is mutable, because the stream increases the count while the rows are read. */
const countingRows = () => {
  let rows = 0
  const count = <A, E, R>(source: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
    Stream.mapChunks(source, (chunk) => {
      rows += chunk.length
      return chunk
    })
  return { count, rows: () => rows }
}

/** Stores the number of the refused row that ended the run. Used only if the run has no file of dead letters. */
const rememberingRefused = (fromRow: number) =>
  Effect.map(Ref.make<number | undefined>(undefined), (refused) => ({
    onOutcome: ({ end, index }: WebhookSink.Outcome<unknown>) =>
      end === "refused" ? Ref.set(refused, fromRow + index) : Effect.void,
    refusedAt: Ref.get(refused)
  }))

/**
 * Pushes the rows of the source. Ends when all rows are sent, or when the run fails. Ends early if a dead letter cannot be
 * written, or if a signal asks the run to stop.
 */
export const push = (
  options: Options
): Effect.Effect<
  void,
  Failed | FileError | OutputFailed | Stopped | Undelivered | UsageError,
  FileSystem.FileSystem | Notices | Output | Scope.Scope | Signals | WebhookPush
> =>
  Effect.gen(function* () {
    const { batch, concurrency, deadLetters, fromRow, source, webhook } = options
    const signals = yield* Signals
    if (!Webhook.isCombine(webhook)) return yield* new WrongMode({ wanted: "combine", found: webhook.mode })
    const gate = yield* Gate.make(concurrency)
    const letters = Option.isSome(deadLetters) ? yield* Letters.open(deadLetters.value, fromRow, gate.close) : undefined
    const { badLines, onBadLine } = countingBadLines(letters)
    const refusal = yield* rememberingRefused(fromRow)
    const read = countingRows()
    const ingestion = yield* WebhookSink.make(webhook, {
      schema: RowOfFile,
      concurrency,
      batch: Option.getOrUndefined(Option.map(batch, (maxRows) => ({ maxRows }))),
      onBadRow: letters === undefined ? "fail" : "continue",
      onOutcome: letters?.onOutcome ?? refusal.onOutcome
    }).pipe(Effect.updateService(WebhookPush, gate.guard))

    const rows = source
      .rows(onBadLine)
      // Interrupt the source when the gate closes, because a source that waits for input does not check the gate.
      .pipe(Stream.interruptWhen(gate.awaitClosed), read.count, skipTo(fromRow))
    const renumber = countingFrom(fromRow)(({ error }: { readonly index: number; readonly error: RowRefused }) => error)
    const run = Stream.run(rows, ingestion.sink).pipe(
      Effect.catchTag("MammothRowRefused", (error) => Effect.fail(renumber({ index: error.index, error }))),
      withProgress({ report: ingestion.report, fraction: source.fraction }),
      Effect.exit,
      Effect.map((exit): Ended => ({ way: "ended", exit })),
      // End the run when the gate is closed and no push is in flight. Otherwise, a run would first wait until the end of a
      // pause that the server requested.
      Effect.raceFirst(Effect.as(gate.awaitIdle, { way: "stopped" } as const))
    )
    const [ended, isAsked] = yield* signals.stoppable((stop) =>
      Effect.gen(function* () {
        yield* Effect.fork(stop.awaitAsked.pipe(Effect.zipRight(gate.close), Effect.zipRight(announce)))
        const ended = yield* Effect.raceFirst(run, Effect.as(stop.awaitGiveUp, { way: "givenUp" } as const))
        return [ended, yield* stop.isAsked] as const
      })
    )
    const lost = yield* letters?.lost ?? Effect.succeedNone
    const books = Report.close(yield* ingestion.report, badLines(), lost, options, yield* refusal.refusedAt)
    return yield* conclude(ended, isAsked, read.rows(), books, options)
  })
