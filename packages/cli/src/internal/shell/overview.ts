/** The help of the program and of groups of commands, for which no command has to be loaded. */
import { exitCodes } from "./exitCodes.js"
import { listed, wrap } from "./text.js"

interface Named {
  readonly name: string
  readonly summary: string
}

/** Makes the help of a group of commands. */
export const ofGroup = (called: string, summary: string, commands: ReadonlyArray<Named>, columns = 100): string =>
  [
    wrap(summary, columns).join("\n"),
    `Usage: ${called} COMMAND`,
    `Commands:\n${listed(
      commands.map(({ name, summary }) => [name, summary]),
      columns
    )}`,
    `See ${called} COMMAND --help.\n`
  ].join("\n\n")

/** The variables that the command reads, with their meanings. */
const variables: ReadonlyArray<readonly [name: string, meaning: string]> = [
  ["MAMMOTHANALYTICS_API_KEY", "the API key of the account"],
  ["MAMMOTHANALYTICS_API_SECRET", "the API secret of the account"],
  ["MAMMOTH_WORKSPACE_ID", "the workspace, in place of --workspace"],
  ["MAMMOTH_PROJECT_ID", "the project, in place of --project"],
  ["MAMMOTH_BASE_URL", "the address of the API, in place of --base-url"],
  ["MAMMOTH_TIMEOUT", "the longest time for one attempt, in place of --timeout"],
  ["MAMMOTH_DEADLINE", "the longest time for one call with all its attempts, in place of --deadline"],
  ["MAMMOTH_OUTBOX_FILE", "the database of an outbox, in place of --file"],
  ["MAMMOTH_OUTBOX_URL", "the address of Postgres, in place of --url; it may have a password"],
  ["NO_COLOR", "no color, if it is not empty"]
]

/** Makes the help of the program. */
export const ofProgram = (program: string, summary: string, commands: ReadonlyArray<Named>, columns = 100): string =>
  [
    ofGroup(program, summary, commands, columns).trimEnd(),
    `Variables:\n${listed(variables, columns)}`,
    "A flag wins over a variable, and a variable wins over the profile, which is\n"
      + "$XDG_CONFIG_HOME/mammoth-webhooks/config.json (mode 0600 or 0400, with apiKey, apiSecret,\n"
      + "workspaceId, projectId, baseUrl, timeout, deadline and allowInsecure). No flag takes a secret.",
    `Exit codes:\n${listed(
      Object.values(exitCodes).map(({ code, meaning }) => [String(code), meaning]),
      columns
    )}\n`
  ].join("\n\n")
