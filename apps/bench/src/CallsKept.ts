/** Keeps what the benchmark of calls found in `docs/`. */
import { Effect } from "effect"
import type { Figures } from "./CallsFigures.js"
export const keep = (_: Figures) => Effect.void
