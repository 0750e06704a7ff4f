/** Describes the options of ingestion. */
import { anything, callback, flag, instead, type Kinds } from "../options/kinds.js"
import { kindOf, properties } from "./callOptions.js"

/** The options of every ingestion. A run has no `deadline`: that option is for one call. */
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

/** The options of an ingestion of rows. */
export const ingestOptions = kindOf(ofRows)

/** Makes the kind of options for an ingestion of a file, with the options of its format. */
export const fileOptions = (ofFormat: Kinds) => kindOf({ ...ofRows, onBadLine: callback, ...ofFormat })
