/** Reports the sizes and the import time with their targets, and keeps them in `docs/benchmarks.md`. */
import { Effect, Either } from "effect"
import * as HeyApi from "../harness/HeyApi.js"
import type { Options } from "../harness/Options.js"
import * as Page from "../harness/Page.js"
import type { Statistics } from "../harness/Statistics.js"
import * as Table from "../harness/Table.js"
import * as Words from "../harness/Words.js"
import * as ImportTime from "./ImportTime.js"
import * as Size from "./Size.js"

/** The kB that one operation may add to the floor, and the milliseconds that the client may add to an import. */
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
    const titles = Object.entries({ [Size.floor]: "the floor: one bare request", ...Size.apps, ...Size.peers })
    const lines = yield* Effect.forEach(
      titles.filter(([app]) => app !== "hey-api" || Either.isRight(heyApi)),
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
        own("the client on top, as installed", installed),
        own("the client on top, bundled into one file", bundled)
      ]
    }
  })

/** Runs the benchmark, keeps its tables on request, and returns the text to print. */
export const report = (options: Options) =>
  Effect.gen(function* () {
    const heyApi = yield* HeyApi.alias(options)
    const tables = [yield* sizes(heyApi, options), yield* imports(options)]
    const notes = Either.isLeft(heyApi) ? [`Hey API's client is missing: ${heyApi.left.message}`] : []
    if (options.keep) yield* Page.keep({ sizes: [...tables.map(Table.markdown), ...notes].join("\n\n") })
    const head = "size: kB of bundles for browsers, and for Node in its own column; gzipped by level 9"
    return [[head, ...tables.map(Table.text)].join("\n\n"), ...notes].join("\n")
  })
