/** Keeps the rows that were not delivered, in files that `replay` and `ingest` read again. */
import { appendFile } from "node:fs/promises"
import * as FileSystem from "@effect/platform/FileSystem"
import * as DeadLetters from "@mammoth-effect/client/DeadLetters"
import type { FileRow } from "@mammoth-effect/client/FileRow"
import { RowRefused } from "@mammoth-effect/client/IngestError"
import * as RowSource from "@mammoth-effect/client/RowSource"
import type * as WebhookSink from "@mammoth-effect/client/WebhookSink"
import * as Effect from "effect/Effect"
import * as Scope from "effect/Scope"
import { FileError } from "../shell/errors.js"

type Row = FileRow<unknown>

export interface Letters {
  /** Keeps a row that did not arrive, or that may have arrived. */
  readonly onOutcome: (outcome: WebhookSink.Outcome<Row>) => Effect.Effect<void>
  /** Keeps a line that is no row. */
  readonly onBadLine: (bad: RowSource.BadLine) => Effect.Effect<void>
}

/** The files beside the file of dead letters. */
export const files = (path: string) => ({ unknown: `${path}.unknown`, bad: `${path}.bad` })

/** A row may end with the run, before the server has said anything. */
const ended = ({ index, row }: WebhookSink.Outcome<Row>) =>
  new RowRefused({
    index,
    line: row.line,
    issues: [{ path: [], expected: "a server that takes it", received: "the end of the run" }]
  })

/**
 * Opens the file of dead letters. It holds the rows that were refused, and those that are undelivered. Rows that may have
 * arrived go to a file of their own, so that nobody sends them again by accident, and so do lines that are no rows.
 */
export const open = (
  path: string,
  fromRow: number
): Effect.Effect<Letters, FileError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const failed = (error: { readonly message: string }) => new FileError({ path, reason: error.message })
    const dead = yield* Effect.mapError(DeadLetters.ndjsonFile<Row>(path), failed)
    const scope = yield* Effect.scope
    const beside = files(path)
    // most runs need no such file
    const unknown = yield* Effect.cached(
      DeadLetters.ndjsonFile<Row>(beside.unknown).pipe(
        Effect.provideService(FileSystem.FileSystem, yield* FileSystem.FileSystem),
        Scope.extend(scope),
        Effect.orDie
      )
    )
    return {
      onOutcome: RowSource.countingFrom(fromRow)((outcome: WebhookSink.Outcome<Row>) => {
        const { end, error = ended(outcome), index, row } = outcome
        if (end === "accepted") return Effect.void
        const letter = { row, index, error }
        return end === "unknown" ? Effect.flatMap(unknown, (write) => write(letter)) : dead(letter)
      }),
      onBadLine: ({ text }) => Effect.promise(() => appendFile(beside.bad, `${text}\n`))
    }
  })
