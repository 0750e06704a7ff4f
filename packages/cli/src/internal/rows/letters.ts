/** Keeps undelivered rows and bad lines in files, which `replay` and `ingest` can read. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as DeadLetters from "@mammoth-effect/client/DeadLetters"
import type { FileRow } from "@mammoth-effect/client/FileRow"
import { RowRefused } from "@mammoth-effect/client/IngestError"
import * as RowSource from "@mammoth-effect/client/RowSource"
import type * as WebhookSink from "@mammoth-effect/client/WebhookSink"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import { FileError } from "../shell/errors.js"
import * as SystemErrors from "../shell/systemErrors.js"
import * as Gate from "./gate.js"

type Row = FileRow<unknown>

type Outcome = WebhookSink.Outcome<Row>

/** Describes the rows and lines that could not be written to the files of dead letters. */
export interface Lost {
  /** Names the first row or line that could not be written, and says why. */
  readonly reason: string
  readonly rows: number
  /** The index of the first unwritten row, counted from 0 in the whole source. `undefined` if all rows were written. */
  readonly firstRow: number | undefined
  /** `true` if a row that could not be written may have arrived at the server. */
  readonly hasUnknown: boolean
}

export interface Letters {
  /** Writes a row to a file of dead letters, unless the server accepted the row. */
  readonly onOutcome: (outcome: Outcome) => Effect.Effect<void>
  /** Writes a line that is not a row to the file of bad lines. */
  readonly onBadLine: (bad: RowSource.BadLine) => Effect.Effect<void>
  readonly lost: Effect.Effect<Option.Option<Lost>>
}

/** Returns the paths of the two files next to the file of dead letters: for rows that may have arrived, and for bad lines. */
export const files = (path: string) => ({ unknown: `${path}.unknown`, bad: `${path}.bad` })

/** Makes the error that is stored with a row if the run ended before the server responded to the row. */
const ended = ({ index, row }: Outcome) =>
  new RowRefused({
    index,
    line: row.line,
    issues: [{ path: [], expected: "a response from the server", received: "the end of the run" }]
  })

/**
 * Creates the file if it does not exist. When the scope ends, removes the file if this function created the file and the
 * file is still empty.
 */
const prepare = (path: string): Effect.Effect<void, FileError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const fileSystem = yield* FileSystem.FileSystem
    const failed = (error: Error) => new FileError({ path, reason: SystemErrors.reasonOf(error) })
    const isNew = yield* Effect.scoped(fileSystem.open(path, { flag: "ax" })).pipe(
      Effect.as(true),
      Effect.catchAll((error) =>
        error._tag === "SystemError" && error.reason === "AlreadyExists" ? Effect.succeed(false) : failed(error)
      )
    )
    if (isNew) {
      const removeIfEmpty = Effect.flatMap(fileSystem.stat(path), ({ size }) =>
        size === FileSystem.Size(0) ? fileSystem.remove(path) : Effect.void
      )
      return yield* Effect.addFinalizer(() => Effect.ignore(removeIfEmpty))
    }
    const { type } = yield* Effect.mapError(fileSystem.stat(path), failed)
    // Refuse a pipe here, because opening a pipe would wait for a reader.
    return type === "File" || type === "CharacterDevice"
      ? undefined
      : yield* new FileError({ path, reason: type === "Directory" ? "it is a folder" : "it is not a file" })
  })

/** Opens the file of bad lines. Returns a function that appends a line to the file. */
const openBad = (path: string) =>
  Effect.gen(function* () {
    const file = yield* (yield* FileSystem.FileSystem).open(path, { flag: "a" })
    const encoder = new TextEncoder()
    return (text: string) => file.writeAll(encoder.encode(`${text}\n`))
  })

/**
 * Opens the three files of dead letters. The first file holds the refused rows and the undelivered rows. The second file
 * holds the rows that may have arrived, so that nobody sends them again by accident. The third file holds bad lines, which
 * are not rows. Opens all files before the run starts, because a run must not start if it cannot write its dead letters.
 *
 * @param onLost the effect to run when a row or a line cannot be written
 */
export const open = (
  path: string,
  fromRow: number,
  onLost: Effect.Effect<void>
): Effect.Effect<Letters, FileError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const beside = files(path)
    const lost = yield* Ref.make<Option.Option<Lost>>(Option.none())
    const lose = (at: string, what: string, reason: string, row?: { readonly index: number; readonly end: string }) =>
      Ref.update(lost, (before) => {
        const first = Option.getOrElse(before, () => ({
          reason: `${what} could not be written to ${at} (${reason})`,
          rows: 0,
          firstRow: undefined,
          hasUnknown: false
        }))
        return Option.some(
          row === undefined
            ? first
            : {
                reason: first.reason,
                rows: first.rows + 1,
                firstRow: Math.min(first.firstRow ?? row.index, row.index),
                hasUnknown: first.hasUnknown || row.end === "unknown"
              }
        )
      }).pipe(Effect.zipRight(onLost))
    const opened = <A, R>(
      at: string,
      openAt: (at: string) => Effect.Effect<A, Error, R>
    ): Effect.Effect<A, FileError, R | FileSystem.FileSystem | Scope.Scope> =>
      Effect.zipRight(
        prepare(at),
        Effect.mapError(openAt(at), (error) => new FileError({ path: at, reason: SystemErrors.reasonOf(error) }))
      )
    const letters = (at: string, end: string) =>
      opened(at, (at) =>
        DeadLetters.ndjsonFile<Row>(at, {
          onLost: ({ letter: { index, row }, reason }) =>
            lose(at, `row ${index} (line ${row.line})`, SystemErrors.explain(reason), { index, end })
        })
      )
    const dead = yield* letters(path, "undelivered")
    const unknown = yield* letters(beside.unknown, "unknown")
    const bad = yield* opened(beside.bad, openBad)
    return {
      lost: Ref.get(lost),
      onOutcome: RowSource.countingFrom(fromRow)((outcome: Outcome) => {
        const { end, error, index, row } = outcome
        if (end === "accepted") return Effect.void
        const letter = { row, index, error: error === undefined || error === Gate.closed ? ended(outcome) : error }
        return end === "unknown" ? unknown(letter) : dead(letter)
      }),
      onBadLine: ({ error: { line }, text }) =>
        Effect.catchAll(bad(text), (error) =>
          lose(beside.bad, line === undefined ? "a bad line" : `line ${line}`, SystemErrors.reasonOf(error))
        )
    }
  })
