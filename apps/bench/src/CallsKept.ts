/** What the benchmark of calls found, as it is kept in `docs/`. */
import { fileURLToPath } from "node:url"
import { FileSystem, Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Effect, Schema } from "effect"
import * as CallsCharts from "./CallsCharts.js"
import * as CallsFigures from "./CallsFigures.js"
import type { Figures } from "./CallsFigures.js"
import * as CallsTables from "./CallsTables.js"
import * as Table from "./Table.js"

const docs = fileURLToPath(new URL("../../../docs/", import.meta.url))

/** Where a part that is written by this lies between what is written by hand. */
const marks = (part: string) => [`<!-- calls: ${part} -->`, `<!-- calls: end of ${part} -->`] as const

/** The parts of `docs/benchmarks.md` that hold figures. */
export const parts = (figures: Figures): Readonly<Record<string, string>> => ({
  machine: [
    `Measured on ${figures.date}: ${figures.machine}, Node ${figures.versions["node"]}, ${Object.entries(
      figures.versions
    )
      .filter(([name]) => name !== "node")
      .map(([name, version]) => `\`${name}\` ${version}`)
      .join(", ")}.`,
    ...figures.skipped.map(({ reason, side }) => `${CallsFigures.sides[side]} is left out: ${reason}`)
  ].join("\n"),
  list: Table.markdown(CallsTables.ofCase(figures, "list50"), [0]),
  cases: CallsFigures.concurrencies
    .map((concurrency) => Table.markdown(CallsTables.overview(figures, concurrency), [0]))
    .join("\n\n"),
  lines: CallsFigures.concurrencies
    .map((concurrency) => Table.markdown(CallsTables.lines(figures, concurrency, true), [0]))
    .join("\n\n"),
  allocated: Table.markdown(CallsTables.allocated(figures), [0]),
  processes: Table.markdown(CallsTables.processes(figures), [0]),
  pages: Table.markdown(CallsTables.growingPages(figures), [0])
})

/** A part is wanted that the document has no place for. */
export class NoPlace extends Schema.TaggedError<NoPlace>()("NoPlace", { part: Schema.String }) {
  override get message(): string {
    return `docs/benchmarks.md has no place for ${this.part}: ${marks(this.part).join(" ")}`
  }
}

/** The document with its parts replaced. */
export const revise = (document: string, figures: Figures): Effect.Effect<string, NoPlace> =>
  Effect.reduce(Object.entries(parts(figures)), document, (text, [part, content]) => {
    const [begin, end] = marks(part)
    const [from, to] = [text.indexOf(begin), text.indexOf(end)]
    return from < 0 || to < from
      ? new NoPlace({ part })
      : Effect.succeed(`${text.slice(0, from)}${begin}\n\n${content}\n\n${text.slice(to)}`)
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
): Effect.Effect<void, NoPlace | PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const folder = path.join(docs, "benchmarks")
    yield* files.makeDirectory(folder, { recursive: true })
    yield* files.writeFileString(path.join(folder, "calls.json"), toJson(figures))
    for (const [name, draw] of Object.entries(CallsCharts.draws)) {
      yield* files.writeFileString(path.join(folder, name), draw(figures))
    }
    const page = path.join(docs, "benchmarks.md")
    yield* files.writeFileString(page, yield* revise(yield* files.readFileString(page), figures))
  })
