/** The tools that create and change webhooks, and push rows. */
import { WrongMode } from "@mammoth-effect/client/IngestError"
import * as NamedWebhooks from "@mammoth-effect/client/NamedWebhooks"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Webhook from "@mammoth-effect/core/Webhook"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { refusal, toToolError } from "../failure.js"
import { push } from "../push.js"
import { Int, rows, Shown, show } from "../schemas.js"
import * as Tool from "../tool.js"
import { lookUp } from "./lookUp.js"
import { wanted } from "./read.js"

const ensureWebhook = (project: Webhooks.InProject, allowDestructive: boolean): Tool.Tool =>
  Tool.make({
    name: "ensure_webhook",
    level: "write",
    description: "Find, create or update the webhook with this name, so that it has these settings.",
    isIdempotent: true,
    input: Schema.Struct(wanted),
    output: Schema.Struct({ action: Schema.Literal("create", "update", "keep"), webhook: Shown }),
    run: (input, call) =>
      Effect.gen(function* () {
        const { name, ...settings } = input
        const spec = { ...project, ...settings }
        const { action, changes, id } = yield* Effect.mapError(
          NamedWebhooks.plan(name, spec),
          toToolError("safe", input)
        )
        // Ask the user before the mode becomes `replace`, because each push of any sender would then replace all rows.
        if (changes.some(({ setting, to }) => setting === "mode" && to === "replace")) {
          if (!allowDestructive) {
            return yield* refusal(
              "NotAllowed",
              "This server is not allowed to set an existing webhook to mode replace, because each push would then replace all rows.",
              "Ask the user to start this server with --allow-destructive."
            )
          }
          yield* call.confirm(`Set webhook ${id} to mode replace? Each push to it will then replace all rows.`)
        }
        const webhook = yield* Effect.mapError(Webhooks.ensure(name, spec), toToolError("safe", input))
        return { action, webhook: show(webhook) }
      })
  })

/** The maximum number of rows in one call. */
const mostRows = 100

const pushRows = (project: Webhooks.InProject): Tool.Tool =>
  Tool.make({
    name: "push_rows",
    level: "write",
    description:
      "Append rows to a webhook in mode combine, in no fixed order. The server only confirms that it accepted the rows.",
    isIdempotent: false,
    input: Schema.Struct({ id: Int, rows: rows(mostRows) }),
    output: Schema.Struct({ accepted: Int }),
    run: (input, call) =>
      Effect.gen(function* () {
        const webhook = yield* lookUp(project, input)
        if (!Webhook.isCombine(webhook)) {
          return yield* toToolError("once", input)(new WrongMode({ wanted: "combine", found: webhook.mode }))
        }
        return yield* push(webhook, input.rows, call)
      })
  })

/** Makes the tools that write. */
export const make = (project: Webhooks.InProject, allowDestructive: boolean): ReadonlyArray<Tool.Tool> => [
  ensureWebhook(project, allowDestructive),
  pushRows(project)
]
