/** Writes figures between the marker comments in `docs/benchmarks.md`. All other text stays the same. */
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import { Effect } from "effect"
import { Failed } from "./Failed.js"

export const docs = fileURLToPath(new URL("../../../../docs/", import.meta.url))

/** The Markdown to write, by the names in the marker comments. */
export type Parts = Readonly<Record<string, string>>

/** Replaces the marked parts of a page. Fails if the page has no marker comments for a part. */
export const revise = (text: string, parts: Parts): Effect.Effect<string, Failed> =>
  Effect.reduce(Object.entries(parts), text, (revised, [part, content]) => {
    const [begin, end] = [`<!-- ${part} -->`, `<!-- end of ${part} -->`]
    const [from, to] = [revised.indexOf(begin), revised.indexOf(end)]
    return from < 0 || to < from
      ? new Failed({ message: `docs/benchmarks.md has no markers for ${part}. Add the lines ${begin} and ${end}` })
      : Effect.succeed(`${revised.slice(0, from)}${begin}\n\n${content}\n\n${revised.slice(to)}`)
  })

export const keep = (parts: Parts) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const page = `${docs}benchmarks.md`
    yield* files.writeFileString(page, yield* revise(yield* files.readFileString(page), parts))
  })
