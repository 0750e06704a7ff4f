/** Draws the charts of the calls benchmark as SVG, for light and dark pages. */
import * as Plot from "@observablehq/plot"
import { parseHTML } from "linkedom"
import * as Statistics from "../harness/Statistics.js"
import { integer } from "../harness/Words.js"
import * as Figures from "./Figures.js"

const { document } = parseHTML("<html><body></body></html>")

const isOurs = (side: Figures.SideName): boolean => side.startsWith("sdk-")

/**
 * Returns a side's colour: blue if the side uses this SDK, and grey otherwise. Both colours are readable on white and on
 * black.
 */
const colour = ({ side }: { readonly side: Figures.SideName }): string => (isOurs(side) ? "#2f81f7" : "#8b949e")

/** A style that makes text dark on light pages, and light on dark pages. */
const style = "<style>svg { color: #1f2328 } @media (prefers-color-scheme: dark) { svg { color: #e6edf3 } }</style>"

const draw = (description: string, options: Plot.PlotOptions): string => {
  const svg = Plot.plot({ width: 840, marginTop: 34, style: { fontSize: "12px" }, ...options, document })
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg")
  svg.setAttribute("role", "img")
  svg.setAttribute("aria-label", description)
  return `${svg.outerHTML.replace(">", `>${style}`)}\n`
}

interface Bar extends Statistics.Statistics {
  readonly side: Figures.SideName
  readonly panel: string
}

/** Draws the median of each side as a bar with a number. A line on the bar joins the minimum and the maximum. */
const bars = (
  description: string,
  label: string,
  data: ReadonlyArray<Bar>,
  partly: ReadonlyArray<Bar> = []
): string => {
  const place = { y: "side", fx: "panel" }
  return draw(description, {
    height: 355,
    marginLeft: 180,
    marginRight: 24,
    x: { label, grid: true, insetRight: 44 },
    y: {
      label: null,
      domain: Figures.sideNames,
      tickFormat: (side: Figures.SideName) => Figures.sides[side],
      tickSize: 0
    },
    fx: { label: null, domain: [...new Set(data.map(({ panel }) => panel))] },
    marks: [
      Plot.barX(data, { ...place, x: "median", fill: colour, fillOpacity: 0.75 }),
      Plot.barX(partly, { ...place, x: "median", fill: colour }),
      Plot.ruleY(data, { ...place, x1: "least", x2: "most", stroke: "currentColor" }),
      Plot.text(data, {
        ...place,
        x: "most",
        text: ({ median }: Bar) => integer(median),
        textAnchor: "start",
        dx: 5,
        fill: "currentColor"
      })
    ]
  })
}

interface Point {
  readonly side: Figures.SideName
  readonly at: number
  readonly value: number
}

/** Moves overlapping labels on a logarithmic scale apart, until no two labels overlap. */
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

/** Draws a line for each side, with the side's name at the end of the line. If the side uses `fetch`, the line is dashed. */
const lines = (
  description: string,
  labels: { readonly x: string; readonly y: string },
  base: number,
  data: ReadonlyArray<Point>
): string => {
  const values = data.map(({ value }) => value)
  const domain = [Math.min(...values) * 0.8, Math.max(...values) * 1.05] as const
  const ats = [...new Set(data.map(({ at }) => at))]
  const ends = data.filter(({ at }) => at === Math.max(...ats))
  // Keep labels 14 pixels apart. On the logarithmic axis, which is 330 pixels long, this distance is the factor `gap`.
  const gap = (domain[1] / domain[0]) ** (14 / 330)
  const drawLines = (isDashed: boolean) =>
    Plot.lineY(
      data.filter(({ side }) => isDashed !== side.endsWith("undici")),
      {
        x: "at",
        y: "value",
        z: "side",
        stroke: colour,
        strokeWidth: 2,
        ...(isDashed ? { strokeDasharray: "5 3" } : {})
      }
    )
  return draw(description, {
    height: 400,
    marginLeft: 60,
    marginRight: 170,
    x: { type: "log", base, label: labels.x, ticks: ats, tickFormat: integer },
    y: { type: "log", domain, label: labels.y, grid: true, ticks: 6, tickFormat: integer },
    marks: [
      drawLines(true),
      drawLines(false),
      Plot.dot(data, { x: "at", y: "value", r: 2.5, fill: colour }),
      Plot.text(apart(ends, gap), {
        x: "at",
        y: "value",
        text: ({ side }: Point) => Figures.sides[side],
        textAnchor: "start",
        dx: 8,
        fill: (point: Point) => (isOurs(point.side) ? colour(point) : "currentColor")
      })
    ]
  })
}

const listOf50 = (figures: Figures.Figures): string =>
  bars(
    "How long each side takes to list and decode 50 webhooks, with 1 call and with 32 concurrent calls",
    "µs per call →",
    Figures.concurrencies.flatMap((concurrency) =>
      Figures.measured(figures).map((side) => ({
        side,
        panel: Figures.atOnce(concurrency),
        ...Statistics.of(Figures.turnOf(figures, "list50", concurrency, side).micros)
      }))
    )
  )

const starts = ({ cold }: Figures.Figures): string => {
  const panel = "from the start of a process to its first response; dark: loading modules"
  return bars(
    "How long each side takes from the start of its process to its first response, and how long it loads modules",
    "ms →",
    cold.map(({ answeredMillis, side }) => ({ side, panel, ...Statistics.of(answeredMillis) })),
    cold.map(({ importMillis, side }) => ({ side, panel, ...Statistics.of(importMillis) }))
  )
}

const concurrency = (figures: Figures.Figures): string =>
  lines(
    "Lists of 50 webhooks that each side reads per second, with 1 to 256 concurrent calls",
    { x: "concurrent calls →", y: "↑ lists of 50 per second" },
    2,
    Figures.measured(figures).flatMap((side) =>
      Figures.growingConcurrencies(figures).map((at) => ({
        side,
        at,
        value: Figures.listsPerSecond(figures, at, side)
      }))
    )
  )

const pages = (figures: Figures.Figures): string =>
  lines(
    "How long each side takes to read a page of 50 webhooks, in lists of 1 to 1,000 pages",
    { x: "pages read →", y: "↑ µs per page" },
    10,
    figures.pages.map((read) => ({ side: read.side, at: read.pages, value: Figures.microsPerPage(read) }))
  )

/** The charts by file name. */
export const draws: Readonly<Record<string, (figures: Figures.Figures) => string>> = {
  "calls-list.svg": listOf50,
  "calls-concurrency.svg": concurrency,
  "calls-pages.svg": pages,
  "calls-start.svg": starts
}
