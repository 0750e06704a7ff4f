/** The charts of the benchmark of calls, as SVG that reads on light and on dark pages. */
import * as Plot from "@observablehq/plot"
import { parseHTML } from "linkedom"
import * as CallsFigures from "./CallsFigures.js"
import type { Figures, SideName } from "./CallsFigures.js"
import * as CallsTables from "./CallsTables.js"
import * as Statistics from "./Statistics.js"

const { document } = parseHTML("<html><body></body></html>")

/** What is ours has a colour that reads on white and on black; what others made is grey. */
const colour = (side: SideName): string => (side.startsWith("sdk-") ? "#2f81f7" : "#8b949e")

const isOnUndici = (side: SideName): boolean => side.endsWith("undici")

/** The text has the colour that the reader's system asks for. */
const style = "<style>svg { color: #1f2328 } @media (prefers-color-scheme: dark) { svg { color: #e6edf3 } }</style>"

const width = 840

const draw = (description: string, options: Plot.PlotOptions): string => {
  const svg = Plot.plot({ width, style: { fontSize: "12px" }, ...options, document })
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg")
  svg.setAttribute("role", "img")
  svg.setAttribute("aria-label", description)
  return `${svg.outerHTML.replace(">", `>${style}`)}\n`
}

const integer = (figure: number): string => Math.round(figure).toLocaleString("en")

interface Bar {
  readonly side: SideName
  readonly panel: string
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Bars from the first side to the last, with the spread as a line and the median as a number. */
const bars = (description: string, label: string, data: ReadonlyArray<Bar>, partly: ReadonlyArray<Bar> = []): string =>
  draw(description, {
    height: 355,
    marginLeft: 180,
    marginRight: 24,
    marginTop: 34,
    x: { label, grid: true, insetRight: 44 },
    y: {
      label: null,
      domain: CallsFigures.sideNames,
      tickFormat: (side: SideName) => CallsFigures.sides[side],
      tickSize: 0
    },
    fx: { label: null, domain: [...new Set(data.map(({ panel }) => panel))] },
    marks: [
      Plot.barX(data, {
        x: "median",
        y: "side",
        fx: "panel",
        fill: ({ side }: Bar) => colour(side),
        fillOpacity: 0.75
      }),
      Plot.barX(partly, { x: "median", y: "side", fx: "panel", fill: ({ side }: Bar) => colour(side) }),
      Plot.ruleY(data, { x1: "least", x2: "most", y: "side", fx: "panel", stroke: "currentColor" }),
      Plot.text(data, {
        x: "most",
        y: "side",
        fx: "panel",
        text: ({ median }: Bar) => integer(median),
        textAnchor: "start",
        dx: 5,
        fill: "currentColor"
      })
    ]
  })

interface Point {
  readonly side: SideName
  readonly at: number
  readonly value: number
}

/** Moves labels that would lie on one another apart, on a scale of logarithms, as little as they can be. */
const apart = (points: ReadonlyArray<Point>, gap: number): ReadonlyArray<Point> => {
  const sorted = points.toSorted((a, b) => a.value - b.value)
  const places = sorted.map(({ value }) => Math.log(value))
  for (let round = 0; round < 1000; round++) {
    for (let index = 1; index < places.length; index++) {
      const [below = 0, above = 0] = [places[index - 1], places[index]]
      const short = Math.log(gap) - (above - below)
      if (short > 0) [places[index - 1], places[index]] = [below - short / 2, above + short / 2]
    }
  }
  return sorted.map((point, index) => ({ ...point, value: Math.exp(places[index] ?? 0) }))
}

/** Lines over numbers that double or grow tenfold, each with its name at its end; dashed where `fetch` is below. */
const lines = (
  description: string,
  labels: { readonly x: string; readonly y: string },
  base: number,
  data: ReadonlyArray<Point>
): string => {
  const values = data.map(({ value }) => value)
  const domain = [Math.min(...values) * 0.8, Math.max(...values) * 1.05] as const
  const [height, inner] = [400, 330]
  const ats = [...new Set(data.map(({ at }) => at))]
  const last = Math.max(...ats)
  // 14 pixels, as a factor
  const gap = (domain[1] / domain[0]) ** (14 / inner)
  return draw(description, {
    height,
    marginLeft: 60,
    marginRight: 170,
    marginTop: 34,
    x: { type: "log", base, label: labels.x, ticks: ats, tickFormat: integer },
    y: { type: "log", domain, label: labels.y, grid: true, ticks: 6, tickFormat: integer },
    marks: [
      ...(["fetch", "undici"] as const).map((below) =>
        Plot.lineY(
          data.filter(({ side }) => isOnUndici(side) === (below === "undici")),
          {
            x: "at",
            y: "value",
            z: "side",
            stroke: ({ side }: Point) => colour(side),
            strokeWidth: 2,
            ...(below === "fetch" ? { strokeDasharray: "5 3" } : {})
          }
        )
      ),
      Plot.dot(data, { x: "at", y: "value", r: 2.5, fill: ({ side }: Point) => colour(side) }),
      Plot.text(
        apart(
          data.filter(({ at }) => at === last),
          gap
        ),
        {
          x: "at",
          y: "value",
          text: ({ side }: Point) => CallsFigures.sides[side],
          textAnchor: "start",
          dx: 8,
          fill: ({ side }: Point) => (side.startsWith("sdk-") ? colour(side) : "currentColor")
        }
      )
    ]
  })
}

const listOf50 = (figures: Figures): string =>
  bars(
    "Time of a decoded list of 50 webhooks for each side, one by one and 32 at once",
    "µs a call →",
    CallsFigures.concurrencies.flatMap((concurrency) =>
      CallsFigures.measured(figures).map((side) => ({
        side,
        panel: CallsTables.atOnce(concurrency),
        ...Statistics.of(CallsFigures.turnOf(figures, "list50", concurrency, side).micros)
      }))
    )
  )

const starts = (figures: Figures): string => {
  const panel = "start of a process to its first answer; dark: loading modules"
  return bars(
    "Time from the start of a process to its first answer for each side, and of that for loading modules",
    "ms →",
    figures.cold.map(({ answeredMillis, side }) => ({ side, panel, ...Statistics.of(answeredMillis) })),
    figures.cold.map(({ importMillis, side }) => ({ side, panel, ...Statistics.of(importMillis) }))
  )
}

const concurrency = (figures: Figures): string =>
  lines(
    "Lists of 50 a second for each side, from 1 to 256 at once",
    { x: "calls at once →", y: "↑ lists of 50 a second" },
    2,
    CallsFigures.measured(figures).flatMap((side) =>
      CallsTables.concurrencies(figures).map((at) => ({
        side,
        at,
        value: 1e6 / Statistics.of(CallsFigures.turnOf(figures, "list50", at, side).micros).median
      }))
    )
  )

const pages = (figures: Figures): string =>
  lines(
    "Time for each page of 50 webhooks for each side, from 1 page to 1,000",
    { x: "pages read →", y: "↑ µs a page" },
    10,
    figures.pages.map(({ millis, pages, side }) => ({
      side,
      at: pages,
      value: CallsTables.microsOfPage(pages, millis)
    }))
  )

/** The charts, by the names of their files. */
export const draws: Readonly<Record<string, (figures: Figures) => string>> = {
  "calls-list.svg": listOf50,
  "calls-concurrency.svg": concurrency,
  "calls-pages.svg": pages,
  "calls-start.svg": starts
}
