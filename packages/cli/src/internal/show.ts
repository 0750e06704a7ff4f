/** Shows webhooks as records. Their keys and secrets are hidden. */
import type * as Webhook from "@mammoth-effect/core/Webhook"
import * as WebhookField from "@mammoth-effect/core/WebhookField"
import * as Redacted from "effect/Redacted"
import type { Row } from "./shell/output.js"

/** The columns of a webhook, without the hidden ones. */
export const columns = ["id", "name", "mode", "datasetId", "origins"] as const

/** Makes a record of a webhook, with the given fields only. */
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
