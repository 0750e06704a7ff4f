/** The tables of the benchmark of calls, as lines of cells, for the terminal and for the documentation. */
import { Array, Option } from "effect"
import * as CallsFigures from "./CallsFigures.js"
import type { CaseName, Figures, SideName } from "./CallsFigures.js"
import * as Statistics from "./Statistics.js"

export type Lines = ReadonlyArray<ReadonlyArray<string>>

/** What all sides are compared with, where there is one ratio. */
const peer = "fetch"

const integer = (figure: number): string => Math.round(figure).toLocaleString("en")

const spread = ({ count, least, median, most }: Statistics.Statistics, show: (figure: number) => string): string =>
  count === 1 ? show(median) : `${show(median)} (${show(least)}–${show(most)})`

const ratio = (figure: number): string => figure.toFixed(2)

const median = (figures: ReadonlyArray<number>): number => Statistics.of(figures).median

const kibibytes = (bytes: number): string => integer(bytes / 1024)

const mebibytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1)

/** What a side has in a part of the figures. */
const of = <A extends { readonly side: SideName }>(all: ReadonlyArray<A>, side: SideName): A =>
  Option.getOrThrow(Array.findFirst(all, (each) => each.side === side))

/** How many calls are under way, in words. */
export const atOnce = (concurrency: number): string => (concurrency === 1 ? "one by one" : `${concurrency} at once`)

/** One case, each side beside `fetch`. */
export const ofCase = (figures: Figures, name: CaseName): Lines => [
  [
    CallsFigures.cases[name],
    ...CallsFigures.concurrencies.flatMap((concurrency) => [`${atOnce(concurrency)}, µs`, `/ ${peer}`, "CPU µs"])
  ],
  ...CallsFigures.measured(figures).map((side) => [
    CallsFigures.sides[side],
    ...CallsFigures.concurrencies.flatMap((concurrency) => {
      const { cpuMicros, micros } = CallsFigures.turnOf(figures, name, concurrency, side)
      const beside = CallsFigures.turnOf(figures, name, concurrency, peer)
      return [
        spread(Statistics.of(micros), integer),
        spread(CallsFigures.ratios(micros, beside.micros), ratio),
        integer(median(cpuMicros))
      ]
    })
  ])
]

/** Every case, so many calls at once. */
export const overview = (figures: Figures, concurrency: number): Lines => [
  [`µs a call, ${atOnce(concurrency)}`, ...CallsFigures.caseNames.map((name) => CallsFigures.cases[name])],
  ...CallsFigures.measured(figures).map((side) => [
    CallsFigures.sides[side],
    ...CallsFigures.caseNames.map((name) =>
      integer(median(CallsFigures.turnOf(figures, name, concurrency, side).micros))
    )
  ])
]

/** The bytes that a call allocates. */
export const allocated = (figures: Figures): Lines => [
  ["KiB allocated by a call", ...CallsFigures.caseNames.map((name) => CallsFigures.cases[name])],
  ...CallsFigures.measured(figures).map((side) => [
    CallsFigures.sides[side],
    ...CallsFigures.caseNames.map((name) =>
      kibibytes(
        median(
          Option.getOrThrow(Array.findFirst(of(figures.memory, side).allocated, (each) => each.case === name)).bytes
        )
      )
    )
  ])
]

/** Starting a process, and what its heap holds after so many calls. */
export const processes = (figures: Figures): Lines => [
  [
    "a process",
    "modules loaded, ms",
    "first answer, ms",
    `/ ${peer}`,
    ...(figures.memory[0]?.held.map(({ calls }) => `heap after ${integer(calls)} calls, MiB`) ?? [])
  ],
  ...CallsFigures.measured(figures).map((side) => {
    const { answeredMillis, importMillis } = of(figures.cold, side)
    return [
      CallsFigures.sides[side],
      spread(Statistics.of(importMillis), integer),
      spread(Statistics.of(answeredMillis), integer),
      spread(CallsFigures.ratios(answeredMillis, of(figures.cold, peer).answeredMillis), ratio),
      ...of(figures.memory, side).held.map(({ bytes }) => mebibytes(bytes))
    ]
  })
]

/** The numbers of calls at once, from the least. */
export const concurrencies = (figures: Figures): ReadonlyArray<number> =>
  [...new Set(figures.turns.flatMap((turn) => (turn.case === "list50" ? [turn.concurrency] : [])))].toSorted(
    (a, b) => a - b
  )

/** How the rate changes with the calls that are under way at once. */
export const growingConcurrency = (figures: Figures): Lines => [
  ["lists of 50 a second, so many at once", ...concurrencies(figures).map(String)],
  ...CallsFigures.measured(figures).map((side) => [
    CallsFigures.sides[side],
    ...concurrencies(figures).map((concurrency) =>
      integer(1e6 / median(CallsFigures.turnOf(figures, "list50", concurrency, side).micros))
    )
  ])
]

/** Microseconds of each page; an empty one ends each list. */
export const microsOfPage = (pages: number, millis: ReadonlyArray<number>): number =>
  (median(millis) * 1000) / (pages + 1)

/** How what a page costs changes with how many there are. */
export const growingPages = (figures: Figures): Lines => {
  const sizes = [...new Set(figures.pages.map(({ pages }) => pages))]
  return [
    ["µs a page, of so many", ...sizes.map(integer)],
    ...CallsFigures.measured(figures).map((side) => [
      CallsFigures.sides[side],
      ...sizes.map((size) => {
        const { millis } = of(
          figures.pages.filter(({ pages }) => pages === size),
          side
        )
        return integer(microsOfPage(size, millis))
      })
    ])
  ]
}

/** Every line that is to be reached, in each case. */
export const lines = (figures: Figures, concurrency: number, isJudged: boolean): Lines => [
  [
    `time over a peer's, ${atOnce(concurrency)}`,
    "to reach",
    ...CallsFigures.caseNames.map((name) => CallsFigures.cases[name])
  ],
  ...CallsFigures.lines
    .filter(({ peer }) => CallsFigures.measured(figures).includes(peer))
    .map(({ most, peer, side }) => [
      `${CallsFigures.sides[side]} / ${CallsFigures.sides[peer]}`,
      `≤ ${most}`,
      ...CallsFigures.caseNames.map((name) => {
        const found = CallsFigures.ratios(
          CallsFigures.turnOf(figures, name, concurrency, side).micros,
          CallsFigures.turnOf(figures, name, concurrency, peer).micros
        ).median
        return `${isJudged && Number(ratio(found)) > most ? "missed " : ""}${ratio(found)}`
      })
    ])
]
