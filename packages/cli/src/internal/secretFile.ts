/** Writes the uri and the secret of webhooks to a file that only its owner can read. All other output hides these values. */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { FileError, OutputFailed, UsageError } from "./shell/errors.js"
import * as SystemErrors from "./shell/systemErrors.js"

/** Writes the hidden values of a webhook to the file. */
export type Keep = (webhook: Webhook.Webhook) => Effect.Effect<void, OutputFailed>

const line = ({ id, name, secret, uri }: Webhook.Webhook): string =>
  `${JSON.stringify({ id, name, uri: Redacted.value(uri), secret: secret === null ? null : Redacted.value(secret) })}\n`

/**
 * Creates the file, and then runs the command. If the file cannot be created, the command does not run, because the
 * command could create a webhook and then lose its key. Removes the file if nothing was written to it.
 */
export const using = <A, E, R>(
  path: Option.Option<string>,
  use: (keep: Keep) => Effect.Effect<A, E, R>
): Effect.Effect<A, E | FileError | OutputFailed | UsageError, R | FileSystem.FileSystem> =>
  Option.match(path, {
    onNone: () => use(() => Effect.void),
    onSome: (path) =>
      Effect.gen(function* () {
        const files = yield* FileSystem.FileSystem
        const failed = (error: Error) => new FileError({ path, reason: SystemErrors.reasonOf(error) })
        const file = yield* Effect.mapError(files.open(path, { flag: "wx", mode: 0o600 }), (error) =>
          error._tag === "SystemError" && error.reason === "AlreadyExists"
            ? new UsageError({
                message: `--secret-out needs a new file, but ${path} already exists`,
                hint: "Nothing was sent. Choose another file, or remove the existing file."
              })
            : failed(error)
        )
        let isUsed = false
        const encoder = new TextEncoder()
        return yield* use((webhook) => {
          isUsed = true
          return Effect.mapError(
            file.writeAll(encoder.encode(line(webhook))),
            (error) => new OutputFailed({ reason: `${path}: ${SystemErrors.reasonOf(error)}` })
          )
        }).pipe(Effect.ensuring(Effect.suspend(() => (isUsed ? Effect.void : Effect.ignore(files.remove(path))))))
      }).pipe(Effect.scoped)
  })
