/** The command `doctor`. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Doctor from "../doctor.js"
import * as Flags from "../settings/flags.js"
import { loaded } from "../shell/command.js"
import { Unhealthy } from "../shell/errors.js"
import { ignoreClosedPipe, Output } from "../shell/output.js"

export const doctor = loaded(
  Command.make("doctor", { output: Flags.output, connection: Flags.connection }, ({ connection }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const checks = yield* Doctor.examine(connection)
      const failed = checks.filter(({ result }) => result === "fail")
      yield* (
        output
          .many(
            Doctor.columns,
            checks.map(({ advice, check, detail, result }) => ({ check, result, detail, advice })),
            { failed: failed.length }
          )
          // If the reader has closed the pipe, continue, because the exit code must still report a failed check.
          .pipe(ignoreClosedPipe)
      )
      const [first] = failed
      return first === undefined
        ? undefined
        : yield* new Unhealthy({ check: first.check, detail: first.detail, advice: first.advice, ending: first.ending })
    })
  )
)
