/** Converts webhooks to records for the output, and hides their keys and secrets. */
import type * as Webhook from "@mammoth-effect/core/Webhook"
import * as WebhookField from "@mammoth-effect/core/WebhookField"
import * as Redacted from "effect/Redacted"
import type { Row } from "./shell/output.js"

/** The columns that show a webhook. Hidden values have no column. */
export const columns = ["id", "name", "mode", "datasetId", "origins"] as const

/** Converts a webhook to a record with only the given fields. */
export const webhook = (
  found: Partial<Webhook.Webhook>,
  fields: ReadonlyArray<WebhookField.WebhookField> = WebhookField.all
): Row =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const value = found[field]
      return value === undefined ? [] : [[field, Redacted.isRedacted(value) ? "<redacted>" : value]]
    })
  )
