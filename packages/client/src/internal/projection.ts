/**
 * The package's one type assertion: a webhook that was decoded with the decoder of a selection is what the selection's
 * type says. `test/Projection.test.ts` holds it against what is really decoded.
 */
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookField from "@mammoth-effect/core/WebhookField"

/** A webhook, as the selection it was decoded with has it. */
export const asSelected = <Fields extends WebhookField.Selection>(
  webhook: Partial<Webhook.Webhook>
): Webhook.Projected<WebhookField.Selected<Fields>> => webhook as Webhook.Projected<WebhookField.Selected<Fields>>
