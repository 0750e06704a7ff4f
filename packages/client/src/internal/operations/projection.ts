/**
 * Contains all type assertions that generic operations need. The value that an operation's decoder returns has the
 * operation's type, narrowed to the fields that the call selected. `test/Projection.test.ts` checks the types against
 * decoded values. `test/Reading.test.ts` checks the decoders against the schemas.
 */
import type * as Operation from "@mammoth-effect/core/Operation"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookField from "@mammoth-effect/core/WebhookField"
import type * as WebhookPage from "@mammoth-effect/core/WebhookPage"

/** Gives a decoded webhook the type of the fields that were selected. */
export const asSelected = <Fields extends WebhookField.Selection>(
  webhook: Partial<Webhook.Webhook>
): Webhook.Selected<Fields> => webhook as Webhook.Selected<Fields>

/** Gives a decoded page the type of the fields that were selected. */
export const asSelectedPage = <Fields extends WebhookField.Selection>(
  page: WebhookPage.WebhookPage
): WebhookPage.Selected<Fields> => page as WebhookPage.Selected<Fields>

/** Gives a decoded value the type of the operation's result. */
export const asSuccess = <O extends Operation.Operation>(value: unknown): Operation.Success<O> =>
  value as Operation.Success<O>
