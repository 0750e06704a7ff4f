/** The profile: settings in a file that only its owner can read, since it may hold the keys. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Issue from "@mammoth-effect/core/Issue"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { ConfigurationError } from "../shell/errors.js"

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
  readonly path: string
  /** None if there is no such file. */
  readonly profile: Option.Option<Profile>
}

const variable = (name: string) => Effect.orDie(Config.string(name).pipe(Config.withDefault("")))

const pathOf = Effect.gen(function* () {
  const path = yield* Path.Path
  const configured = yield* variable("XDG_CONFIG_HOME")
  const home = yield* variable("HOME")
  // the convention says to ignore a relative folder
  const folder = path.isAbsolute(configured) ? configured : path.join(home, ".config")
  return path.join(folder, "mammoth-webhooks", "config.json")
})

const decode = Schema.decodeUnknownEither(Schema.parseJson(Profile), { onExcessProperty: "error", errors: "all" })

const refuse = (message: string, hint: string) => new ConfigurationError({ message, hint })

/** Reads the profile, if there is one. Refuses a profile that others can read. */
export const read: Effect.Effect<Found, ConfigurationError, FileSystem.FileSystem | Path.Path> = Effect.gen(
  function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* pathOf
    const unreadable = (reason: string) =>
      refuse(`the profile ${path} cannot be read: ${reason}`, "Correct the file, or remove it.")
    const info = yield* files.stat(path).pipe(
      Effect.map(Option.some),
      Effect.catchAll((error) =>
        error._tag === "SystemError" && error.reason === "NotFound" ? Effect.succeedNone : unreadable(error.message)
      )
    )
    if (Option.isNone(info)) return { path, profile: Option.none() }
    const mode = info.value.mode & 0o777
    if (mode !== 0o600 && process.platform !== "win32") {
      return yield* refuse(
        `the profile ${path} has mode 0${mode.toString(8).padStart(3, "0")}, and may be read by others`,
        `Run chmod 600 ${path}, and change the keys if others could read them.`
      )
    }
    const text = yield* Effect.mapError(files.readFileString(path), (error) => unreadable(error.message))
    const profile = yield* Effect.mapError(decode(text), (error) =>
      // never the values, which may be keys
      unreadable(
        Issue.fromParseIssue(error.issue)
          .slice(0, 5)
          .map(({ expected, path }) => `${path.length === 0 ? "it" : path.join(".")}: expected ${expected}`)
          .join("; ")
      )
    )
    return { path, profile: Option.some(profile) }
  }
)
