import type { Options } from "../harness/Options.js"

/** Returns the durations, sizes and repeats of the calls benchmark. A smoke run gets very small values. */
export const of = ({ repeats, smoke }: Options) =>
  smoke
    ? {
        warmUpMillis: { first: 0, case: 0 },
        turns: { leadIn: 0, millis: 1, repeats: 1 },
        concurrencies: { sizes: [64], repeats: 1 },
        pages: { sizes: [1, 3], together: 2, repeats: 1 },
        starts: 1,
        held: [32, 64],
        allocated: { calls: 2, repeats: 1 }
      }
    : {
        /** The duration of a side's warm-up, in milliseconds: `first` before all cases, and `case` before each case. */
        warmUpMillis: { first: 800, case: 400 },
        /** First, a side makes `leadIn` × concurrency untimed calls. Then it makes timed calls for `millis` milliseconds. */
        turns: { leadIn: 3, millis: 150, repeats: repeats ?? 9 },
        /** The numbers of concurrent calls for lists of 50 webhooks, in addition to 1 and 32. */
        concurrencies: { sizes: [2, 4, 8, 16, 64, 128, 256], repeats: 3 },
        /** The lengths of lists in pages. A side reads a short list several times, until it has read `together` pages. */
        pages: { sizes: [1, 10, 100, 1000], together: 300, repeats: 3 },
        starts: 9,
        /** The numbers of calls after which the heap is measured. */
        held: [1000, 10_000],
        allocated: { calls: 20, repeats: 9 }
      }

export type Plan = ReturnType<typeof of>
