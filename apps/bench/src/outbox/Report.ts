/** Reports the outbox benchmark: the rates compared with the plain loop, the times of claims, and the targets. */
import { type } from "node:os"
import { Effect } from "effect"
import type { Options } from "../harness/Options.js"
import * as Statistics from "../harness/Statistics.js"
import * as Table from "../harness/Table.js"
import * as Words from "../harness/Words.js"
import type { Measurement } from "./Job.js"
import * as Outbox from "./Outbox.js"

const names = { sqlite: "SQLite", postgres: "Postgres" } as const

/** One row of the table, which compares a rate of the outbox with a rate of the plain loop. */
interface Comparison {
  readonly title: string
  readonly outbox: keyof Measurement["outbox"]
  readonly plain: keyof Measurement["plain"]
  /** The target, as a fraction of the plain loop's rate. */
  readonly wanted?: number
}

const comparisons: ReadonlyArray<Comparison> = [
  { title: "offer, one by one", outbox: "single", plain: "offers" },
  { title: "offerAll, 500 each", outbox: "all", plain: "offers" },
  { title: "delivery, one document each", outbox: "one", plain: "deliveries" },
  { title: "delivery, batches of 500", outbox: "batches", plain: "deliveries" },
  { title: "end to end, batched", outbox: "endToEnd", plain: "endToEnd", wanted: 0.7 }
]

/**
 * The target for claims. The benchmark measures the median time of a claim for several numbers of pending rows. The longest
 * of these medians may be at most this many times the shortest.
 */
const mostGrowth = 1.5

const rates = (results: ReadonlyArray<Outbox.Result>, options: Options): Table.Table => ({
  words: [0, 1, 5, 6],
  lines: [
    ["store", "step", "outbox", "plain loop", "outbox/plain", "target", ""],
    ...results.flatMap(({ measured, store }) =>
      comparisons.map(({ outbox, plain, title, wanted }) => {
        const [own, peer] = [measured.map((each) => each.outbox[outbox]), measured.map((each) => each.plain[plain])]
        const ratio = Statistics.ofRatios(own, peer)
        return [
          names[store],
          title,
          Words.spread(Statistics.of(own), Words.integer),
          Words.spread(Statistics.of(peer), Words.integer),
          Words.spread(ratio, Words.ratio),
          ...(wanted === undefined ? ["", ""] : [`≥ ${wanted}`, Words.verdict(options)(ratio.median >= wanted)])
        ]
      })
    )
  ]
})

const claims = (results: ReadonlyArray<Outbox.Result>, options: Options): Table.Table => ({
  words: [0, 1, 3, 4],
  lines: [
    ["store", "a claim of 100 rows, by number of pending rows", "growth", "target", ""],
    ...results.map(({ measured, store }) => {
      const sizes = measured[0]?.claims.map(({ pending }) => pending) ?? []
      const medians = sizes.map(
        (_, index) => Statistics.of(measured.flatMap(({ claims }) => claims[index]?.millis ?? [])).median
      )
      const growth = Math.max(...medians) / Math.min(...medians)
      return [
        names[store],
        sizes.map((size, index) => `${medians[index]?.toFixed(2)} ms at ${Words.integer(size)}`).join(", "),
        `× ${Words.ratio(growth)}`,
        `≤ ${mostGrowth}`,
        Words.verdict(options)(growth <= mostGrowth)
      ]
    })
  ]
})

/** Runs the benchmark, and returns the text to print. */
export const report = (options: Options) =>
  Effect.map(Outbox.measure(options), (results) =>
    [
      `outbox: rows per second. Node ${process.version}, ${type()}, ${Words.processors}.`,
      Table.text(rates(results, options)),
      Table.text(claims(results, options))
    ].join("\n\n")
  )
