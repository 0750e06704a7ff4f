/** Reads the profile, a file with settings. Only its owner can read the profile, because it may hold the keys. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Issue from "@mammoth-effect/core/Issue"
import * as Array from "effect/Array"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ConfigurationError } from "../shell/errors.js"
import { nearest } from "../shell/select.js"
import * as SystemErrors from "../shell/systemErrors.js"

const Profile = Schema.Struct({
  apiKey: Schema.optional(Schema.String),
  apiSecret: Schema.optional(Schema.String),
  workspaceId: Schema.optional(Schema.Number),
  projectId: Schema.optional(Schema.Number),
  baseUrl: Schema.optional(Schema.String),
  timeout: Schema.optional(Schema.String),
  deadline: Schema.optional(Schema.String),
  allowInsecure: Schema.optional(Schema.Boolean)
})

/** The settings that a profile may hold. */
export interface Profile extends Schema.Schema.Type<typeof Profile> {}

/** A profile, and its file. */
export interface Found {
  /** The path of the profile, or `undefined` if the home folder is unknown. */
  readonly path: string | undefined
  /** The settings in the profile, or none if the profile does not exist. */
  readonly profile: Option.Option<Profile>
}

const variable = (name: string) => Effect.orDie(Config.string(name).pipe(Config.withDefault("")))

const pathOf = Effect.gen(function* () {
  const path = yield* Path.Path
  const configured = yield* variable("XDG_CONFIG_HOME")
  const home = yield* variable(process.platform === "win32" ? "USERPROFILE" : "HOME")
  // Ignore a relative path, as the XDG specification says: a folder in the working directory may belong to somebody else.
  const folder = [configured, path.join(home, ".config")].find((each) => path.isAbsolute(each))
  return folder === undefined ? undefined : path.join(folder, "mammoth-webhooks", "config.json")
})

const decode = Schema.decodeUnknownEither(Profile, { onExcessProperty: "error", errors: "all" })

/** Matches one token of JSON, and the white space before the token. */
const token =
  /[ \t\r\n]*(?:[{}[\],:]|"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/uy

/** Reads JSON tokens from the start of a string, and returns the position where the last valid token ends. */
const afterTokens = (text: string): number => {
  const tokens = new RegExp(token)
  let end = 0
  while (tokens.test(text)) end = tokens.lastIndex
  return end
}

/**
 * Returns the line and the column where a string stops being JSON. Uses only the position from the parser's message,
 * because the message may quote keys.
 */
const placeOf = (text: string, error: unknown): string => {
  const told = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined
  const position = told === undefined ? afterTokens(text) : Number(told)
  const before = text.slice(0, position + (/^\s*/.exec(text.slice(position))?.[0].length ?? 0)).split("\n")
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
}

const parse = (text: string): Either.Either<unknown, string> =>
  Either.try({
    try: (): unknown => JSON.parse(text),
    catch: (error) => `it is not JSON (${placeOf(text, error)})`
  })

/**
 * Explains what is wrong with a property of the profile. Shows an unknown name only if it resembles a known name, because
 * any other name may be a key in the wrong place.
 */
const explain = ({ expected, path: [name] }: Issue.Issue): string => {
  const known = Object.keys(Profile.fields)
  if (name === undefined) return `it must be ${expected}`
  const word = String(name)
  if (known.includes(word)) return `${word} must be ${article(expected)}`
  const meant = nearest(word, known)
  return meant === undefined
    ? `it has an unknown property (known properties: ${known.join(", ")})`
    : `it has an unknown property ${JSON.stringify(word)} (did you mean ${meant}?)`
}

const article = (type: string): string => (/^(string|number|boolean)$/.test(type) ? `a ${type}` : type)

const refuse = (message: string, hint: string) => new ConfigurationError({ message, hint })

/** Reads the profile, if there is one. Refuses a profile that another user owns or may be able to read. */
export const read: Effect.Effect<Found, ConfigurationError, FileSystem.FileSystem | Path.Path> = Effect.gen(
  function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* pathOf
    if (path === undefined) return { path, profile: Option.none() }
    const unreadable = (reason: string) =>
      refuse(`the profile ${path} cannot be read: ${reason}`, "Correct the file, or remove it.")
    const info = yield* files.stat(path).pipe(
      Effect.map(Option.some),
      Effect.catchAll((error) =>
        error._tag === "SystemError" && error.reason === "NotFound"
          ? Effect.succeedNone
          : unreadable(SystemErrors.reasonOf(error))
      )
    )
    if (Option.isNone(info)) return { path, profile: Option.none() }
    // Refuse a pipe here, because opening a pipe would wait for a writer.
    if (info.value.type !== "File") {
      return yield* refuse(
        `the profile ${path} is ${info.value.type === "Directory" ? "a folder" : "not a regular file"}`,
        "Replace it with a file of mode 0600, or remove it."
      )
    }
    const owner = Option.getOrUndefined(info.value.uid)
    const user = process.getuid?.()
    if (user !== undefined && owner !== undefined && owner !== user) {
      return yield* refuse(
        `the profile ${path} belongs to another user (uid ${owner}, not ${user})`,
        "Replace it with your own file, or remove it."
      )
    }
    const mode = info.value.mode & 0o777
    if ((mode & 0o177) !== 0 && process.platform !== "win32") {
      return yield* refuse(
        `the profile ${path} has mode 0${mode.toString(8).padStart(3, "0")}, so others may be able to read it`,
        `Run chmod 600 ${path}, and change the keys if others could read them.`
      )
    }
    const text = yield* Effect.mapError(files.readFileString(path), (error) => unreadable(SystemErrors.reasonOf(error)))
    const wrong = (reason: string) =>
      refuse(`the profile ${path} is wrong: ${reason}`, "Correct the file, or remove it.")
    const json = yield* Either.mapLeft(parse(text), wrong)
    const profile = yield* Either.mapLeft(decode(json), ({ issue }) =>
      // Show only the names of properties, because the values may be keys.
      wrong(Array.dedupe(Issue.fromParseIssue(issue).map(explain)).slice(0, 5).join("; "))
    )
    return { path, profile: Option.some(profile) }
  }
)
