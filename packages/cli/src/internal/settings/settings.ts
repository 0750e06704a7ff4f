/** Reads the settings of a run. A flag overrides its variable, and a variable overrides the profile. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import { fromNodeReadable } from "@mammoth-effect/client/RowSource"
import * as Chunk from "effect/Chunk"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { ConfigurationError, UsageError } from "../shell/errors.js"
import { Prompts } from "../shell/prompts.js"
import type { Connection } from "./flags.js"
import * as Profile from "./profile.js"

/** The environment variable of each setting. */
export const names = {
  apiKey: "MAMMOTHANALYTICS_API_KEY",
  apiSecret: "MAMMOTHANALYTICS_API_SECRET",
  workspaceId: "MAMMOTH_WORKSPACE_ID",
  projectId: "MAMMOTH_PROJECT_ID",
  baseUrl: "MAMMOTH_BASE_URL",
  timeout: "MAMMOTH_TIMEOUT",
  deadline: "MAMMOTH_DEADLINE"
} as const

export type Name = keyof typeof names

/** The source of a setting's value. */
export type Origin = "flag" | "environment" | "profile" | "stdin" | "prompt"

/** A setting's value and its source. */
export interface Given {
  readonly value: string
  readonly origin: Origin
}

export interface Settings {
  readonly profilePath: string | undefined
  readonly hasProfile: boolean
  readonly values: { readonly [N in Name]?: Given }
  readonly allowInsecure: boolean
  readonly retries: Option.Option<number>
}

const given = (origin: Origin, value: string | number | undefined): Given | undefined =>
  value === undefined || String(value).trim() === "" ? undefined : { value: String(value).trim(), origin }

/** Reads the API key and the API secret from stdin, one per line. */
const keysFromStdin = Effect.gen(function* () {
  const chunks = yield* fromNodeReadable<Buffer>(() => process.stdin).pipe(
    Stream.runCollect,
    Effect.mapError(
      (error) =>
        new ConfigurationError({
          message: error.message,
          hint: "Write the API key and the API secret to stdin, one per line."
        })
    )
  )
  const [apiKey, apiSecret] = Buffer.concat([...Chunk.toReadonlyArray(chunks)])
    .toString("utf8")
    .split(/\r?\n/)
  return { apiKey: given("stdin", apiKey), apiSecret: given("stdin", apiSecret) }
})

/** Asks for a missing key if the command runs on a terminal. */
const orAsk = (value: Given | undefined, question: string) =>
  Effect.gen(function* () {
    const prompts = yield* Prompts
    if (value !== undefined || !prompts.isPossible) return value
    return given("prompt", Redacted.value(yield* prompts.askSecret(question)))
  })

/**
 * Reads all settings. Set `asks` to `false` if the command must not ask for missing keys. Set `readsStdin` to `true` if the
 * command reads its input from stdin. The function then refuses the flag `--keys-stdin`.
 */
export const read = (
  flags: Connection,
  { asks = true, readsStdin = false }: { readonly asks?: boolean; readonly readsStdin?: boolean } = {}
): Effect.Effect<Settings, ConfigurationError | UsageError, FileSystem.FileSystem | Path.Path | Prompts> =>
  Effect.gen(function* () {
    if (flags.keysStdin && readsStdin) {
      return yield* new UsageError({
        message: "--keys-stdin cannot be used, because this command reads its input from stdin",
        hint: `Set ${names.apiKey} and ${names.apiSecret} instead. Or, if the command takes a file, name the file and keep --keys-stdin.`
      })
    }
    const found = yield* Profile.read
    const profile: Profile.Profile = Option.getOrElse(found.profile, () => ({}))
    const pick = (name: Name, flag: Option.Option<string | number>) =>
      Effect.map(
        Effect.orDie(Config.string(names[name]).pipe(Config.withDefault(""))),
        (variable) =>
          given("flag", Option.getOrUndefined(flag))
          ?? given("environment", variable)
          ?? given("profile", profile[name])
      )
    const typed = flags.keysStdin ? yield* keysFromStdin : { apiKey: undefined, apiSecret: undefined }
    const apiKey = typed.apiKey ?? (yield* pick("apiKey", Option.none()))
    const apiSecret = typed.apiSecret ?? (yield* pick("apiSecret", Option.none()))
    const values: Record<Name, Given | undefined> = {
      apiKey: asks ? yield* orAsk(apiKey, "API key: ") : apiKey,
      apiSecret: asks ? yield* orAsk(apiSecret, "API secret: ") : apiSecret,
      workspaceId: yield* pick("workspaceId", flags.workspace),
      projectId: yield* pick("projectId", flags.project),
      baseUrl: yield* pick("baseUrl", flags.baseUrl),
      timeout: yield* pick("timeout", flags.timeout),
      deadline: yield* pick("deadline", flags.deadline)
    }
    return {
      profilePath: found.path,
      hasProfile: Option.isSome(found.profile),
      values: Object.fromEntries(
        Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
      ),
      allowInsecure: flags.allowInsecure || profile.allowInsecure === true,
      retries: flags.retries
    }
  })

/** Reads the id of the workspace or the project. Fails if the id is missing, because an id is never guessed. */
export const id = (
  settings: Settings,
  name: "workspaceId" | "projectId"
): Effect.Effect<number, ConfigurationError | UsageError> => {
  const flag = name === "workspaceId" ? "--workspace" : "--project"
  const value = settings.values[name]
  const hint = `Set the ${flag.slice(2)} with ${flag}, ${names[name]} or the profile.`
  if (value === undefined) return new ConfigurationError({ message: `the ${flag.slice(2)} is missing`, hint })
  const number = Number(value.value)
  if (/^\d+$/.test(value.value) && Number.isSafeInteger(number) && number >= 1) return Effect.succeed(number)
  return value.origin === "flag"
    ? new UsageError({ message: `${flag} needs an integer of 1 or more`, hint })
    : new ConfigurationError({ message: `${names[name]} (${value.origin}) must be an integer of 1 or more`, hint })
}
