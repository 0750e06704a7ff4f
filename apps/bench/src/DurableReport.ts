/** What the outbox benchmark found, as tables, and the lines that are to be reached. */
import { cpus, type } from "node:os"
import type * as Durable from "./Durable.js"
import type { Options } from "./Options.js"
import type { DurableMeasurement } from "./sides/DurableJob.js"
import * as Statistics from "./Statistics.js"
import * as Table from "./Table.js"
import * as Verdict from "./Verdict.js"

const names = { sqlite: "SQLite", postgres: "Postgres" } as const

const integer = (figure: number): string => Math.round(figure).toLocaleString("en")

const spread = ({ count, least, median, most }: Statistics.Statistics, show: (figure: number) => string): string =>
  count === 1 ? show(median) : `${show(median)} (${show(least)}–${show(most)})`

/** What is measured, of the outbox and of the plain loop. */
const figures: ReadonlyArray<
  readonly [
    what: string,
    of: (measurement: DurableMeasurement) => number,
    plain: (measurement: DurableMeasurement) => number
  ]
> = [
  ["offer, one by one", ({ outbox }) => outbox.single, ({ plain }) => plain.offers],
  ["offerAll, 500 each", ({ outbox }) => outbox.all, ({ plain }) => plain.offers],
  ["delivery, one document each", ({ outbox }) => outbox.one, ({ plain }) => plain.deliveries],
  ["delivery, batches of 500", ({ outbox }) => outbox.batches, ({ plain }) => plain.deliveries],
  ["end to end, batched", ({ outbox }) => outbox.endToEnd, ({ plain }) => plain.endToEnd]
]

/** What the rate end to end is to be of the plain loop's, and by how much a claim may cost more with more pending. */
const wanted = { endToEnd: 0.7, claims: 1.5 }

export const format = (results: ReadonlyArray<Durable.Result>, options: Options): string => {
  const verdict = Verdict.of(options)
  const rates = results.flatMap(({ measured, store }) =>
    figures.map(([what, of, plain], index) => {
      const ratio = Statistics.of(measured.map((each) => of(each) / plain(each)))
      const isLine = index === figures.length - 1
      return [
        names[store],
        what,
        spread(Statistics.of(measured.map(of)), integer),
        spread(Statistics.of(measured.map(plain)), integer),
        spread(ratio, (figure) => figure.toFixed(2)),
        isLine ? `≥ ${wanted.endToEnd}` : "",
        isLine ? verdict(ratio.median >= wanted.endToEnd) : ""
      ]
    })
  )
  const claims = results.flatMap(({ measured, store }) => {
    const sizes = measured[0]?.claims.map(({ pending }) => pending) ?? []
    const medians = sizes.map(
      (size) =>
        Statistics.of(
          measured.flatMap((each) => each.claims.flatMap(({ millis, pending }) => (pending === size ? [millis] : [])))
        ).median
    )
    const growth = Math.max(...medians) / Math.min(...medians)
    return [
      [
        names[store],
        sizes.map((size, index) => `${medians[index]?.toFixed(2)} ms at ${integer(size)}`).join(", "),
        `× ${growth.toFixed(2)}`,
        `≤ ${wanted.claims}`,
        verdict(growth <= wanted.claims)
      ]
    ]
  })
  return [
    `Node ${process.versions.node}, ${type()}, ${cpus().length} × ${cpus()[0]?.model ?? "processor"}; rows a second`,
    "",
    Table.format([["store", "what", "outbox", "plain loop", "outbox/plain", "to reach", ""], ...rates], [0, 1, 5, 6]),
    "",
    Table.format(
      [["store", "a claim of 100 rows, with so many pending", "growth", "to reach", ""], ...claims],
      [0, 1, 3, 4]
    )
  ].join("\n")
}
