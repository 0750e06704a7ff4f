/** The sides, calls and figures of the calls benchmark. `docs/benchmarks/calls.json` holds the published figures. */
import { Array, Option, Schema, Struct } from "effect"
import * as Statistics from "../harness/Statistics.js"

/** The sides, in the order of the tables. Each key is the name of a side's module, and each value is the side's title. */
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

/** The sides that do not check responses. */
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

/** The numbers of concurrent calls with which every case is measured. */
export const concurrencies: ReadonlyArray<number> = [1, 32]

/** The targets for each case. A call of `side` may take at most `most` times as long as a call of `peer`. */
export const lines: ReadonlyArray<{ readonly side: SideName; readonly peer: SideName; readonly most: number }> = [
  { side: "sdk-own-undici", peer: "fetch", most: 1 },
  { side: "sdk-own-undici", peer: "openapi-fetch", most: 1 },
  { side: "sdk-own-undici", peer: "hey-api", most: 1 },
  { side: "sdk-own-undici", peer: "http-api-undici", most: 1 },
  { side: "sdk-own-undici", peer: "effect-undici", most: 1 },
  { side: "sdk-fetch", peer: "effect-fetch", most: 1.15 },
  { side: "sdk-fetch", peer: "http-api-fetch", most: 1 },
  { side: "sdk-fetch", peer: "hey-api", most: 1 }
]

const Side = Schema.Literal(...sideNames)

const Case = Schema.Literal(...caseNames)

/** One figure for each repeat. Figures with the same index in different sides were measured shortly after each other. */
const Repeats = Schema.Array(Schema.Number)

export const Figures = Schema.Struct({
  date: Schema.String,
  machine: Schema.String,
  versions: Schema.Record({ key: Schema.String, value: Schema.String }),
  skipped: Schema.Array(Schema.Struct({ side: Side, reason: Schema.String })),
  /** The elapsed time and the processor time of a call in microseconds, with `concurrency` concurrent calls. */
  turns: Schema.Array(
    Schema.Struct({ case: Case, concurrency: Schema.Int, side: Side, micros: Repeats, cpuMicros: Repeats })
  ),
  /** The time to read `pages` pages of 50 webhooks and then an empty page, in milliseconds. */
  pages: Schema.Array(Schema.Struct({ pages: Schema.Int, side: Side, millis: Repeats })),
  /** The time from a process's start to its first response, in milliseconds. `importMillis` is the part that loads modules. */
  cold: Schema.Array(Schema.Struct({ side: Side, importMillis: Repeats, answeredMillis: Repeats })),
  /** The bytes that a call allocates, and the size of the heap in bytes after `calls` calls. */
  memory: Schema.Array(
    Schema.Struct({
      side: Side,
      allocated: Schema.Array(Schema.Struct({ case: Case, bytes: Repeats })),
      held: Schema.Array(Schema.Struct({ calls: Schema.Int, bytes: Schema.Int }))
    })
  )
})

export type Figures = typeof Figures.Type

export const measured = ({ skipped }: Figures): ReadonlyArray<SideName> =>
  sideNames.filter((name) => !skipped.some(({ side }) => side === name))

/** Returns the first figure for which `isIt` returns true. Throws if `isIt` returns true for no figure. */
export const find = <A>(figures: ReadonlyArray<A>, isIt: (figure: A) => boolean): A =>
  Option.getOrThrow(Array.findFirst(figures, isIt))

export const turnOf = (figures: Figures, name: CaseName, concurrency: number, side: SideName) =>
  find(figures.turns, (turn) => turn.case === name && turn.concurrency === concurrency && turn.side === side)

/** Returns the numbers of concurrent calls with which lists of 50 webhooks were measured, in ascending order. */
export const growingConcurrencies = ({ turns }: Figures): ReadonlyArray<number> =>
  Array.dedupe(turns.filter((turn) => turn.case === "list50").map(({ concurrency }) => concurrency)).toSorted(
    (a, b) => a - b
  )

/** Returns how many lists of 50 webhooks a side reads per second, with a given number of concurrent calls. */
export const listsPerSecond = (figures: Figures, concurrency: number, side: SideName): number =>
  1e6 / Statistics.of(turnOf(figures, "list50", concurrency, side).micros).median

/** Returns the average time for a page, in microseconds. The empty page at the end also counts as a page. */
export const microsPerPage = ({ millis, pages }: Figures["pages"][number]): number =>
  (Statistics.of(millis).median * 1000) / (pages + 1)

export const atOnce = (concurrency: number): string => (concurrency === 1 ? "one by one" : `${concurrency} concurrent`)
