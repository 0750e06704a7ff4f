/** The flags that commands share. No flag takes a secret, because `ps` shows the command line of every process. */
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/**
 * The flags that the code in `shell/` reads. Commands list these flags only for the help and for the check of the command
 * line.
 */
export const remarks = {
  quiet: Options.boolean("quiet").pipe(
    Options.withAlias("q"),
    Options.withDescription("Writes only errors to stderr, without notes and progress.")
  ),
  verbose: Options.boolean("verbose").pipe(
    Options.withAlias("v"),
    Options.withDescription("Writes each request and retry to stderr, without secrets.")
  )
}

/** The flags of commands that write data. The code in `shell/` reads these flags. */
export const output = {
  json: Options.boolean("json").pipe(
    Options.withDescription("Writes one JSON document: { schema_version, data, meta }. Errors are JSON, too.")
  ),
  ...remarks
}

/** The flag that writes one JSON document per line. */
export const ndjson = Options.boolean("ndjson").pipe(
  Options.withDescription("Writes one JSON document per line. With --all, writes blocks of lines while pages arrive.")
)

const text = (name: string, word: string, description: string): Options.Options<Option.Option<string>> =>
  Options.text(name).pipe(Options.withPseudoName(word), Options.withDescription(description), Options.optional)

/** The range of integers that a flag accepts. */
interface Range {
  readonly least: number
  /** The largest integer. Default: no limit. */
  readonly most?: number
  /** The word for the value in the help. Default: `number`. */
  readonly word?: string
}

/** Reads an integer. The error for a wrong value names the flag and its range. */
const readInteger =
  (name: string, { least, most = Number.MAX_SAFE_INTEGER }: Range) =>
  (text: string): Effect.Effect<number, ValidationError.ValidationError> => {
    const number = Number(text)
    const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`
    return /^\d+$/.test(text) && number >= least && number <= most
      ? Effect.succeed(number)
      : Effect.fail(ValidationError.invalidValue(HelpDoc.p(`--${name} needs an integer ${range}`)))
  }

const integerText = (name: string, { word = "number" }: Range, description: string): Options.Options<string> =>
  Options.text(name).pipe(Options.withPseudoName(word), Options.withDescription(description))

/** Makes a flag whose value is an integer in a range. */
export const integer = (name: string, range: Range, description: string): Options.Options<number> =>
  Options.mapEffect(integerText(name, range, description), readInteger(name, range))

/** Makes a flag whose value is an integer in a range. The flag may be repeated. */
export const integers = (name: string, range: Range, description: string): Options.Options<ReadonlyArray<number>> =>
  integerText(name, range, description).pipe(
    Options.repeated,
    Options.mapEffect((texts) => Effect.forEach(texts, readInteger(name, range)))
  )

/** Makes a flag that takes a string and may be repeated. Decodes the strings, because `Argv.check` encodes them. */
export const texts = (name: string, word: string, description: string): Options.Options<Array<string>> =>
  Options.text(name).pipe(
    Options.withPseudoName(word),
    Options.withDescription(description),
    Options.repeated,
    Options.map((given) => given.map((each) => decodeURIComponent(each)))
  )

/** The flags for the settings of the connection. */
export const connection = {
  workspace: Options.optional(integer("workspace", { least: 1 }, "The id of the workspace.")),
  project: Options.optional(integer("project", { least: 1 }, "The id of the project.")),
  baseUrl: text("base-url", "url", "The address of the API. Default: https://app.mammoth.io/api/v2."),
  allowInsecure: Options.boolean("allow-insecure").pipe(
    Options.withDescription("Allows http: to hosts other than this machine. The keys are then sent unencrypted.")
  ),
  timeout: text("timeout", "time", "The longest time for one attempt, such as '5 seconds'. Default: 30 seconds."),
  deadline: text("deadline", "time", "The longest time for one call with all its attempts. Default: none."),
  retries: Options.optional(integer("retries", { least: 0 }, "The maximum number of retries of one call. Default: 3.")),
  keysStdin: Options.boolean("keys-stdin").pipe(
    Options.withDescription("Reads the API key and the API secret from stdin, one per line.")
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

/** Converts the values of {@link connection} back to words of a command line. */
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

/** The flag that confirms in advance. */
export const yes = Options.boolean("yes").pipe(
  Options.withAlias("y"),
  Options.withDescription("Confirms in advance, so that the command does not ask.")
)

/** The flag that writes the hidden values to a file. */
export const secretOut = text(
  "secret-out",
  "file",
  "Writes the uri and the secret to a new file that only you can read. All other output hides them."
)
