/**
 * Gives every property test the same cases in each run, so that the suite is deterministic. `PROPERTY_SEED` gives other
 * cases: a number, or `random`.
 */
import * as FastCheck from "effect/FastCheck"

const seed = process.env["PROPERTY_SEED"] ?? "1"

if (seed !== "random") FastCheck.configureGlobal({ seed: Number(seed) })
