/** What the benchmark of calls found, as it is printed. */
import * as CallsFigures from "./CallsFigures.js"
import type { Figures } from "./CallsFigures.js"
import * as CallsTables from "./CallsTables.js"
import type { Options } from "./Options.js"
import * as Table from "./Table.js"

const explain = (figures: Figures, { smoke }: Options): string =>
  [
    "Calls of each side, one after the other and many at once, over loopback to a server that answers from memory.",
    `${figures.date}, ${figures.machine}; ${Object.entries(figures.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
    "Each side runs compiled (esbuild), in a process of its own, warmed, in turns; median (least–most) of the repeats.",
    "A ratio is the median of the ratios of turns that followed each other: below 1 is faster than the peer.",
    ...figures.skipped.map(({ reason, side }) => `${CallsFigures.sides[side]} is left out: ${reason}`),
    ...(smoke ? ["Smoke run: few calls, hardly warmed. That it works is all that these figures say."] : [])
  ].join("\n")

/** The whole of what is printed. */
export const format = (figures: Figures, options: Options): string =>
  [
    explain(figures, options),
    ...CallsFigures.caseNames.map((name) => Table.format(CallsTables.ofCase(figures, name), [0])),
    Table.format(CallsTables.allocated(figures), [0]),
    Table.format(CallsTables.processes(figures), [0]),
    Table.format(CallsTables.growingConcurrency(figures), [0]),
    Table.format(CallsTables.growingPages(figures), [0]),
    ...CallsFigures.concurrencies.map((concurrency) =>
      Table.format(CallsTables.lines(figures, concurrency, !options.smoke), [0])
    )
  ].join("\n\n")
