/** Shows the progress of a run on stderr: a bar on a terminal, and a line every few seconds otherwise. */
import * as IngestReport from "@mammoth-effect/client/IngestReport"
import * as WebhookSink from "@mammoth-effect/client/WebhookSink"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { Notices } from "../shell/notices.js"

interface Watched {
  readonly report: Effect.Effect<IngestReport.IngestReport>
  /** Returns how much of the source was read, from 0 to 1. Returns `undefined` if the size of the source is unknown. */
  readonly fraction: () => number | undefined
}

const clear = "\r\u001B[2K"

const barLength = 24

/** Estimates the remaining time from the elapsed time and the finished part. Returns the estimate as a string. */
const timeLeft = (elapsed: Duration.Duration, fraction: number): string => {
  if (fraction <= 0) return ""
  const seconds = Math.ceil((Duration.toSeconds(elapsed) * (1 - fraction)) / fraction)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return `, ETA ${parts.map((part) => String(part).padStart(2, "0")).join(":")}`
}

const part = (report: IngestReport.IngestReport, fraction: number | undefined): string =>
  fraction === undefined ? "" : `${Math.floor(fraction * 100)} %${timeLeft(report.elapsed, fraction)}`

const bar = (report: IngestReport.IngestReport, fraction: number | undefined): string => {
  const text = IngestReport.format(report)
  if (fraction === undefined) return text
  const full = Math.floor(fraction * barLength)
  return `[${"#".repeat(full)}${"-".repeat(barLength - full)}] ${part(report, fraction)}, ${text}`
}

/** Shows the progress while an effect runs. */
export const withProgress =
  ({ fraction, report }: Watched) =>
  <A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Notices> =>
    Effect.gen(function* () {
      const notices = yield* Notices
      if (notices.isQuiet) return yield* run
      const show = notices.isTerminal
        ? Stream.runForEach(WebhookSink.progress({ report }, "200 millis"), (now) =>
            Effect.flatMap(notices.columns, (columns) =>
              notices.raw(`${clear}${bar(now, fraction()).slice(0, columns - 1)}`)
            )
          )
        : WebhookSink.progress({ report }, "5 seconds").pipe(
            // Skip the first report, because it arrives immediately and counts no rows.
            Stream.drop(1),
            Stream.runForEach((now) =>
              notices.note([IngestReport.format(now), part(now, fraction())].filter((text) => text !== "").join(", "))
            )
          )
      return yield* Effect.acquireUseRelease(
        Effect.fork(Effect.interruptible(show)),
        () => run,
        (fiber) => Effect.zipRight(Fiber.interrupt(fiber), notices.isTerminal ? notices.raw(clear) : Effect.void)
      )
    })
