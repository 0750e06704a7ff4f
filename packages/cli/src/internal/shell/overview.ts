/** Makes the program's version, and the help of the program and of groups. Loads no code of commands. */
import { exitCodes } from "./exitCodes.js"
import type { Text } from "./select.js"
import { listed, wrap } from "./text.js"

/** The name of the command. */
export const program = "mammoth-webhooks"

const summary = "Lists and changes webhooks of Mammoth Analytics, and pushes rows to them."

interface Named {
  readonly name: string
  readonly summary: string
  readonly children: ReadonlyArray<Named>
}

/** Makes the help of a group of commands. */
const ofGroup = (called: string, summary: string, commands: ReadonlyArray<Named>, columns = 100): string =>
  [
    wrap(summary, columns).join("\n"),
    `Usage: ${called} COMMAND`,
    `Commands:\n${listed(
      commands.map(({ name, summary }) => [name, summary]),
      columns
    )}`,
    `For the help of a command, run ${called} COMMAND --help.\n`
  ].join("\n\n")

/** The variables that the command reads, with their meanings. */
const variables: ReadonlyArray<readonly [name: string, meaning: string]> = [
  ["MAMMOTHANALYTICS_API_KEY", "the API key of the account"],
  ["MAMMOTHANALYTICS_API_SECRET", "the API secret of the account"],
  ["MAMMOTH_WORKSPACE_ID", "the workspace, if --workspace is not given"],
  ["MAMMOTH_PROJECT_ID", "the project, if --project is not given"],
  ["MAMMOTH_BASE_URL", "the address of the API, if --base-url is not given"],
  ["MAMMOTH_TIMEOUT", "the longest time for one attempt, if --timeout is not given"],
  ["MAMMOTH_DEADLINE", "the longest time for one call with all its attempts, if --deadline is not given"],
  ["MAMMOTH_OUTBOX_FILE", "the SQLite file of an outbox, if --file is not given"],
  ["MAMMOTH_OUTBOX_URL", "the address of Postgres, if --url is not given; it may have a password"],
  ["NO_COLOR", "turns colors off, if it is not empty"]
]

/** Makes the help of the program. */
const ofProgram = (commands: ReadonlyArray<Named>, columns = 100): string =>
  [
    ofGroup(program, summary, commands, columns).trimEnd(),
    `Variables:\n${listed(variables, columns)}`,
    "A flag overrides a variable, and a variable overrides the profile. The profile is the file\n"
      + "$XDG_CONFIG_HOME/mammoth-webhooks/config.json of mode 0600 or 0400. It can hold apiKey, apiSecret,\n"
      + "workspaceId, projectId, baseUrl, timeout, deadline and allowInsecure. No flag takes a secret.",
    `Exit codes:\n${listed(
      Object.values(exitCodes).map(({ code, meaning }) => [String(code), meaning]),
      columns
    )}\n`
  ].join("\n\n")

/** Returns the help or the version, for a command line that asks for one of them. */
export const textOf = <T extends Named>(selected: Text<T>, commands: ReadonlyArray<T>, version: string): string => {
  if (selected._tag === "Version") return `${version}\n`
  const group = selected.path.at(-1)
  const called = [program, ...selected.path.map(({ name }) => name)].join(" ")
  return group === undefined ? ofProgram(commands) : ofGroup(called, group.summary, group.children)
}
