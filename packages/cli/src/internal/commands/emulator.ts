/** The command `emulator`. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Emulator from "@mammoth-effect/emulator/Emulator"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Flags from "../settings/flags.js"
import { loaded } from "../shell/command.js"
import { UsageError } from "../shell/errors.js"
import { Notices } from "../shell/notices.js"
import { Output } from "../shell/output.js"
import { Signals } from "../shell/signals.js"

const largestBody = 2 ** 26

const flags = {
  port: Options.optional(
    Flags.integer("port", { least: 0, most: 65_535 }, "The port to listen on, or 0 for any free port. Default: 4010.")
  ),
  host: Options.text("host").pipe(
    Options.withPseudoName("address"),
    Options.withDescription("The address to listen on. Default: 127.0.0.1, which other machines cannot reach."),
    Options.optional
  ),
  allowedHost: Flags.texts(
    "allowed-host",
    "name",
    "Also accepts requests to this host name. Requests to loopback names and to --host are always accepted."
  ),
  arraysAreRows: Options.boolean("arrays-are-rows").pipe(
    Options.withDescription(
      "Accepts arrays in pushes: each object in an array becomes a row. Default: arrays are refused."
    )
  ),
  openData: Options.boolean("open-data").pipe(
    Options.withDescription("Accepts pushes without the keys of the account. The webhook's key is enough.")
  ),
  bodyLimit: Options.optional(
    Flags.integer(
      "body-limit",
      { least: 0, most: largestBody },
      "The maximum size of a request body, in bytes. Default: 1048576."
    )
  ),
  output: Flags.output
}

/** The columns of the output. The keys in the output are not secret: this command uses the same keys in every run. */
export const columns = ["name", "value"] as const

export const emulator = loaded(
  Command.make("emulator", flags, ({ allowedHost, arraysAreRows, bodyLimit, host, openData, port }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const notices = yield* Notices
      const signals = yield* Signals
      const emulator = yield* Effect.mapError(
        Emulator.make({
          port: Option.getOrElse(port, () => 4010),
          host: Option.getOrUndefined(host),
          allowedHosts: allowedHost,
          arraysAreRows,
          openData,
          bodyLimit: Option.getOrElse(bodyLimit, () => 2 ** 20)
        }),
        (error) => new UsageError({ message: error.message, hint: "Choose another --port or --host." })
      )
      yield* output.many(columns, [
        { name: "MAMMOTH_BASE_URL", value: emulator.baseUrl },
        { name: "MAMMOTHANALYTICS_API_KEY", value: Redacted.value(emulator.apiKey) },
        { name: "MAMMOTHANALYTICS_API_SECRET", value: Redacted.value(emulator.apiSecret) }
      ])
      yield* notices.note(
        `The emulator is running at ${new URL(emulator.baseUrl).origin}/ and accepts any workspace and project. Ctrl-C stops the emulator and deletes its data.`
      )
      // Wait for a signal, and then return: Ctrl-C is the normal end of this command.
      return yield* signals.stoppable(({ awaitAsked }) => awaitAsked)
    }).pipe(Effect.scoped)
  )
)
