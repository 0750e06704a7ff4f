/** The sizes and the import time, as tables, and the lines that are to be reached. */
import { type CommandExecutor, FileSystem, type Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Effect, Either } from "effect"
import * as HeyApi from "./HeyApi.js"
import * as ImportTime from "./ImportTime.js"
import type { Options } from "./Options.js"
import * as Page from "./Page.js"
import type * as Sides from "./Sides.js"
import * as Size from "./Size.js"
import type { Statistics } from "./Statistics.js"
import * as Table from "./Table.js"
import * as Verdict from "./Verdict.js"

/** What one operation may add to the floor, in kB, and the client to the time of an import, in milliseconds. */
const wanted = { kilobytes: 12, millis: 60 } as const

/** The apps that the line is for. */
const oneOperation = ["list", "list-alone", "push"]

type Lines = ReadonlyArray<ReadonlyArray<string>>

export interface Result {
  readonly sizes: Lines
  readonly imports: Lines
  /** What is left out, and why. */
  readonly notes: ReadonlyArray<string>
}

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1)

const millis = ({ least, median, most }: Statistics): string =>
  `${median.toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)})`

/** Weighs each app, and imports the client. */
export const run = (
  options: Options
): Effect.Effect<
  Result,
  Size.NotBundled | Sides.SideFailed | PlatformError,
  CommandExecutor.CommandExecutor | FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function* () {
    const verdict = Verdict.of(options)
    const floor = yield* Size.measure(Size.floor, "browser")

    const line = (app: string, title: string, alias: Readonly<Record<string, string>> = {}) =>
      Effect.gen(function* () {
        const browser = yield* Size.measure(app, "browser", { alias })
        const node = yield* Size.measure(app, "node", { alias })
        const over = browser.gzipped - floor.gzipped
        return [
          title,
          kilobytes(browser.minified),
          kilobytes(browser.gzipped),
          kilobytes(node.gzipped),
          over > 0 ? kilobytes(over) : "",
          oneOperation.includes(app) ? `≤ ${wanted.kilobytes}` : "",
          oneOperation.includes(app) ? verdict(over <= wanted.kilobytes * 1000) : ""
        ]
      })

    const generated = yield* options.smoke
      ? Effect.succeed(Either.left({ message: "a smoke test generates nothing" }))
      : Effect.either(HeyApi.entry)
    const alias = Either.match(generated, { onLeft: () => ({}), onRight: (entry) => ({ "hey-api-generated": entry }) })
    const others = Object.entries(Size.peers).filter(([app]) => app !== "hey-api" || Either.isRight(generated))
    const sizes = [
      yield* line(Size.floor, "the floor: one bare request"),
      ...(yield* Effect.forEach(Object.entries(Size.apps), ([app, title]) => line(app, title))),
      ...(yield* Effect.forEach(others, ([app, title]) => line(app, title, alias)))
    ]

    const { bundled, floor: before, installed } = yield* ImportTime.measure(options.repeats ?? (options.smoke ? 1 : 9))
    const own = (title: string, time: Statistics) => [
      title,
      millis(time),
      `≤ ${wanted.millis}`,
      verdict(time.median <= wanted.millis)
    ]
    return {
      sizes: [["app", "minified", "gzipped", "for Node", "over the floor", "to reach", ""], ...sizes],
      imports: [
        ["import by Node", "ms", "to reach", ""],
        ["what the client imports of `effect` and `@effect/platform`", millis(before), "", ""],
        own("then the client, as installed", installed),
        own("or the client, bundled into one file", bundled)
      ],
      notes: Either.match(generated, {
        onLeft: ({ message }) => [`Hey API's client is left out: ${message}`],
        onRight: () => []
      })
    }
  })

/** The tables as text. */
export const format = ({ imports, notes, sizes }: Result): string =>
  [
    "kB, for browsers unless it says otherwise; gzipped by level 9",
    "",
    Table.format(sizes, [0, 5, 6]),
    "",
    Table.format(imports, [0, 2, 3]),
    ...notes
  ].join("\n")

/** Writes the tables to `docs/benchmarks.md`. */
export const keep = ({ imports, notes, sizes }: Result): ReturnType<typeof Page.keep> =>
  Page.keep({
    sizes: [Table.markdown(sizes, [0, 5, 6]), Table.markdown(imports, [0, 2, 3]), ...notes].join("\n\n")
  })
