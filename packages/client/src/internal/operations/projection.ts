/**
 * The type assertions that generic projection needs, and no others: an answer that was decoded with the decoder of a
 * selection is what the selection's type says. `test/Projection.test.ts` holds the types against what is decoded.
 */
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookField from "@mammoth-effect/core/WebhookField"
import type * as WebhookPage from "@mammoth-effect/core/WebhookPage"

/** A webhook, as the selection it was decoded with has it. */
export const asSelected = <Fields extends WebhookField.Selection>(
  webhook: Partial<Webhook.Webhook>
): Webhook.Selected<Fields> => webhook as Webhook.Selected<Fields>

/** A page, as the selection it was decoded with has it. */
export const asSelectedPage = <Fields extends WebhookField.Selection>(
  page: WebhookPage.WebhookPage
): WebhookPage.Selected<Fields> => page as WebhookPage.Selected<Fields>
