/** The exit codes, and their meanings for the help text and the documentation. */

/** The ways in which the command can end. */
export const endings = [
  "done",
  "failed",
  "usage",
  "configuration",
  "authentication",
  "notFound",
  "drift",
  "repeatable",
  "unknown",
  "partial",
  "interrupted",
  "terminated"
] as const

export type Ending = (typeof endings)[number]

interface Entry {
  readonly code: number
  readonly meaning: string
}

/** The exit code and the meaning of each way in which the command can end. */
export const exitCodes: { readonly [E in Ending]: Entry } = {
  done: { code: 0, meaning: "done" },
  failed: { code: 1, meaning: "the server rejected the request, or the command has a defect" },
  usage: { code: 2, meaning: "wrong usage, or no confirmation: nothing was changed" },
  configuration: { code: 3, meaning: "wrong or missing configuration" },
  authentication: { code: 4, meaning: "the server did not accept the keys, or the keys do not permit the request" },
  notFound: { code: 5, meaning: "not found" },
  drift: { code: 6, meaning: "webhooks differ from the wanted state (ensure --check)" },
  repeatable: { code: 7, meaning: "nothing was sent, the server is busy, or a read failed: safe to repeat" },
  unknown: {
    code: 8,
    meaning:
      "the change may have been made, or it was made but the output could not be written: run the command again only if the error says that this is safe"
  },
  partial: { code: 9, meaning: "some rows were not delivered (ingest, replay)" },
  interrupted: { code: 130, meaning: "interrupted (Ctrl-C)" },
  terminated: { code: 143, meaning: "terminated" }
}
