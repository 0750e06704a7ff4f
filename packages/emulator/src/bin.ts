#!/usr/bin/env node
/**
 * The command `mammoth-emulator`. It runs an emulator in its own process.
 *
 * @since 0.1.0
 */
import { parseArgs } from "node:util"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Emulator from "./Emulator.js"
import { variables } from "./internal/variables.js"

const help = `Runs a local server that behaves like the webhooks of Mammoth Analytics.

Usage: mammoth-emulator [options]

  --port <number>         the port to listen on; 0 picks a free port (default 4010)
  --host <address>        the address to listen on (default 127.0.0.1, which other machines cannot reach)
  --allowed-host <name>   a host name that requests may use besides loopback names and --host; may be repeated
  --api-key <text>        the API key that requests must carry (default emulator-key)
  --api-secret <text>     the API secret that requests must carry (default emulator-secret)
  --arrays-are-rows       accepts each object of a pushed list as a row (by default, lists are refused)
  --open-data             accepts pushes without the API key and secret; the webhook's key is enough
  --body-limit <bytes>    the maximum size of a body; larger bodies get a 413 (default 1048576, at most 67108864)
  --record <number>       the maximum number of recorded requests; 0 records none (default 10000)
  --record-bytes <bytes>  the maximum size of all recorded requests together (default 67108864)
  --list-lag <millis>     the time until lists show that a webhook was created or deleted (default 0)
  --help                  shows this help

An option with an empty value counts as missing.

Ctrl-C stops the server, and its data is lost.`

class BadUsage extends Schema.TaggedError<BadUsage>("@mammoth-effect/emulator/BadUsage")("MammothBadUsage", {
  message: Schema.String
}) {}

const readFlags = Effect.try({
  try: () =>
    parseArgs({
      options: {
        port: { type: "string" },
        host: { type: "string" },
        "allowed-host": { type: "string", multiple: true },
        "api-key": { type: "string" },
        "api-secret": { type: "string" },
        "arrays-are-rows": { type: "boolean" },
        "open-data": { type: "boolean" },
        "body-limit": { type: "string" },
        record: { type: "string" },
        "record-bytes": { type: "string" },
        "list-lag": { type: "string" },
        help: { type: "boolean" }
      }
    }).values,
  catch: (error) => new BadUsage({ message: error instanceof Error ? error.message : String(error) })
})

/** Returns a flag's value. An empty value, for example from an unset variable, counts as missing. */
const given = (text: string | undefined): string | undefined => (text === "" ? undefined : text)

const readNumber = (flag: string, text: string | undefined, otherwise: number, most: number) =>
  text === undefined || text === ""
    ? Effect.succeed(otherwise)
    : /^\d{1,15}$/.test(text) && Number(text) <= most
      ? Effect.succeed(Number(text))
      : Effect.fail(new BadUsage({ message: `--${flag}: expected an integer from 0 to ${most}, received '${text}'` }))

/** Quotes a value for a shell, so that the shell reads exactly this value. */
const quote = (value: string): string => (/^[\w./:@%+-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`)

const environment = (emulator: Emulator.Service): string =>
  Object.entries(variables(emulator))
    .map(([name, value]) => `export ${name}=${quote(value)}`)
    .join("\n")

const main = Effect.gen(function* () {
  const flags = yield* readFlags
  if (flags.help === true) return yield* Console.log(help)
  const emulator = yield* Emulator.make({
    port: yield* readNumber("port", flags.port, 4010, 65_535),
    host: given(flags.host),
    allowedHosts: flags["allowed-host"]?.filter((host) => host !== ""),
    apiKey: given(flags["api-key"]),
    apiSecret: given(flags["api-secret"]),
    arraysAreRows: flags["arrays-are-rows"],
    openData: flags["open-data"],
    bodyLimit: yield* readNumber("body-limit", flags["body-limit"], 1024 * 1024, 64 * 1024 * 1024),
    record: yield* readNumber("record", flags.record, 10_000, 1_000_000),
    recordBytes: yield* readNumber("record-bytes", flags["record-bytes"], 64 * 1024 * 1024, 1024 * 1024 * 1024),
    listLag: yield* readNumber("list-lag", flags["list-lag"], 0, 3_600_000)
  })
  yield* Console.log(
    `The emulator of Mammoth webhooks is running. Ctrl-C stops it, and its data is lost.\n`
      + `Its page shows rows and requests: ${new URL(emulator.baseUrl).origin}/\n`
      + `Set these variables for your program:\n\n${environment(emulator)}\n`
  )
  return yield* Effect.never
})

const adviceFor = (error: BadUsage | Emulator.CannotListen): string => {
  if (error._tag === "MammothBadUsage") return "See mammoth-emulator --help"
  // Advise another port if the port is in use or not permitted. For any other reason, advise another address.
  return /^(EADDRINUSE|EACCES)$/.test(error.reason)
    ? "Choose another port with --port"
    : "Choose another address with --host"
}

const failed = (error: BadUsage | Emulator.CannotListen) =>
  Effect.zipRight(Console.error(`mammoth-emulator: ${error.message}\n${adviceFor(error)}`), Effect.fail(error))

main.pipe(Effect.scoped, Effect.tapError(failed), NodeRuntime.runMain({ disableErrorReporting: true }))
