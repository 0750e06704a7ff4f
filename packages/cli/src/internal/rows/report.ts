/** Reports how a run ended, in numbers and in words, and how to resume the run. */
import type { IngestReport } from "@mammoth-effect/client/IngestReport"
import { nextOffset } from "@mammoth-effect/client/RowSource"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { ignoreClosedPipe, Output } from "../shell/output.js"
import * as Letters from "./letters.js"

interface Options {
  readonly fromRow: number
  readonly deadLetters: Option.Option<string>
  /** Returns the command that resumes at a row. */
  readonly resume: (fromRow: number) => string
}

const count = (rows: number, what = "row"): string => `${rows.toLocaleString("en")} ${what}${rows === 1 ? "" : "s"}`

export const columns = [
  "offered",
  "accepted",
  "refused",
  "dead",
  "unknown",
  "undelivered",
  "badLines",
  "resumeAt"
] as const

/** The row counts of a run, and the row to resume at. */
export interface Books {
  readonly report: IngestReport
  readonly badLines: number
  /** The number of the row to resume at, counted from 0 in the whole source. */
  readonly resumeAt: number
  /** The number of sent rows that a resumed run would send again. */
  readonly again: number
  /** The rows and lines that could not be written to the files of dead letters. */
  readonly lost: Option.Option<Letters.Lost>
}

/**
 * Computes the row counts of a run, and the row to resume at, from the client's report.
 *
 * @param refusedAt the number of the refused row that ended the run, counted from 0 in the whole source
 */
export const close = (
  report: IngestReport,
  badLines: number,
  lost: Option.Option<Letters.Lost>,
  { deadLetters, fromRow }: Options,
  refusedAt: number | undefined
): Books => {
  if (Option.isNone(deadLetters)) {
    // Resume at the refused row, or at an earlier unfinished row. The report counts the refused row as finished, but the user
    // still has to correct and send this row.
    const resumeAt = Math.min(nextOffset(report, fromRow), refusedAt ?? Number.POSITIVE_INFINITY)
    const unsent = report.undelivered.rows + report.pending + (refusedAt === undefined ? 0 : 1)
    return { report, badLines, lost, resumeAt, again: fromRow + report.offered - resumeAt - unsent }
  }
  // Resume after all rows that were read, because the undelivered rows are in the file of dead letters. If a row could not
  // be written to that file, resume at that row.
  const end = fromRow + report.offered
  const resumeAt = Option.match(lost, { onNone: () => end, onSome: ({ firstRow }) => firstRow ?? end })
  const lostRows = Option.match(lost, { onNone: () => 0, onSome: ({ rows }) => rows })
  return { report, badLines, lost, resumeAt, again: Math.max(0, end - resumeAt - lostRows) }
}

/** Returns true if this run wrote rows or lines to the files of dead letters. */
export const hasKept = ({ badLines, report }: Books, { deadLetters }: Options): boolean =>
  Option.isSome(deadLetters)
  && report.dead.rows + report.refused.rows + report.unknown.rows + report.undelivered.rows + badLines > 0

/** Returns advice on how to continue. The command that resumes the run is at the end, so that it is easy to copy. */
export const advice = (books: Books, options: Options, isOver: boolean): string => {
  const { badLines, again, lost, report, resumeAt } = books
  const sentences: Array<string> = []
  if (Option.isSome(options.deadLetters)) {
    const path = options.deadLetters.value
    const beside = Letters.files(path)
    const kept = report.dead.rows + report.refused.rows + report.undelivered.rows
    if (kept > 0 && Option.isNone(lost)) {
      sentences.push(`Correct the rows in ${path}, and send them with mammoth-webhooks replay.`)
    }
    if (report.unknown.rows > 0) sentences.push(`Check whether the rows in ${beside.unknown} arrived.`)
    if (badLines > 0) sentences.push(`The lines that are not rows are in ${beside.bad}.`)
  } else {
    if (report.unknown.rows > 0) {
      sentences.push(`${count(report.unknown.rows)} may have arrived: check the dataset before you send them again.`)
    }
    if (report.dead.rows + report.refused.rows > 0) sentences.push("Use --dead-letters FILE to keep refused rows.")
  }
  if (isOver) return sentences.join(" ")
  if (again > 0) {
    sentences.push(
      Option.isSome(lost)
        ? `The next command sends up to ${count(again)} again, although this run already handled them.`
        : `The next command sends ${count(again)} that the server already received or may have received. Use --dead-letters FILE to avoid this.`
    )
  }
  return [...sentences, `Resume with: ${options.resume(resumeAt)}`].join(" ")
}

/** Returns the row counts of a run in words. */
export const told = ({ badLines, report }: Books): string =>
  [
    `${count(report.accepted.rows)} of ${report.offered.toLocaleString("en")} delivered`,
    ...(["refused", "dead", "unknown", "undelivered"] as const)
      .filter((way) => report[way].rows > 0)
      .map((way) => `${report[way].rows.toLocaleString("en")} ${way}`),
    ...(badLines > 0 ? [count(badLines, "bad line")] : [])
  ].join(", ")

/** Writes the row counts of the run to the output. */
export const write = ({ badLines, report, resumeAt }: Books, options: Options, isOver: boolean) =>
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
    // If the reader has closed the pipe, continue, because the exit code must still show if the run delivered all rows.
    ignoreClosedPipe
  )
