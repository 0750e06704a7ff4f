/** Measures the processor time of Node processes that import the SDK, compared with a process that imports nothing. */
import { loadavg } from "node:os"
import { Command, FileSystem } from "@effect/platform"
import { Array, Effect, Record, Schema } from "effect"
import { because } from "../harness/Failed.js"
import * as Statistics from "../harness/Statistics.js"
import { importAll, install, modules } from "./Installed.js"

/** The programs, and the modules that each program imports. All programs are compared with `empty`. */
const programs = {
  empty: [],
  effect: ["effect/Effect", "effect/Layer", "@effect/platform/FetchHttpClient", ...modules],
  promise: ["@mammoth-effect/client/promise"],
  bundled: ["@mammoth-effect/client/bundled/promise"]
} as const satisfies Record<string, ReadonlyArray<string>>

export type Program = keyof typeof programs

/** The processor time of one process since its start, in milliseconds. */
const Millis = Schema.NumberFromString

// Print the processor time of all threads, because V8 compiles code and collects garbage in other threads.
const tell = ["const { system, user } = process.cpuUsage()", "process.stdout.write(String((system + user) / 1000))"]

/** The processor time in milliseconds, and its ratio to the time of the empty process in the same turn. */
export interface Start {
  readonly processor: Statistics.Statistics
  readonly ratio: Statistics.Statistics
}

export interface Starts {
  readonly programs: Readonly<Record<Program, Start>>
  /** The load average of the last minute, before and after the measurement. */
  readonly load: readonly [before: number, after: number]
}

const now = Effect.sync(() => loadavg()[0] ?? Number.NaN)

/** Runs all programs once in each turn. Each turn uses the reverse order of the previous turn. */
export const measure = (turns: number) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const folder = yield* install
    const before = yield* now
    const time = (program: string) =>
      Effect.flatMap(Command.string(Command.make(process.execPath, `${folder}/${program}.mjs`)), Schema.decode(Millis))
    const names = Record.keys(programs)
    for (const name of names) {
      yield* files.writeFileString(`${folder}/${name}.mjs`, [...importAll(programs[name]), ...tell].join("\n"))
      // Run the program once without measuring, so that its files are in the system's cache.
      yield* time(name)
    }
    const runs = yield* Effect.forEach(Array.range(1, turns), (turn) =>
      Effect.forEach(turn % 2 === 0 ? Array.reverse(names) : names, (name) =>
        Effect.map(time(name), (processor) => ({ name, processor }))
      )
    )
    const of = (name: Program) =>
      runs.flatMap((turn) => turn.filter((run) => run.name === name).map(({ processor }) => processor))
    return {
      programs: Record.map(programs, (_, name) => ({
        processor: Statistics.of(of(name)),
        ratio: Statistics.ofRatios(of(name), of("empty"))
      })),
      load: [before, yield* now]
    } satisfies Starts
  }).pipe(Effect.scoped, Effect.mapError(because("Could not measure the start times of the programs")))
