/** What the benchmark of calls measures, as it is kept in `docs/benchmarks/calls.json`. */
import { Array, Option, Schema, Struct } from "effect"
import * as Statistics from "./Statistics.js"

/** The sides in the order of the tables, by the names of their modules. */
export const sides = {
  undici: "undici's Pool",
  fetch: "fetch",
  "openapi-fetch": "openapi-fetch",
  "hey-api": "Hey API with zod",
  "http-api-fetch": "HttpApiClient on fetch",
  "http-api-undici": "HttpApiClient on undici",
  "effect-fetch": "bare Effect on fetch",
  "effect-undici": "bare Effect on undici",
  "sdk-fetch": "SDK on fetch",
  "sdk-undici": "SDK on undici",
  "sdk-own-undici": "SDK on UndiciHttpClient"
} as const

export type SideName = keyof typeof sides

export const sideNames: ReadonlyArray<SideName> = Struct.keys(sides)

/** The sides that take any answer for what was asked for. */
export const unchecked: ReadonlyArray<SideName> = ["undici", "fetch", "openapi-fetch"]

/** The calls in the order of the tables. */
export const cases = {
  list50: "list of 50",
  list100: "list of 100",
  getDetails: "getDetails",
  create: "create",
  addSmall: "addData, small",
  addLarge: "addData, 64 KiB"
} as const

export type CaseName = keyof typeof cases

export const caseNames: ReadonlyArray<CaseName> = Struct.keys(cases)

const Side = Schema.Literal(...sideNames)

const Case = Schema.Literal(...caseNames)

/** Repeat after repeat: the figures of all sides at one position were measured one after the other. */
const Repeats = Schema.Array(Schema.Number)

export const Figures = Schema.Struct({
  date: Schema.String,
  machine: Schema.String,
  versions: Schema.Record({ key: Schema.String, value: Schema.String }),
  skipped: Schema.Array(Schema.Struct({ side: Side, reason: Schema.String })),
  /** So many calls at once, for a while: microseconds that passed for each, and that the process worked. */
  turns: Schema.Array(
    Schema.Struct({ case: Case, concurrency: Schema.Int, side: Side, micros: Repeats, cpuMicros: Repeats })
  ),
  /** A list of so many pages of 50, one after the other, and an empty one, in milliseconds. */
  pages: Schema.Array(Schema.Struct({ pages: Schema.Int, side: Side, millis: Repeats })),
  /** From the start of a process to its first answer, and of that the loading of modules, in milliseconds. */
  cold: Schema.Array(Schema.Struct({ side: Side, importMillis: Repeats, answeredMillis: Repeats })),
  /** Bytes that a call allocates, and that are held after so many calls. */
  memory: Schema.Array(
    Schema.Struct({
      side: Side,
      allocated: Schema.Array(Schema.Struct({ case: Case, bytes: Repeats })),
      held: Schema.Array(Schema.Struct({ calls: Schema.Int, bytes: Schema.Int }))
    })
  )
})

export type Figures = typeof Figures.Type

export type Turn = Figures["turns"][number]

/** The sides that were measured. */
export const measured = ({ skipped }: Figures): ReadonlyArray<SideName> =>
  sideNames.filter((name) => !skipped.some(({ side }) => side === name))

/** The turns of a side, which is not one that was left out. */
export const turnOf = (figures: Figures, name: CaseName, concurrency: number, side: SideName): Turn =>
  Option.getOrThrow(
    Array.findFirst(
      figures.turns,
      (turn) => turn.case === name && turn.concurrency === concurrency && turn.side === side
    )
  )

/** The ratios of figures that were measured one after the other. */
export const ratios = (figures: ReadonlyArray<number>, peers: ReadonlyArray<number>): Statistics.Statistics =>
  Statistics.of(Array.zipWith(figures, peers, (figure, peer) => figure / peer))

/** That a side takes at most so much of a peer's time for a call. */
export interface Line {
  readonly side: SideName
  readonly peer: SideName
  readonly most: number
}

/** The layers that are to reach the lines. */
const [onUndici, onFetch] = ["sdk-own-undici", "sdk-fetch"] as const

/** What is to be reached, in each case, one call after the other and 32 at once. */
export const lines: ReadonlyArray<Line> = [
  { side: onUndici, peer: "fetch", most: 1 },
  { side: onUndici, peer: "openapi-fetch", most: 1 },
  { side: onUndici, peer: "hey-api", most: 1 },
  { side: onUndici, peer: "http-api-undici", most: 1 },
  { side: onUndici, peer: "effect-undici", most: 1 },
  { side: onFetch, peer: "effect-fetch", most: 1.15 },
  { side: onFetch, peer: "http-api-fetch", most: 1 },
  { side: onFetch, peer: "hey-api", most: 1 }
]

/** How many calls at once the cases are measured with. */
export const concurrencies: ReadonlyArray<number> = [1, 32]
