/** Writes figures between the marks in `docs/benchmarks.md`, and leaves the rest as it is. */
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import { Effect } from "effect"
import { Failed } from "./Failed.js"

export const docs = fileURLToPath(new URL("../../../../docs/", import.meta.url))

/** The texts to write, by the names in the marks. */
export type Parts = Readonly<Record<string, string>>

/** Replaces parts of a text. Fails if the text has no marks for one of them. */
export const revise = (text: string, parts: Parts): Effect.Effect<string, Failed> =>
  Effect.reduce(Object.entries(parts), text, (revised, [part, content]) => {
    const [begin, end] = [`<!-- ${part} -->`, `<!-- end of ${part} -->`]
    const [from, to] = [revised.indexOf(begin), revised.indexOf(end)]
    return from < 0 || to < from
      ? new Failed({ message: `docs/benchmarks.md has no place for ${part}. Add the lines ${begin} and ${end}` })
      : Effect.succeed(`${revised.slice(0, from)}${begin}\n\n${content}\n\n${revised.slice(to)}`)
  })

export const keep = (parts: Parts) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const page = `${docs}benchmarks.md`
    yield* files.writeFileString(page, yield* revise(yield* files.readFileString(page), parts))
  })
