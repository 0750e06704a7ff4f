/** Formats figures for the tables. */
import { cpus } from "node:os"
import type { Options } from "./Options.js"
import type { Statistics } from "./Statistics.js"

export const integer = (figure: number): string => Math.round(figure).toLocaleString("en")

export const ratio = (figure: number): string => figure.toFixed(2)

/** Formats the median. If there is more than one figure, adds the minimum and the maximum. */
export const spread = ({ count, least, median, most }: Statistics, show: (figure: number) => string): string =>
  count === 1 ? show(median) : `${show(median)} (${show(least)}–${show(most)})`

/** Returns "reached" or "missed" for a target. Returns "not judged" in a smoke run, which is too short. */
export const verdict =
  ({ smoke }: Options) =>
  (isReached: boolean): string =>
    smoke ? "not judged" : isReached ? "reached" : "missed"

export const processors = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}`
