import type { Options } from "../harness/Options.js"

/** Returns the durations, sizes and repeats of the calls benchmark. They are very small in a smoke run. */
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
        /** The milliseconds for which each side repeats a call to warm up: first before all cases, then before each case. */
        warmUpMillis: { first: 800, case: 400 },
        /** The turns. Each turn starts with untimed calls, `leadIn` × concurrency, because the connections were idle. */
        turns: { leadIn: 3, millis: 150, repeats: repeats ?? 9 },
        /** The numbers of concurrent calls for lists of 50, in addition to 1 and 32. */
        concurrencies: { sizes: [2, 4, 8, 16, 64, 128, 256], repeats: 3 },
        /** The lengths of lists in pages. A short list is read several times, until `together` pages have been read. */
        pages: { sizes: [1, 10, 100, 1000], together: 300, repeats: 3 },
        starts: 9,
        /** The numbers of calls after which the heap is measured. */
        held: [1000, 10_000],
        allocated: { calls: 20, repeats: 9 }
      }

export type Plan = ReturnType<typeof of>
