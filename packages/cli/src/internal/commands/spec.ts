/** The settings of a webhook, as flags of `create` and `ensure`. */
import * as Options from "@effect/cli/Options"
import type * as WebhookMode from "@mammoth-effect/core/WebhookMode"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { UsageError } from "../shell/errors.js"
import { Prompts } from "../shell/prompts.js"

const secure = Options.boolean("secure").pipe(Options.withDescription("Pushes must carry the secret of the webhook."))

export const origins = Options.text("origins").pipe(
  Options.withPseudoName("list"),
  Options.withDescription("The browser origins that may push, or * for any."),
  Options.optional
)

export const flags = {
  mode: Options.choice("mode", ["replace", "combine"]).pipe(
    Options.withDescription(
      "With combine, each push adds rows. With replace, each push replaces all rows. Required if stdin or stderr is not a terminal."
    ),
    Options.optional
  ),
  origins,
  secure,
  folder: Options.text("folder").pipe(
    Options.withPseudoName("id"),
    Options.withDescription("The folder of the dataset, such as label_1363."),
    Options.optional
  )
}

/** The values of {@link flags}. */
export interface Given {
  readonly mode: Option.Option<WebhookMode.WebhookMode>
  readonly origins: Option.Option<string>
  readonly secure: boolean
  readonly folder: Option.Option<string>
}

/** Returns the settings that were given as flags, except the mode. */
export const others = ({ folder, origins, secure }: Omit<Given, "mode">) => ({
  ...(Option.isSome(origins) ? { origins: origins.value } : {}),
  ...(secure ? { isSecure: true } : {}),
  ...(Option.isSome(folder) ? { folderResourceId: folder.value } : {})
})

/**
 * Returns the given mode. If the mode is missing, asks the user on a terminal, and fails without a terminal. Never uses the
 * server's default mode, because each push would then replace all rows.
 */
export const mode = (
  given: Option.Option<WebhookMode.WebhookMode>
): Effect.Effect<WebhookMode.WebhookMode, UsageError, Prompts> =>
  Option.match(given, {
    onSome: Effect.succeed,
    onNone: () =>
      Effect.gen(function* () {
        const prompts = yield* Prompts
        if (!prompts.isPossible) {
          return yield* new UsageError({
            message: "the mode is missing",
            hint: "Nothing was changed. Use --mode combine to append rows, or --mode replace to replace all rows with each push."
          })
        }
        const answer = (yield* prompts.ask(
          "Mode (combine: each push adds rows; replace: each push replaces all rows): "
        )).trim()
        if (answer === "combine" || answer === "replace") return answer
        return yield* new UsageError({ message: "the mode must be combine or replace", hint: "Nothing was changed." })
      })
  })

/** Returns true if the command line sets at least one of {@link flags}. */
export const isGiven = ({ folder, mode, origins, secure }: Given): boolean =>
  secure || [folder, mode, origins].some(Option.isSome)
