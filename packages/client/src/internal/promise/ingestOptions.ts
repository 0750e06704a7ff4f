/** Makes the checks for the options of an ingestion. */
import { anything, callback, flag, instead, type Kinds } from "../options/kinds.js"
import { kindOf, properties } from "./callOptions.js"

/**
 * The `Kind` of each option that every ingestion has. A run has no option `deadline`, because `deadline` is for one
 * call.
 */
const ofRows: Kinds = {
  ...properties,
  deadline: instead("throttleDeadline, or a signal for the whole run"),
  throttleDeadline: anything,
  schema: anything,
  batch: { ...anything, properties: { maxRows: anything, maxBytes: anything, maxWait: anything } },
  concurrency: anything,
  gzip: flag,
  onBadRow: { expected: `"fail" or "continue"`, holds: (given) => given === "fail" || given === "continue" },
  onDeadLetter: callback,
  onOutcome: callback,
  onReport: callback
}

/** The `Kind` that checks the options of an ingestion from an iterable or a stream. */
export const ingestOptions = kindOf(ofRows)

/**
 * Makes the `Kind` that checks the options of a file's ingestion. `ofFormat` has a `Kind` for each option that only this
 * file format has.
 */
export const fileOptions = (ofFormat: Kinds) => kindOf({ ...ofRows, onBadLine: callback, ...ofFormat })
