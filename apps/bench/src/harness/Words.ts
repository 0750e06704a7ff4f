/** Writes figures as words for the tables. */
import { cpus } from "node:os"
import type { Options } from "./Options.js"
import type { Statistics } from "./Statistics.js"

export const integer = (figure: number): string => Math.round(figure).toLocaleString("en")

export const ratio = (figure: number): string => figure.toFixed(2)

/** Writes the median. If there is more than one figure, the least and the most follow. */
export const spread = ({ count, least, median, most }: Statistics, show: (figure: number) => string): string =>
  count === 1 ? show(median) : `${show(median)} (${show(least)}–${show(most)})`

/** Says if a target was reached. A smoke run is too short to say. */
export const verdict =
  ({ smoke }: Options) =>
  (isReached: boolean): string =>
    smoke ? "not judged" : isReached ? "reached" : "missed"

export const processors = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`
