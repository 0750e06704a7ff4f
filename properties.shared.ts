/**
 * Makes every property test use the same cases in each run, so that the suite is deterministic. To use other cases, set
 * `PROPERTY_SEED` to a number or to `random`.
 */
import * as FastCheck from "effect/FastCheck"

const seed = process.env["PROPERTY_SEED"] ?? "1"

if (seed !== "random") FastCheck.configureGlobal({ seed: Number(seed) })
