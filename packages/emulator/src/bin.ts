#!/usr/bin/env node
/**
 * The command `mammoth-emulator`: an emulator as a process of its own.
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

const help = `A local server that behaves as Mammoth Analytics' webhooks do.

Usage: mammoth-emulator [options]

  --port <number>         the port to listen on, 0 for any that is free (default 4010)
  --host <address>        the address to listen on (default 127.0.0.1, which other machines cannot reach)
  --allowed-host <name>   a host name that requests may give beside loopback names and --host; may be repeated
  --api-key <text>        what X-API-KEY has to carry (default emulator-key)
  --api-secret <text>     what X-API-SECRET has to carry (default emulator-secret)
  --arrays-are-rows       a list that is pushed is one row for each of its objects (otherwise refused)
  --open-data             pushing works with the webhook's key alone, without the account's keys
  --body-limit <bytes>    how large a body may be before it is answered with 413 (default 1048576, at most 67108864)
  --record <number>       how many of the last requests are recorded, 0 for none (default 10000)
  --record-bytes <bytes>  how many bytes the recorded requests may have together (default 67108864)
  --list-lag <millis>     how old lists are: they show the webhooks that there were so long before (default 0)
  --help                  this text

An empty value counts as not given.

It stops on Ctrl-C. What it holds is lost then.`

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

/** Returns a flag's text. An empty text, such as that of a variable that is not set, counts as left out. */
const given = (text: string | undefined): string | undefined => (text === "" ? undefined : text)

const readNumber = (flag: string, text: string | undefined, otherwise: number, most: number) =>
  text === undefined || text === ""
    ? Effect.succeed(otherwise)
    : /^\d{1,15}$/.test(text) && Number(text) <= most
      ? Effect.succeed(Number(text))
      : Effect.fail(new BadUsage({ message: `--${flag} takes a number from 0 to ${most}, not '${text}'` }))

/** Quotes a value so that a shell reads it back, whatever it contains. */
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
    `The Mammoth webhooks emulator is running; Ctrl-C stops it. To look at it: ${new URL(emulator.baseUrl).origin}/\n`
      + `To use it:\n\n${environment(emulator)}\n`
  )
  return yield* Effect.never
})

const adviceFor = (error: BadUsage | Emulator.CannotListen): string => {
  if (error._tag === "MammothBadUsage") return "See mammoth-emulator --help"
  // a port can be taken or forbidden; any other error is about the address
  return /^(EADDRINUSE|EACCES)$/.test(error.reason)
    ? "Choose another port with --port"
    : "Choose another address with --host"
}

const failed = (error: BadUsage | Emulator.CannotListen) =>
  Effect.zipRight(Console.error(`mammoth-emulator: ${error.message}\n${adviceFor(error)}`), Effect.fail(error))

main.pipe(Effect.scoped, Effect.tapError(failed), NodeRuntime.runMain({ disableErrorReporting: true }))
