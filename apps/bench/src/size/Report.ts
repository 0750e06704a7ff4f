/** Reports bundle sizes, import times and start times, with their targets. Writes them to `docs/benchmarks.md` with `--keep`. */
import { Effect, Either, Record } from "effect"
import * as HeyApi from "../harness/HeyApi.js"
import type { Options } from "../harness/Options.js"
import * as Page from "../harness/Page.js"
import type { Statistics } from "../harness/Statistics.js"
import * as Table from "../harness/Table.js"
import * as Words from "../harness/Words.js"
import * as ImportTime from "./ImportTime.js"
import * as Size from "./Size.js"
import * as StartTime from "./StartTime.js"

/**
 * The targets. `kilobytes` is the maximum that one operation may add to the smallest app. `millis` is the maximum that the
 * client may add to an import.
 */
const wanted = { kilobytes: 12, millis: 60 } as const

const oneOperation = ["list", "list-alone", "push"]

const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1)

const line = (app: string, title: string, floor: Size.Size, alias: Record<string, string>, options: Options) =>
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
      ...(oneOperation.includes(app)
        ? [`≤ ${wanted.kilobytes}`, Words.verdict(options)(over <= wanted.kilobytes * 1000)]
        : ["", ""])
    ]
  })

const sizes = (heyApi: Either.Either<Record<string, string>, unknown>, options: Options) =>
  Effect.gen(function* () {
    const floor = yield* Size.measure(Size.floor, "browser")
    const alias = Either.getOrElse(heyApi, () => ({}))
    const apps = Object.entries({ [Size.floor]: "the floor: one bare request", ...Size.apps, ...Size.peers })
    const lines = yield* Effect.forEach(
      apps.filter(([app]) => app !== "hey-api" || Either.isRight(heyApi)),
      ([app, title]) => line(app, title, floor, alias, options)
    )
    const head = ["app", "minified", "gzipped", "for Node", "over the floor", "target", ""]
    return { words: [0, 5, 6], lines: [head, ...lines] }
  })

const millis = ({ least, median, most }: Statistics): string =>
  `${median.toFixed(0)} (${least.toFixed(0)}–${most.toFixed(0)})`

const imports = (options: Options) =>
  Effect.gen(function* () {
    const { bundled, floor, installed } = yield* ImportTime.measure(options.repeats ?? (options.smoke ? 1 : 9))
    const own = (title: string, time: Statistics) => {
      const verdict = Words.verdict(options)(time.median <= wanted.millis)
      return [title, millis(time), `≤ ${wanted.millis}`, verdict]
    }
    return {
      words: [0, 2, 3],
      lines: [
        ["import by Node", "ms", "target", ""],
        ["modules of `effect` and `@effect/platform` that the client imports", millis(floor), "", ""],
        own("then the client, as installed", installed),
        own("or the client, bundled into one file", bundled)
      ]
    }
  })

const titles: Readonly<Record<StartTime.Program, string>> = {
  empty: "nothing",
  effect: "the client for Effect, and `FetchHttpClient`",
  promise: "`promise`",
  bundled: "`bundled/promise`"
}

const starts = (options: Options) =>
  Effect.gen(function* () {
    const { load, programs } = yield* StartTime.measure(options.repeats ?? (options.smoke ? 1 : 15))
    const head = ["a process of Node that imports", "processor, ms", "/ nothing"]
    const lines = Record.toEntries(programs).map(([name, { processor, ratio }]) => [
      titles[name],
      millis(processor),
      Words.ratio(ratio.median)
    ])
    return {
      load: load.map((each) => each.toFixed(0)).join(" before and "),
      table: { words: [0], lines: [head, ...lines] }
    }
  })

/** Runs the benchmark, and returns the text to print. With `--keep`, also writes the tables to `docs/`. */
export const report = (options: Options) =>
  Effect.gen(function* () {
    const heyApi = yield* HeyApi.alias(options)
    const tables = { sizes: yield* sizes(heyApi, options), imports: yield* imports(options) }
    const { load, table } = yield* starts(options)
    const measured = `Measured with Node ${process.versions.node} on ${Words.processors}. The load average was ${load} after.`
    const notes = Either.isLeft(heyApi) ? [`Hey API's client is missing: ${heyApi.left.message}`] : []
    if (options.keep) {
      yield* Page.keep({
        sizes: [Table.markdown(tables.sizes), ...notes].join("\n\n"),
        imports: Table.markdown(tables.imports),
        starts: [Table.markdown(table), measured].join("\n\n")
      })
    }
    const head =
      "size: bundles for browsers, in kB, gzipped with level 9. A separate column shows the bundles for Node."
    const texts = [tables.sizes, tables.imports, table].map(Table.text)
    return [[head, ...texts].join("\n\n"), measured, ...notes].join("\n")
  })
