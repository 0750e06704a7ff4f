/** The flags that commands share. None takes a secret, since `ps` shows the command line of every process. */
import * as Options from "@effect/cli/Options"
import * as Option from "effect/Option"

/** The flags of the shell, which reads them by itself. They are here so that the help and the check know them. */
export const output = {
  json: Options.boolean("json").pipe(
    Options.withDescription("Writes one JSON document: { schema_version, data, meta }. Errors are JSON, too.")
  ),
  quiet: Options.boolean("quiet").pipe(Options.withAlias("q"), Options.withDescription("Writes no remarks to stderr.")),
  verbose: Options.boolean("verbose").pipe(
    Options.withAlias("v"),
    Options.withDescription("Writes each request and retry to stderr, without secrets.")
  )
}

/** Writes one JSON document a line. */
export const ndjson = Options.boolean("ndjson").pipe(
  Options.withDescription("Writes one JSON document a line, as they come.")
)

const text = (name: string, word: string, description: string): Options.Options<Option.Option<string>> =>
  Options.text(name).pipe(Options.withPseudoName(word), Options.withDescription(description), Options.optional)

const integer = (name: string, description: string): Options.Options<Option.Option<number>> =>
  Options.integer(name).pipe(Options.withPseudoName("number"), Options.withDescription(description), Options.optional)

/** A text that may be given several times. The check of the command line encodes each text, as the parser trims it. */
export const texts = (name: string, word: string, description: string): Options.Options<Array<string>> =>
  Options.text(name).pipe(
    Options.withPseudoName(word),
    Options.withDescription(description),
    Options.repeated,
    Options.map((given) => given.map((each) => decodeURIComponent(each)))
  )

/** The settings of the connection. */
export const connection = {
  workspace: integer("workspace", "The id of the workspace."),
  project: integer("project", "The id of the project."),
  baseUrl: text("base-url", "url", "The address of the API. Default: https://app.mammoth.io/api/v2."),
  allowInsecure: Options.boolean("allow-insecure").pipe(
    Options.withDescription("Allows http: to other hosts than this one, which sends the keys in clear.")
  ),
  timeout: text("timeout", "time", "The longest time for one attempt, such as '5 seconds'. Default: 30 seconds."),
  deadline: text("deadline", "time", "The longest time for one call with all its attempts. Default: none."),
  retries: integer("retries", "The most retries of one call. Default: 3."),
  keysStdin: Options.boolean("keys-stdin").pipe(
    Options.withDescription("Reads the API key and the API secret from stdin, one a line.")
  )
}

/** The values of {@link connection}. */
export interface Connection {
  readonly workspace: Option.Option<number>
  readonly project: Option.Option<number>
  readonly baseUrl: Option.Option<string>
  readonly allowInsecure: boolean
  readonly timeout: Option.Option<string>
  readonly deadline: Option.Option<string>
  readonly retries: Option.Option<number>
  readonly keysStdin: boolean
}

/** Writes the settings that were given as flags as words again. */
export const connectionWords = (given: Connection): ReadonlyArray<string> => [
  ...(
    [
      ["--workspace", given.workspace],
      ["--project", given.project],
      ["--base-url", given.baseUrl],
      ["--timeout", given.timeout],
      ["--deadline", given.deadline],
      ["--retries", given.retries]
    ] as const
  ).flatMap(([flag, value]) => (Option.isSome<string | number>(value) ? [flag, String(value.value)] : [])),
  ...(given.allowInsecure ? ["--allow-insecure"] : [])
]

/** Confirms in advance. */
export const yes = Options.boolean("yes").pipe(
  Options.withAlias("y"),
  Options.withDescription("Asks no question, and does it.")
)

/** Keeps what is hidden otherwise in a file. */
export const secretOut = text(
  "secret-out",
  "file",
  "Writes the uri and the secret, which are hidden otherwise, to a new file that only you can read."
)
