/** Reports the calls benchmark: writes tables to the terminal, and tables, charts and figures to `docs/`. */
import { FileSystem } from "@effect/platform"
import { Array, Effect } from "effect"
import type { Options } from "../harness/Options.js"
import * as Page from "../harness/Page.js"
import * as Statistics from "../harness/Statistics.js"
import * as Table from "../harness/Table.js"
import * as Words from "../harness/Words.js"
import * as Calls from "./Calls.js"
import * as Charts from "./Charts.js"
import * as Figures from "./Figures.js"

/** The side with which the tables compare all other sides. */
const peer = "fetch"

const median = (figures: ReadonlyArray<number>): number => Statistics.of(figures).median

const spread = (figures: ReadonlyArray<number>): string => Words.spread(Statistics.of(figures), Words.integer)

const spreadOfRatios = (figures: ReadonlyArray<number>, peers: ReadonlyArray<number>): string =>
  Words.spread(Statistics.ofRatios(figures, peers), Words.ratio)

const caseTitles = Figures.caseNames.map((name) => Figures.cases[name])

/** Makes a table with a row for each side. */
const bySide = (
  figures: Figures.Figures,
  head: ReadonlyArray<string>,
  cells: (side: Figures.SideName) => ReadonlyArray<string>
): Table.Table => ({
  words: [0],
  lines: [head, ...Figures.measured(figures).map((side) => [Figures.sides[side], ...cells(side)])]
})

/** Makes the table of one case, which compares each side with `fetch`. */
const ofCase = (figures: Figures.Figures, name: Figures.CaseName): Table.Table =>
  bySide(
    figures,
    [
      Figures.cases[name],
      ...Figures.concurrencies.flatMap((concurrency) => [`${Figures.atOnce(concurrency)}, µs`, `/ ${peer}`, "CPU µs"])
    ],
    (side) =>
      Figures.concurrencies.flatMap((concurrency) => {
        const { cpuMicros, micros } = Figures.turnOf(figures, name, concurrency, side)
        const beside = Figures.turnOf(figures, name, concurrency, peer)
        return [spread(micros), spreadOfRatios(micros, beside.micros), Words.integer(median(cpuMicros))]
      })
  )

/** Makes the table of every case for one number of concurrent calls. */
const overview = (figures: Figures.Figures, concurrency: number): Table.Table =>
  bySide(figures, [`µs per call, ${Figures.atOnce(concurrency)}`, ...caseTitles], (side) =>
    Figures.caseNames.map((name) => Words.integer(median(Figures.turnOf(figures, name, concurrency, side).micros)))
  )

const allocated = (figures: Figures.Figures): Table.Table =>
  bySide(figures, ["KiB allocated per call", ...caseTitles], (side) => {
    const { allocated } = Figures.find(figures.memory, (each) => each.side === side)
    return Figures.caseNames.map((name) => {
      const { bytes } = Figures.find(allocated, (each) => each.case === name)
      return Words.integer(median(bytes) / 1024)
    })
  })

/** Makes the table of process starts and heap sizes. */
const processes = (figures: Figures.Figures): Table.Table => {
  const held = figures.memory[0]?.held.map(({ calls }) => `heap after ${Words.integer(calls)} calls, MiB`) ?? []
  const startOf = (name: Figures.SideName) => Figures.find(figures.cold, ({ side }) => side === name)
  return bySide(
    figures,
    ["start and heap", "modules loaded, ms", "first response, ms", `/ ${peer}`, ...held],
    (name) => {
      const { answeredMillis, importMillis } = startOf(name)
      return [
        spread(importMillis),
        spread(answeredMillis),
        spreadOfRatios(answeredMillis, startOf(peer).answeredMillis),
        ...Figures.find(figures.memory, ({ side }) => side === name).held.map(({ bytes }) =>
          (bytes / 1024 / 1024).toFixed(1)
        )
      ]
    }
  )
}

const growingConcurrency = (figures: Figures.Figures): Table.Table => {
  const concurrencies = Figures.growingConcurrencies(figures)
  return bySide(figures, ["lists of 50 per second, by concurrent calls", ...concurrencies.map(String)], (side) =>
    concurrencies.map((concurrency) => Words.integer(Figures.listsPerSecond(figures, concurrency, side)))
  )
}

const growingPages = (figures: Figures.Figures): Table.Table => {
  const sizes = Array.dedupe(figures.pages.map(({ pages }) => pages))
  return bySide(figures, ["µs per page, by pages of the list", ...sizes.map(Words.integer)], (side) =>
    sizes.map((size) => {
      const read = Figures.find(figures.pages, (each) => each.pages === size && each.side === side)
      return Words.integer(Figures.microsPerPage(read))
    })
  )
}

