/** Checks the settings, the server, the keys and the clock, one after the other. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as RequestOptions from "@mammoth-effect/client/RequestOptions"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { Connection } from "./settings/flags.js"
import * as Settings from "./settings/settings.js"
import { layer } from "./settings/webhooks.js"
import type { Ending } from "./shell/exitCodes.js"
import * as Failure from "./shell/failure.js"
import type { Prompts } from "./shell/prompts.js"
import * as Skew from "./skew.js"

export interface Check {
  readonly check: string
  readonly result: "ok" | "warn" | "fail" | "skipped"
  readonly detail: string
  readonly advice: string
  readonly ending: Ending
}

export const columns = ["check", "result", "detail", "advice"] as const

const passed = (check: string, detail: string): Check => ({ check, result: "ok", detail, advice: "", ending: "done" })

const skipped = (check: string): Check => ({
  check,
  result: "skipped",
  detail: "not run, because an earlier check failed",
  advice: "",
  ending: "done"
})

const failedWith = (check: string, error: Failure.CliError): Check => {
  const { ending, hint, message } = Failure.describe(error) ?? Failure.defect
  return { check, result: "fail", detail: message, advice: hint, ending }
}

const idCheck = (settings: Settings.Settings, name: "workspaceId" | "projectId", check: string) =>
  Effect.map(Effect.either(Settings.id(settings, name)), (found) =>
    Either.isLeft(found)
      ? failedWith(check, found.left)
      : passed(check, `${found.right} (${settings.values[name]?.origin ?? "default"})`)
  )

const keysCheck = ({ values }: Settings.Settings): Check => {
  const missing = (["apiKey", "apiSecret"] as const).filter((name) => values[name] === undefined)
  return missing.length === 0
    ? passed("keys", `API key (${values.apiKey?.origin ?? ""}) and API secret (${values.apiSecret?.origin ?? ""})`)
    : {
        check: "keys",
        result: "fail",
        detail: `${missing.map((name) => Settings.names[name]).join(" and ")} ${missing.length === 1 ? "is" : "are"} not set`,
        advice: "Set the variables, or put apiKey and apiSecret into the profile.",
        ending: "configuration"
      }
}

/**
 * The largest difference between the clocks that is harmless, in seconds. A larger difference makes logs hard to compare,
 * and confuses proxies that check signatures.
 */
const tolerance = 60

const clockCheck = (date: string | undefined, now: number): Check => {
  const skew = Skew.of(date, now)
  if (Option.isNone(skew)) {
    return { check: "clock", result: "warn", detail: "the response has no date", advice: "", ending: "done" }
  }
  const seconds = Math.abs(skew.value)
  return seconds <= tolerance
    ? passed("clock", `differs by ${seconds} s from the server's clock`)
    : {
        check: "clock",
        result: "warn",
        detail: `${seconds} s ${skew.value < 0 ? "ahead of" : "behind"} the server's clock`,
        advice: "Synchronize the clock of this machine.",
        ending: "done"
      }
}

/**
 * Requests a list of at most one webhook. The result shows if the server responds, if it accepts the keys, and if the
 * clocks agree.
 */
const callServer = (settings: Settings.Settings, project: Webhooks.InProject) =>
  Effect.gen(function* () {
    let response: RequestOptions.RawResponse | undefined
    const called = yield* Webhooks.list({ ...project, limit: 1, fields: ["id"] }).pipe(
      RequestOptions.withOptions({
        retry: { times: 0 },
        onResponse: (received) => Effect.sync(() => void (response = received))
      }),
      Effect.provide(layer(settings)),
      Effect.either
    )
    if (response === undefined) {
      return Either.isLeft(called)
        ? [failedWith("server", called.left), skipped("access"), skipped("clock")]
        : [skipped("server"), skipped("access"), skipped("clock")]
    }
    const server = passed("server", `the server responds with ${response.status}`)
    const access = Either.isLeft(called)
      ? failedWith("access", called.left)
      : passed("access", "webhooks can be listed")
    return [server, access, clockCheck(response.headers["date"], yield* Clock.currentTimeMillis)]
  })

/** Runs all checks, and returns their results in order. */
export const examine = (
  flags: Connection
): Effect.Effect<ReadonlyArray<Check>, never, FileSystem.FileSystem | Path.Path | Prompts> =>
  Effect.gen(function* () {
    const read = yield* Effect.either(Settings.read(flags, { asks: false }))
    if (Either.isLeft(read)) {
      return [
        failedWith("profile", read.left),
        ...["workspace", "project", "keys", "server", "access", "clock"].map(skipped)
      ]
    }
    const settings = read.right
    const { hasProfile, profilePath } = settings
    const where = profilePath === undefined ? "none, because the home folder is unknown" : `none at ${profilePath}`
    const profile = passed("profile", hasProfile && profilePath !== undefined ? profilePath : where)
    const workspace = yield* idCheck(settings, "workspaceId", "workspace")
    const project = yield* idCheck(settings, "projectId", "project")
    const keys = keysCheck(settings)
    const before = [profile, workspace, project, keys]
    if (before.some(({ result }) => result === "fail"))
      return [...before, ...["server", "access", "clock"].map(skipped)]
    const ids = yield* Effect.either(
      Effect.all({ workspaceId: Settings.id(settings, "workspaceId"), projectId: Settings.id(settings, "projectId") })
    )
    return Either.isLeft(ids) ? before : [...before, ...(yield* callServer(settings, ids.right))]
  })
