/** What the command line asks for. */
import { parseArgs } from "node:util"
import { Effect, Schema } from "effect"

/** The benchmarks, in the order in which they run. */
export const benchmarks = ["ingest", "outbox", "calls", "size"] as const

export interface Options {
  /** Which benchmarks. */
  readonly benchmarks: ReadonlyArray<(typeof benchmarks)[number]>
  /** Tries everything with few rows: that it works, not how fast. */
  readonly smoke: boolean
  /** Also sends the largest number of rows one document each, to the bare server. */
  readonly full: boolean
  /** The largest number of rows; the smaller sizes are a tenth and a hundredth of it. */
  readonly rows: number
  /** How often each measurement is made; by default 3 times, once for the largest size. */
  readonly repeats: number | undefined
  /** Writes a CPU profile of each side to `dist/profiles`. */
  readonly cpuProf: boolean
  /** Keeps the figures of calls and sizes in `docs/`. */
  readonly keep: boolean
}

export const help = `Measures this SDK beside hand-written peers, each side in a process of its own.

Usage: bench [ingest|outbox|calls|size] [options]    (all of them, where none is named)

  --rows <number>     the largest number of rows (default 1000000), for the outbox of those that are pending; a tenth and
                      a hundredth of it are measured too
  --full              sends the largest number one document each too, to the bare server
  --repeats <number>  how often each side runs (default 3, and 1 for the largest number of rows; for the calls 9)
  --keep              writes the figures of calls and sizes to docs/benchmarks.md and docs/benchmarks/
  --cpu-prof          writes a CPU profile of each side to apps/bench/dist/profiles
  --smoke             tries everything with few rows and calls, in seconds
  --help              this text`

/** The command line is not what {@link help} describes. */
export class BadUsage extends Schema.TaggedError<BadUsage>()("BadUsage", { message: Schema.String }) {}

const positive = (flag: string, text: string) =>
  /^[1-9]\d{0,8}$/.test(text)
    ? Effect.succeed(Number(text))
    : Effect.fail(new BadUsage({ message: `--${flag} takes a number from 1 to 999999999, not '${text}'` }))

/** Reads the arguments; yields `undefined` where the help is asked for. */
export const parse = (args: ReadonlyArray<string>): Effect.Effect<Options | undefined, BadUsage> =>
  Effect.gen(function* () {
    const { positionals, values } = yield* Effect.try({
      try: () =>
        parseArgs({
          args: [...args],
          allowPositionals: true,
          options: {
            smoke: { type: "boolean", default: false },
            full: { type: "boolean", default: false },
            rows: { type: "string" },
            repeats: { type: "string" },
            "cpu-prof": { type: "boolean", default: false },
            keep: { type: "boolean", default: false },
            help: { type: "boolean", default: false }
          }
        }),
      catch: (error) => new BadUsage({ message: error instanceof Error ? error.message : String(error) })
    })
    if (values.help) return undefined
    const named = benchmarks.filter((name) => name === positionals[0])
    if (positionals.length > named.length) {
      return yield* new BadUsage({
        message: `there is no benchmark '${positionals.join(" ")}', only ${benchmarks.join(", ")}`
      })
    }
    if (values.keep && values.smoke) {
      return yield* new BadUsage({ message: "--keep keeps figures, and those of --smoke mean nothing" })
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
