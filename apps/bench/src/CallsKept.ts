/** What the benchmark of calls found, as it is kept in `docs/`. */
import { FileSystem, Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Effect } from "effect"
import * as CallsCharts from "./CallsCharts.js"
import * as CallsFigures from "./CallsFigures.js"
import type { Figures } from "./CallsFigures.js"
import * as CallsTables from "./CallsTables.js"
import * as Page from "./Page.js"
import * as Table from "./Table.js"

/** The parts of `docs/benchmarks.md` that hold figures. */
export const parts = (figures: Figures): Readonly<Record<string, string>> => ({
  "calls: machine": [
    `Measured on ${figures.date}: ${figures.machine}, Node ${figures.versions["node"]}, ${Object.entries(
      figures.versions
    )
      .filter(([name]) => name !== "node")
      .map(([name, version]) => `\`${name}\` ${version}`)
      .join(", ")}.`,
    ...figures.skipped.map(({ reason, side }) => `${CallsFigures.sides[side]} is left out: ${reason}`)
  ].join("\n"),
  "calls: list": Table.markdown(CallsTables.ofCase(figures, "list50"), [0]),
  "calls: cases": CallsFigures.concurrencies
    .map((concurrency) => Table.markdown(CallsTables.overview(figures, concurrency), [0]))
    .join("\n\n"),
  "calls: lines": CallsFigures.concurrencies
    .map((concurrency) => Table.markdown(CallsTables.lines(figures, concurrency, true), [0]))
    .join("\n\n"),
  "calls: allocated": Table.markdown(CallsTables.allocated(figures), [0]),
  "calls: processes": Table.markdown(CallsTables.processes(figures), [0]),
  "calls: pages": Table.markdown(CallsTables.growingPages(figures), [0])
})

/** Each measurement on a line of its own, so that a change can be read. */
const toJson = (figures: Figures): string => {
  const entries = Object.entries(figures).map(([key, value]) => {
    const text = Array.isArray(value)
      ? `[${value.map((each) => `\n    ${JSON.stringify(each)}`).join(",")}\n  ]`
      : JSON.stringify(value)
    return `  ${JSON.stringify(key)}: ${text}`
  })
  return `{\n${entries.join(",\n")}\n}\n`
}

/** Writes the figures, the charts, and the parts of `docs/benchmarks.md` that hold figures. */
export const keep = (
  figures: Figures
): Effect.Effect<void, Page.NoPlace | PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = path.join(Page.docs, "benchmarks")
    yield* files.makeDirectory(folder, { recursive: true })
    yield* files.writeFileString(path.join(folder, "calls.json"), toJson(figures))
    for (const [name, draw] of Object.entries(CallsCharts.draws)) {
      yield* files.writeFileString(path.join(folder, name), draw(figures))
    }
    yield* Page.keep(parts(figures))
  })
