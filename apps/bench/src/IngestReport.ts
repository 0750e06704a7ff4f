/** What the ingestion benchmark found, as a table, and the lines that are to be reached. */
import { cpus, type } from "node:os"
import { Array } from "effect"
import * as Ingest from "./Ingest.js"
import type { Options } from "./Options.js"
import type * as Sides from "./Sides.js"
import type { Measurement } from "./sides/Job.js"
import * as Statistics from "./Statistics.js"
import * as Table from "./Table.js"
import * as Verdict from "./Verdict.js"

const targets = { sink: "bare sink", emulator: "emulator" } as const

const sends = { one: "one document each", batches: `batches of ${Ingest.batchSize}` } as const

const names = { sdk: "SDK", undici: "undici" } as const

const mebibyte = 1024 * 1024

const integer = (figure: number): string => Math.round(figure).toLocaleString("en")

/** Two digits that say something, however large. */
const micros = (figure: number): string => figure.toFixed(figure < 10 ? 2 : 1)

/** The median and what the repeats lie between. */
const spread = ({ count, least, median, most }: Statistics.Statistics, show: (figure: number) => string): string =>
  count === 1 ? show(median) : `${show(median)} (${show(least)}–${show(most)})`

const millisOf = (measurement: Measurement): number => Statistics.of(measurement.millis).median

const rate = (measurement: Measurement): number => (measurement.rows / millisOf(measurement)) * 1000

const over = (result: Ingest.Result, side: Sides.Name, figure: (measurement: Measurement) => number) =>
  Statistics.of(result.measured[side].map(figure))

/** Microseconds that a row took. */
const perRow = (result: Ingest.Result, side: Sides.Name): number =>
  over(result, side, (measurement) => (millisOf(measurement) / measurement.rows) * 1000).median

/** Microseconds of processor time that a row took in the side's own process. */
const cpuPerRow = (result: Ingest.Result, side: Sides.Name): number =>
  over(result, side, (measurement) => (measurement.cpuMillis / measurement.rows / result.passes) * 1000).median

const peak = (result: Ingest.Result, side: Sides.Name): number =>
  over(result, side, ({ peakRss }) => peakRss).median / mebibyte

/** The SDK's rate as a part of undici's, of the runs that were made one after the other. */
const ratio = ({ measured }: Ingest.Result): Statistics.Statistics =>
  Statistics.of(
    measured.sdk.flatMap((sdk, repeat) => {
      const undici = measured.undici[repeat]
      return undici === undefined ? [] : [rate(sdk) / rate(undici)]
    })
  )

/** What the SDK's rate is to be of undici's. */
const wanted = { one: 0.8, batches: 0.9 } as const

/** How many MiB more of memory ten times the rows may take. */
const mostGrowth = 64

const table = (results: ReadonlyArray<Ingest.Result>, verdict: Verdict.Verdict): string =>
  Table.format(
    [
      [
        "to",
        "sends",
        "rows",
        "SDK rows/s",
        "undici rows/s",
        "SDK/undici",
        "to reach",
        "",
        "SDK µs/row",
        "undici",
        "SDK CPU µs/row",
        "undici",
        "SDK peak RSS",
        "undici"
      ],
      ...results.map((result) => [
        targets[result.target],
        sends[result.sends],
        integer(result.rows),
        ...(["sdk", "undici"] as const).map((side) => spread(over(result, side, rate), integer)),
        spread(ratio(result), (figure) => figure.toFixed(2)),
        `≥ ${wanted[result.sends]}`,
        verdict(ratio(result).median >= wanted[result.sends]),
        ...[perRow, cpuPerRow].flatMap((figure) => [micros(figure(result, "sdk")), micros(figure(result, "undici"))]),
        ...(["sdk", "undici"] as const).map((side) => `${Math.round(peak(result, side))} MiB`)
      ])
    ],
    [0, 1, 7]
  )

/** Of one server and one way to send: how memory and the time for a row change with the number of rows. */
const trend = (
  results: ReadonlyArray<Ingest.Result>,
  largest: number,
  verdict: Verdict.Verdict
): ReadonlyArray<ReadonlyArray<string>> => {
  const [first, before, last] = [results[0], results.at(-2), results.at(-1)]
  if (first === undefined || before === undefined || last === undefined) return []
  const isComplete = last.rows === largest
  const open = last.target === "sink" ? "open (--full)" : "open (sink only)"
  const growth = (side: Sides.Name) => peak(last, side) - peak(before, side)
  const slowdown = (side: Sides.Name) => perRow(last, side) / perRow(first, side)
  const where = [targets[last.target], sends[last.sends]]
  const signed = (figure: number) => `${figure < 0 ? "−" : "+"}${Math.abs(Math.round(figure))} MiB`
  const both = (show: (side: Sides.Name) => string) =>
    (["sdk", "undici"] as const).map((side) => `${names[side]} ${show(side)}`)
  return [
    [
      ...where,
      `peak RSS, ${integer(before.rows)} → ${integer(last.rows)} rows`,
      ...both((side) => signed(growth(side))),
      `< ${mostGrowth} MiB`,
      isComplete || growth("sdk") >= mostGrowth ? verdict(growth("sdk") < mostGrowth) : open
    ],
    [
      ...where,
      `time per row, ${integer(first.rows)} → ${integer(last.rows)} rows`,
      ...both((side) => `× ${slowdown(side).toFixed(2)}`),
      "≤ 1",
      isComplete ? verdict(slowdown("sdk") <= 1) : open
    ]
  ]
}

const trends = (results: ReadonlyArray<Ingest.Result>, largest: number, verdict: Verdict.Verdict): string =>
  Table.format(
    [
      ["to", "sends", "growth of", "SDK", "undici", "to reach", ""],
      ...Object.values(Array.groupBy(results, ({ sends, target }) => `${target} ${sends}`)).flatMap((group) =>
        trend(group, largest, verdict)
      )
    ],
    [0, 1, 2, 6]
  )

const explain = (options: Options, largest: number): string => {
  const processors = cpus()
  return [
    `Ingestion of rows such as {"id":123,"name":"row 123","value":0.5}, ${Ingest.concurrency} requests at once.`,
    `Node ${process.version}, ${type()}, ${processors.length} × ${processors[0]?.model ?? "unknown processor"}.`,
    "SDK: WebhookSink.append over UndiciHttpClient.layer, with all policies. undici: a loop over its Pool.",
    "Each side runs compiled (esbuild), in a process of its own, warmed, in turns; the servers are processes too.",
    "Median (least–most) of the repeats. Peak RSS is the median of each run's highest.",
    options.smoke
      ? "Smoke run: few rows, hardly warmed. That it works is all that these figures say."
      : options.full
        ? `One document each goes to the emulator up to ${integer(largest / 10)} rows, for the time it takes.`
        : `One document each goes up to ${integer(largest / 10)} rows, for the time it takes: --full sends ${integer(largest)} to the bare sink.`
  ].join("\n")
}

/** The whole of what is printed. */
export const format = (results: ReadonlyArray<Ingest.Result>, options: Options): string => {
  const largest = Math.max(...Ingest.sizes(options))
  const verdict = Verdict.of(options)
  return [explain(options, largest), table(results, verdict), trends(results, largest, verdict)].join("\n\n")
}