/** Makes the table of the targets for each case. A smoke run marks no target as missed, because it is too short. */
const lines = (figures: Figures.Figures, concurrency: number, isSmoke: boolean): Table.Table => ({
  words: [0],
  lines: [
    [`time / time of a peer, ${Figures.atOnce(concurrency)}`, "target", ...caseTitles],
    ...Figures.lines
      .filter(({ peer }) => Figures.measured(figures).includes(peer))
      .map(({ most, peer, side }) => [
        `${Figures.sides[side]} / ${Figures.sides[peer]}`,
        `≤ ${most}`,
        ...Figures.caseNames.map((name) => {
          const [own, other] = [side, peer].map((each) => Figures.turnOf(figures, name, concurrency, each).micros)
          const ratio = Words.ratio(Statistics.ofRatios(own ?? [], other ?? []).median)
          return !isSmoke && Number(ratio) > most ? `missed ${ratio}` : ratio
        })
      ])
  ]
})

const notes = ({ skipped }: Figures.Figures): ReadonlyArray<string> =>
  skipped.map(({ reason, side }) => `${Figures.sides[side]} is missing: ${reason}`)

const explain = (figures: Figures.Figures, { smoke }: Options): string => {
  const versions = Object.entries(figures.versions).map(([name, version]) => `${name} ${version}`)
  return [
    "calls: each side calls a server on this machine, which responds from memory. The calls run one by one, and then concurrently.",
    `${figures.date}, ${figures.machine}; ${versions.join(", ")}.`,
    "Each side is compiled with esbuild, runs in its own process, is warmed up, and takes turns with the other sides.",
    "Figures are the median (lowest–highest) of the repeats. A ratio compares consecutive turns. Below 1, the side is faster.",
    ...notes(figures),
    ...(smoke ? ["Smoke run: few calls and no warm-up. The figures only show that the benchmark works."] : [])
  ].join("\n")
}

const text = (figures: Figures.Figures, options: Options): string =>
  [
    explain(figures, options),
    ...[
      ...Figures.caseNames.map((name) => ofCase(figures, name)),
      allocated(figures),
      processes(figures),
      growingConcurrency(figures),
      growingPages(figures),
      ...Figures.concurrencies.map((concurrency) => lines(figures, concurrency, options.smoke))
    ].map(Table.text)
  ].join("\n\n")

/** Returns the parts of `docs/benchmarks.md` that hold figures of this benchmark. */
export const parts = (figures: Figures.Figures): Page.Parts => {
  const { node, ...others } = figures.versions
  const versions = Object.entries(others).map(([name, version]) => `\`${name}\` ${version}`)
  const forEachConcurrency = (table: (concurrency: number) => Table.Table) =>
    Figures.concurrencies.map((concurrency) => Table.markdown(table(concurrency))).join("\n\n")
  return {
    "calls: machine": [
      `Measured on ${figures.date}: ${figures.machine}, Node ${node}, ${versions.join(", ")}.`,
      ...notes(figures)
    ].join("\n"),
    "calls: list": Table.markdown(ofCase(figures, "list50")),
    "calls: cases": forEachConcurrency((concurrency) => overview(figures, concurrency)),
    "calls: lines": forEachConcurrency((concurrency) => lines(figures, concurrency, false)),
    "calls: allocated": Table.markdown(allocated(figures)),
    "calls: processes": Table.markdown(processes(figures)),
    "calls: pages": Table.markdown(growingPages(figures))
  }
}

/** Converts figures to JSON. Each measurement is on its own line, so that a diff is readable. */
const toJson = (figures: Figures.Figures): string => {
  const entries = Object.entries(figures).map(([key, value]) => {
    const text = Array.isArray(value)
      ? `[${value.map((each) => `\n    ${JSON.stringify(each)}`).join(",")}\n  ]`
      : JSON.stringify(value)
    return `  ${JSON.stringify(key)}: ${text}`
  })
  return `{\n${entries.join(",\n")}\n}\n`
}

/** Writes the figures, the charts, and the parts of `docs/benchmarks.md` that hold figures. */
const keep = (figures: Figures.Figures) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = `${Page.docs}benchmarks`
    yield* files.makeDirectory(folder, { recursive: true })
    yield* files.writeFileString(`${folder}/calls.json`, toJson(figures))
    for (const [name, draw] of Object.entries(Charts.draws)) {
      yield* files.writeFileString(`${folder}/${name}`, draw(figures))
    }
    yield* Page.keep(parts(figures))
  })

/** Runs the benchmark, and returns the text to print. With `--keep`, also writes the figures to `docs/`. */
export const report = (options: Options) =>
  Calls.measure(options).pipe(
    Effect.tap((figures) => (options.keep ? keep(figures) : Effect.void)),
    Effect.map((figures) => text(figures, options))
  )
