/** Computes the median, the minimum and the maximum of repeated measurements. */
import { Array } from "effect"

export interface Statistics {
  readonly median: number
  readonly least: number
  readonly most: number
  readonly count: number
}

/** Returns the statistics of figures. Needs at least one figure. */
export const of = (figures: ReadonlyArray<number>): Statistics => {
  const sorted = figures.toSorted((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  const half = Math.floor(sorted.length / 2)
  return {
    median: sorted.length % 2 === 1 ? at(half) : (at(half - 1) + at(half)) / 2,
    least: at(0),
    most: at(sorted.length - 1),
    count: sorted.length
  }
}

/** Divides each figure by the peer's figure with the same index. Both figures were measured shortly after each other. */
export const ofRatios = (figures: ReadonlyArray<number>, peers: ReadonlyArray<number>): Statistics =>
  of(Array.zipWith(figures, peers, (figure, peer) => figure / peer))
