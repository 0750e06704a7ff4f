/** `docs/benchmarks.md`: what is written by hand, with places between that the benchmarks fill. */
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Effect, Schema } from "effect"

/** The folder that the page is in. */
export const docs = fileURLToPath(new URL("../../../docs/", import.meta.url))

const page = fileURLToPath(new URL("../../../docs/benchmarks.md", import.meta.url))

const marks = (part: string) => [`<!-- ${part} -->`, `<!-- end of ${part} -->`] as const

/** A part is wanted that the page has no place for. */
export class NoPlace extends Schema.TaggedError<NoPlace>()("NoPlace", { part: Schema.String }) {
  override get message(): string {
    return `docs/benchmarks.md has no place for ${this.part}: ${marks(this.part).join(" ")}`
  }
}

/** A text with its parts replaced. */
export const revise = (text: string, parts: Readonly<Record<string, string>>): Effect.Effect<string, NoPlace> =>
  Effect.reduce(Object.entries(parts), text, (revised, [part, content]) => {
    const [begin, end] = marks(part)
    const [from, to] = [revised.indexOf(begin), revised.indexOf(end)]
    return from < 0 || to < from
      ? new NoPlace({ part })
      : Effect.succeed(`${revised.slice(0, from)}${begin}\n\n${content}\n\n${revised.slice(to)}`)
  })

/** Writes parts of the page. */
export const keep = (
  parts: Readonly<Record<string, string>>
): Effect.Effect<void, NoPlace | PlatformError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    yield* files.writeFileString(page, yield* revise(yield* files.readFileString(page), parts))
  })
