/** Reads the benchmark's command line. */
import { parseArgs } from "node:util"
import { Effect } from "effect"
import { Failed, reasonOf } from "./Failed.js"

/** The benchmarks, in the order in which they run. */
export const benchmarks = ["ingest", "outbox", "calls", "size"] as const

/** The parsed command line. {@link help} describes each option. */
export interface Options {
  readonly benchmarks: ReadonlyArray<(typeof benchmarks)[number]>
  readonly smoke: boolean
  readonly full: boolean
  readonly rows: number
  /** The number of runs. Undefined if the user gave none, because the default depends on the measurement. */
  readonly repeats: number | undefined
  readonly cpuProf: boolean
  readonly keep: boolean
}

export const help = `Compares this SDK with other clients. Each client, called a side, runs in its own process.

Usage: bench [ingest|outbox|calls|size] [options]    (default: all four)

  --rows <number>     the largest number of rows (default 1000000). For outbox: the largest number of pending rows.
                      The benchmarks also measure a tenth and a hundredth of this number
  --full              for ingest: also sends the largest number of rows to the bare sink as single documents
  --repeats <number>  how often each side runs. Default: 3, but 1 with the largest number of rows. For calls and size: 9.
                      For the start times of size: 15
  --keep              writes the figures of calls and size to docs/benchmarks.md and docs/benchmarks/
  --cpu-prof          writes CPU profiles of ingest and calls to apps/bench/dist/profiles
  --smoke             runs everything with few rows and calls, as a test. Do not use its figures
  --help              prints this help`

const flag = { type: "boolean", default: false } as const

const options = {
  smoke: flag,
  full: flag,
  rows: { type: "string" },
  repeats: { type: "string" },
  "cpu-prof": flag,
  keep: flag,
  help: flag
} as const

const positive = (name: string, text: string) =>
  /^[1-9]\d{0,8}$/.test(text)
    ? Effect.succeed(Number(text))
    : new Failed({ message: `--${name}: expected an integer from 1 to 999999999, received '${text}'` })

/** Reads the arguments. Returns `undefined` if they contain `--help`. */
export const parse = (args: ReadonlyArray<string>): Effect.Effect<Options | undefined, Failed> =>
  Effect.gen(function* () {
    const { positionals, values } = yield* Effect.try({
      try: () => parseArgs({ args: [...args], allowPositionals: true, options }),
      catch: (error) => new Failed({ message: reasonOf(error) })
    })
    if (values.help) return undefined
    const named = benchmarks.filter((name) => name === positionals[0])
    if (positionals.length > named.length) {
      const message = `unknown benchmark '${positionals.join(" ")}'. Use one of: ${benchmarks.join(", ")}`
      return yield* new Failed({ message })
    }
    if (values.keep && values.smoke) {
      return yield* new Failed({
        message:
          "--keep cannot be used with --smoke, because a smoke run is too short for reliable figures. Remove one of the flags"
      })
    }
    return {
      benchmarks: named.length === 0 ? benchmarks : named,
      smoke: values.smoke,
      full: values.full,
      rows: values.rows === undefined ? (values.smoke ? 1000 : 1_000_000) : yield* positive("rows", values.rows),
      repeats: values.repeats === undefined ? undefined : yield* positive("repeats", values.repeats),
      cpuProf: values["cpu-prof"],
      keep: values.keep
    }
  })
