/** Tells how a run that pushed rows ended, in numbers and in words, and how to go on. */
import type { IngestReport } from "@mammoth-effect/client/IngestReport"
import { nextOffset } from "@mammoth-effect/client/RowSource"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Output } from "../shell/output.js"
import * as Letters from "./letters.js"

interface Options {
  readonly fromRow: number
  readonly deadLetters: Option.Option<string>
  /** Returns the command that goes on from a row. */
  readonly resume: (fromRow: number) => string
}

const count = (rows: number, what = "row"): string => `${rows.toLocaleString("en")} ${what}${rows === 1 ? "" : "s"}`

const columns = ["offered", "accepted", "refused", "dead", "unknown", "undelivered", "badLines", "resumeAt"] as const

/** The numbers of a run. */
export interface Books {
  readonly report: IngestReport
  readonly badLines: number
  /** The row to go on from, counted from 0 in the whole source. */
  readonly resumeAt: number
  /** The rows after it that would be sent again. */
  readonly again: number
}

/** Makes the numbers from the report of the client. */
export const close = (report: IngestReport, badLines: number, { deadLetters, fromRow }: Options): Books => {
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
export const advice = (books: Books, options: Options, isOver: boolean): string => {
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
    return sentences.join(" ")
  }
  if (report.unknown.rows > 0) {
    sentences.push(
      `Of ${count(report.unknown.rows)} nobody knows whether the server has them: look before you send them again.`
    )
  }
  if (report.dead.rows + report.refused.rows > 0) sentences.push("--dead-letters FILE would keep the refused rows.")
  return sentences.join(" ")
}

/** Says how the rows ended. */
export const told = ({ badLines, report }: Books): string =>
  [
    `${count(report.accepted.rows)} of ${report.offered.toLocaleString("en")} delivered`,
    ...(["refused", "dead", "unknown", "undelivered"] as const)
      .filter((way) => report[way].rows > 0)
      .map((way) => `${report[way].rows.toLocaleString("en")} ${way}`),
    ...(badLines > 0 ? [count(badLines, "bad line")] : [])
  ].join(", ")

/** Writes the numbers as data. */
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
    // a reader that has left must not turn an unfinished run into a success, nor a finished run into a failure
    Effect.catchTag("MammothCliClosedPipe", () => Effect.void)
  )
