/** Ingests the rows of files. Each outcome has the line number of its row. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as MutableRef from "effect/MutableRef"
import * as Schema from "effect/Schema"
import type * as Stream from "effect/Stream"
import { type FileRow, schemaOf } from "../../FileRow.js"
import type { IngestError } from "../../IngestError.js"
import type { BadLine, SourceError } from "../../SourceError.js"
import type { WebhookPush } from "../../Webhooks.js"
import type { CombineTarget } from "../../WebhookTarget.js"
import { toEffect } from "./callOptions.js"
import type { Named } from "./calls.js"
import { type Plain, toPlain } from "./errors.js"
import { type FileSource, fromSource } from "./fileSource.js"
import { type DeadLetter, type Options, type Outcome, refuse, type Report, send } from "./ingestion.js"

export interface FileReport extends Report {
  readonly badLines: number
}

/** A bad line, with properties like those of a row's outcome. */
export interface Skipped extends Omit<BadLine, "error"> {
  readonly error: Plain<SourceError>
  readonly line: number | undefined
  readonly end: "skipped"
}

type InFile<T> = T & { readonly line: number }

/** The options of an ingestion from a file, as the public `FileIngestOptions` documents them. */
export interface FileOptions<A> extends Omit<Options<A>, "onDeadLetter" | "onOutcome" | "onReport"> {
  readonly onBadLine?: ((bad: Skipped) => void | PromiseLike<void>) | undefined
  readonly onDeadLetter?: ((letter: InFile<DeadLetter<A>>) => void | PromiseLike<void>) | undefined
  readonly onOutcome?: ((outcome: InFile<Outcome<A>>) => void | PromiseLike<void>) | undefined
  readonly onReport?: ((report: FileReport) => void | PromiseLike<void>) | undefined
}

/** Reads rows from bytes, each row with its line number. */
export type Read<A> = (
  bytes: Stream.Stream<Uint8Array | string, SourceError>,
  onBadLine: ((bad: BadLine) => Effect.Effect<void>) | undefined
) => Stream.Stream<FileRow<A>, SourceError>

/** Replaces a file's row with the row itself, and puts the row's line number into `line`. */
const inFile = <A, T extends { readonly row: FileRow<A> }>({ row, ...rest }: T) => ({
  ...rest,
  row: row.row,
  line: row.line
})

const toSkipped = (bad: BadLine): Skipped => ({
  ...bad,
  error: toPlain(bad.error),
  line: bad.error.line,
  end: "skipped"
})

/** Appends the rows of a file. */
export const ingestFile = <A>(
  named: Named,
  webhook: CombineTarget,
  source: FileSource,
  options: FileOptions<A>,
  read: Read<A>
): Effect.Effect<FileReport, IngestError | SourceError, WebhookPush> =>
  Effect.gen(function* () {
    const bytes = yield* Either.mapLeft(fromSource(source), (issue) => refuse(named, issue))
    const { onBadLine, onDeadLetter, onOutcome, onReport } = options
    const badLines = MutableRef.make(0)
    const skip =
      onBadLine
      && ((bad: BadLine) =>
        Effect.suspend(() => {
          MutableRef.increment(badLines)
          return toEffect(onBadLine)(toSkipped(bad))
        }))
    const withBadLines = (report: Report): FileReport => ({ ...report, badLines: MutableRef.get(badLines) })
    const report = yield* send<A, FileRow<A>>(
      named,
      webhook,
      read(bytes, skip),
      {
        ...options,
        onDeadLetter: onDeadLetter && ((letter) => onDeadLetter(inFile(letter))),
        onOutcome: onOutcome && ((outcome) => onOutcome(inFile(outcome))),
        onReport: onReport && ((report) => onReport(withBadLines(report)))
      },
      (schema) => schemaOf(Schema.make<A, unknown>(schema.ast))
    )
    return withBadLines(report)
  })
