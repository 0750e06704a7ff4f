/** The command `ensure`. */
import * as Args from "@effect/cli/Args"
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SecretFile from "../secretFile.js"
import * as Flags from "../settings/flags.js"
import { provide } from "../settings/webhooks.js"
import { loaded } from "../shell/command.js"
import { afterChange, Drift, UsageError } from "../shell/errors.js"
import { Notices } from "../shell/notices.js"
import { ignoreClosedPipe, Output, type Row } from "../shell/output.js"
import * as Show from "../show.js"
import * as Wanted from "../wanted.js"
import * as Spec from "./spec.js"

const flags = {
  name: Args.text({ name: "name" }).pipe(
    Args.withDescription("The name of the webhook. Give either a name or --file."),
    Args.optional
  ),
  file: Options.text("file").pipe(
    Options.withAlias("f"),
    Options.withPseudoName("file"),
    Options.withDescription(
      "A YAML or JSON file with a list of webhooks, or - for stdin. Each webhook has a name and a mode, and optionally origins, isSecure and folderResourceId."
    ),
    Options.optional
  ),
  spec: Spec.flags,
  check: Options.boolean("check").pipe(
    Options.withDescription(
      "Changes nothing. Shows the plan, and exits with code 6 if a webhook differs from the wanted settings."
    )
  ),
  secretOut: Flags.secretOut,
  output: Flags.output,
  connection: Flags.connection
}

type Given = {
  readonly name: Option.Option<string>
  readonly file: Option.Option<string>
  readonly spec: Spec.Given
}

const hint = "See mammoth-webhooks ensure --help."

/**
 * Reads the wanted settings. With `--file`, reads the settings of several webhooks from the file. Otherwise, reads the
 * settings of one webhook from the argument and the flags.
 */
const readWanted = ({ file, name, spec }: Given) =>
  Effect.gen(function* () {
    if (Option.isSome(name) === Option.isSome(file)) {
      return yield* new UsageError({ message: "ensure needs either a name or --file", hint })
    }
    if (Option.isSome(file)) {
      if (Spec.isGiven(spec)) {
        return yield* new UsageError({
          message: "with --file, put the settings of the webhooks into the file, not into flags",
          hint
        })
      }
      const { read } = yield* Effect.promise(() => import("../wantedFile.js"))
      return yield* read(file.value)
    }
    const mode = yield* Spec.mode(spec.mode)
    return [{ name: Option.getOrElse(name, () => ""), mode, ...Spec.others(spec) }]
  })

const signs = { create: "+", update: "~", keep: "=" } as const

export const columns = ["action", ...Show.columns]

export const ensure = loaded(
  Command.make("ensure", flags, ({ check, connection, file, name, secretOut, spec }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const notices = yield* Notices
      const wanted = yield* readWanted({ file, name, spec })
      return yield* SecretFile.using(secretOut, (keep) =>
        Effect.gen(function* () {
          const steps = yield* Wanted.plan(wanted)
          const differing = steps.filter(({ action }) => action !== "keep").length
          if (check) {
            // If the reader has closed the pipe, continue, because the exit code must still report that webhooks differ.
            yield* ignoreClosedPipe(output.many(Wanted.columns, steps.map(Wanted.toRow), { differing }))
            return differing === 0 ? undefined : yield* new Drift({ differing, total: steps.length })
          }
          for (const step of steps) {
            const { action, wanted } = step
            yield* notices.note([signs[action], action, wanted.name, Wanted.describe(step)].join(" ").trimEnd())
          }
          const done: Array<Row> = []
          const write = Effect.suspend(() => output.many(columns, done, { differing }))
          const applyAll = Effect.forEach(steps, (step) =>
            Effect.gen(function* () {
              const webhook = yield* Wanted.apply(step)
              done.push({ action: step.action, ...Show.webhook(webhook) })
              yield* Effect.mapError(
                keep(webhook),
                afterChange(`the webhooks up to ${JSON.stringify(step.wanted.name)} have the wanted settings`)
              )
            })
          )
          // If a step fails, write the results of the finished steps. The command then fails with the error of the failed step.
          yield* Effect.tapError(applyAll, () => (done.length === 0 ? Effect.void : Effect.ignore(write)))
          return yield* Effect.mapError(write, afterChange("the webhooks have the wanted settings"))
        })
      ).pipe(provide(connection, { readsStdin: Option.contains(file, "-") }))
    })
  )
)
