/** Reports the ingestion benchmark: the rates, the targets, and how time and memory grow with the number of rows. */
import { type } from "node:os"
import { Array, Effect } from "effect"
import type { Options } from "../harness/Options.js"
import * as Statistics from "../harness/Statistics.js"
import * as Table from "../harness/Table.js"
import * as Words from "../harness/Words.js"
import * as Ingest from "./Ingest.js"
import type { Measurement } from "./Job.js"

const targets = { sink: "bare sink", emulator: "emulator" } as const

const sends = { one: "one document each", batches: `batches of ${Ingest.batchSize}` } as const

const both = <A>(of: (side: Ingest.SideName) => A) => [of("sdk"), of("undici")] as const

/** The targets, as fractions of undici's rate. */
const wanted = { one: 0.8, batches: 0.9 } as const

/** The target for memory. With ten times as many rows, the peak may grow by at most this many MiB. */
const mostGrowth = 64

type Figure = (result: Ingest.Result, side: Ingest.SideName) => ReadonlyArray<number>

const each =
  (figure: (measurement: Measurement, result: Ingest.Result) => number): Figure =>
  (result, side) =>
    result.measured[side].map((measurement) => figure(measurement, result))

const median = (figure: Figure, result: Ingest.Result, side: Ingest.SideName): number =>
  Statistics.of(figure(result, side)).median

/** Returns the rows per second. */
const rate = each(({ millis }, { rows }) => (rows / Statistics.of(millis).median) * 1000)

const microsPerRow = each(({ millis }, { rows }) => (Statistics.of(millis).median / rows) * 1000)

const cpuMicrosPerRow = each(({ cpuMillis }, { passes, rows }) => (cpuMillis / rows / passes) * 1000)

/** Returns the peak resident memory in MiB. */
const peak = each(({ peakRss }) => peakRss / 1024 / 1024)

/** Formats microseconds with one decimal place, or with two if the figure is less than 10. */
const micros = (figure: number): string => figure.toFixed(figure < 10 ? 2 : 1)

const rates = (results: ReadonlyArray<Ingest.Result>, options: Options): Table.Table => ({
  words: [0, 1, 7],
  lines: [
    [
      "to",
      "sends",
      "rows",
      "SDK rows/s",
      "undici rows/s",
      "SDK/undici",
      "target",
      "",
      ...["SDK µs/row", "SDK CPU µs/row", "SDK peak RSS"].flatMap((figure) => [figure, "undici"])
    ],
    ...results.map((result) => {
      const ratio = Statistics.ofRatios(rate(result, "sdk"), rate(result, "undici"))
      const line = wanted[result.sends]
      return [
        targets[result.target],
        sends[result.sends],
        Words.integer(result.rows),
        ...both((side) => Words.spread(Statistics.of(rate(result, side)), Words.integer)),
        Words.spread(ratio, Words.ratio),
        `≥ ${line}`,
        Words.verdict(options)(ratio.median >= line),
        ...[microsPerRow, cpuMicrosPerRow].flatMap((figure) => both((side) => micros(median(figure, result, side)))),
        ...both((side) => `${Math.round(median(peak, result, side))} MiB`)
      ]
    })
  ]
})

const signed = (figure: number) => `${figure < 0 ? "−" : "+"}${Math.abs(Math.round(figure))} MiB`

/** Makes the table rows that compare growing numbers of rows, for one server and one form of requests. */
const growth = (results: ReadonlyArray<Ingest.Result>, options: Options): Table.Table["lines"] => {
  const [first, before, last] = [results[0], results.at(-2), results.at(-1)]
  if (first === undefined || before === undefined || last === undefined) return []
  const isComplete = last.rows === Ingest.sizes(options).at(-1)
  const open = last.target === "sink" ? "open (--full)" : "open (sink only)"
  const verdict = Words.verdict(options)
  const [memory, peerMemory] = both((side) => median(peak, last, side) - median(peak, before, side))
  const [time, peerTime] = both((side) => median(microsPerRow, last, side) / median(microsPerRow, first, side))
  const head = [targets[last.target], sends[last.sends]]
  const most = Words.integer(last.rows)
  return [
    [
      ...head,
      `peak RSS, ${Words.integer(before.rows)} → ${most} rows`,
      `SDK ${signed(memory)}`,
      `undici ${signed(peerMemory)}`,
      `< ${mostGrowth} MiB`,
      isComplete || memory >= mostGrowth ? verdict(memory < mostGrowth) : open
    ],
    [
      ...head,
      `time per row, ${Words.integer(first.rows)} → ${most} rows`,
      `SDK × ${Words.ratio(time)}`,
      `undici × ${Words.ratio(peerTime)}`,
      "≤ 1",
      isComplete ? verdict(time <= 1) : open
    ]
  ]
}

const growths = (results: ReadonlyArray<Ingest.Result>, options: Options): Table.Table => ({
  words: [0, 1, 2, 6],
  lines: [
    ["to", "sends", "growth of", "SDK", "undici", "target", ""],
    ...Object.values(Array.groupBy(results, ({ sends, target }) => `${target} ${sends}`)).flatMap((group) =>
      growth(group, options)
    )
  ]
})

const explain = (options: Options): string => {
  const largest = Math.max(...Ingest.sizes(options))
  const tenth = Words.integer(largest / 10)
  return [
    `ingest: rows such as {"id":123,"name":"row 123","value":0.5}, with at most ${Ingest.concurrency} requests in flight.`,
    `Node ${process.version}, ${type()}, ${Words.processors}.`,
    "SDK: WebhookSink.append over UndiciHttpClient.layer, with all policies. undici: a loop over undici's Pool.",
    "Each side is compiled with esbuild, runs in its own process, is warmed up, and takes turns with the other side.",
    "Figures are the median (lowest–highest) of the runs. Peak RSS is the median of the peaks of all runs.",
    options.smoke
      ? "Smoke run: few rows and a very short warm-up. The figures only show that the benchmark works."
      : options.full
        ? `To save time, at most ${tenth} rows are sent to the emulator as single documents.`
        : `To save time, at most ${tenth} rows are sent as single documents. --full sends ${Words.integer(largest)} to the bare sink.`
  ].join("\n")
}

/** Runs the benchmark, and returns the text to print. */
export const report = (options: Options) =>
  Effect.map(Ingest.measure(options), (results) =>
    [explain(options), Table.text(rates(results, options)), Table.text(growths(results, options))].join("\n\n")
  )
