/** What the command line asks for. */
import { parseArgs } from "node:util"
import { Effect, Schema } from "effect"

export interface Options {
  /** Which benchmark. */
  readonly benchmark: "ingest" | "outbox" | "size"
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
  /** Keeps the figures in `docs/benchmarks.md`. */
  readonly keep: boolean
}

export const help = `Measures this SDK beside hand-written peers, each side in a process of its own.

Usage: bench [ingest|outbox|size] [options]

  --rows <number>     the largest number of rows (default 1000000), for the outbox of those that are pending; a tenth and
                      a hundredth of it are measured too
  --full              sends the largest number one document each too, to the bare server
  --repeats <number>  how often each pair of sides runs (default 3, and 1 for the largest number of rows)
  --cpu-prof          writes a CPU profile of each side to apps/bench/dist/profiles
  --keep              writes the sizes to docs/benchmarks.md
  --smoke             tries everything with few rows, in seconds
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
    const [benchmark = "ingest", ...others] = positionals
    if ((benchmark !== "ingest" && benchmark !== "outbox" && benchmark !== "size") || others.length > 0) {
      return yield* new BadUsage({
        message: `there is no benchmark '${positionals.join(" ")}', only ingest, outbox and size`
      })
    }
    return {
      benchmark,
      smoke: values.smoke,
      full: values.full,
      rows: values.rows === undefined ? (values.smoke ? 1000 : 1_000_000) : yield* positive("rows", values.rows),
      repeats: values.repeats === undefined ? undefined : yield* positive("repeats", values.repeats),
      cpuProf: values["cpu-prof"],
      keep: values.keep
    }
  })
