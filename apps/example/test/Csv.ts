/** Makes modified copies of the data file for tests. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, type Scope } from "effect"

/** Writes a copy with changed lines, and returns its path. Removes the copy when the scope closes. */
export const csv = (
  change: (lines: ReadonlyArray<string>) => ReadonlyArray<string>
): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const folder = await mkdtemp(join(tmpdir(), "weather-"))
      const text = await readFile(new URL("../data/seattle-weather.csv", import.meta.url), "utf8")
      await writeFile(join(folder, "weather.csv"), change(text.split("\n")).join("\n"))
      return folder
    }),
    (folder) => Effect.promise(() => rm(folder, { recursive: true }))
  ).pipe(Effect.map((folder) => join(folder, "weather.csv")))

/** Returns a function that keeps the header and the first `count` days. */
export const firstDays = (count: number) => (lines: ReadonlyArray<string>) => lines.slice(0, count + 1)
