/** The tools that replace rows or delete webhooks. Each tool asks the user first. */
import { WrongMode } from "@mammoth-effect/client/IngestError"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Issue from "@mammoth-effect/core/Issue"
import * as Webhook from "@mammoth-effect/core/Webhook"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { toToolError } from "../failure.js"
import { fields, Int, Row, rows } from "../schemas.js"
import * as Tool from "../tool.js"
import { lookUp } from "./lookUp.js"

/** Returns the words that name a webhook in a question to the user. */
const name = ({ id, name }: { readonly id: number; readonly name: string }): string =>
  `webhook ${JSON.stringify(Issue.shorten(name, 100))} (id ${id})`

/** The maximum number of rows in one call. */
const mostRows = 1000

const replaceRows = (project: Webhooks.InProject): Tool.Tool =>
  Tool.make({
    name: "replace_rows",
    level: "destructive",
    description:
      "Replace ALL rows of a dataset with the given rows, through its webhook in mode replace. The user is asked first.",
    isIdempotent: true,
    input: Schema.Struct({ id: Int, rows: rows(mostRows) }),
    output: Schema.Struct({ accepted: Int }),
    run: (input, call) =>
      Effect.gen(function* () {
        const webhook = yield* lookUp(project, input)
        const refuse = toToolError("once", input)
        if (!Webhook.isReplace(webhook)) {
          return yield* refuse(new WrongMode({ wanted: "replace", found: webhook.mode }))
        }
        const count = `${input.rows.length} ${input.rows.length === 1 ? "row" : "rows"}`
        yield* call.confirm(
          `Replace ALL rows of dataset ${webhook.datasetId} through ${name(webhook)} with ${count}? The current rows will be lost.`
        )
        yield* Effect.mapError(Webhooks.replaceAll(webhook, input.rows, { schema: Row }), refuse)
        return { accepted: input.rows.length }
      })
  })

const deleteWebhook = (project: Webhooks.InProject): Tool.Tool =>
  Tool.make({
    name: "delete_webhook",
    level: "destructive",
    description: "Delete a webhook. The user is asked first.",
    isIdempotent: true,
    input: Schema.Struct({ id: Int }),
    output: Schema.Struct({ deleted: Int }),
    run: (input, call) =>
      Effect.gen(function* () {
        const toError = toToolError("safe", input)
        const webhook = yield* Effect.mapError(
          Webhooks.getDetails({ ...project, webhookId: input.id, fields }),
          toError
        )
        yield* call.confirm(
          `Delete ${name(webhook)}, which feeds dataset ${webhook.datasetId}? Its address stops working for all senders.`
        )
        yield* Effect.mapError(Webhooks.delete({ ...project, webhookId: input.id }), toError)
        return { deleted: input.id }
      })
  })

/** Makes the tools that replace rows or delete webhooks. */
export const make = (project: Webhooks.InProject): ReadonlyArray<Tool.Tool> => [
  replaceRows(project),
  deleteWebhook(project)
]
