/**
 * Contains the type assertions that generic operations need, and no others. A response that an operation's decoder has
 * decoded has the operation's type, narrowed to the selection of the call. `test/Projection.test.ts` checks the types
 * against decoded values. `test/Reading.test.ts` checks the decoders against the schemas.
 */
import type * as Operation from "@mammoth-effect/core/Operation"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookField from "@mammoth-effect/core/WebhookField"
import type * as WebhookPage from "@mammoth-effect/core/WebhookPage"

/** Returns a webhook with the type of the selection with which it was decoded. */
export const asSelected = <Fields extends WebhookField.Selection>(
  webhook: Partial<Webhook.Webhook>
): Webhook.Selected<Fields> => webhook as Webhook.Selected<Fields>

/** Returns a page with the type of the selection with which it was decoded. */
export const asSelectedPage = <Fields extends WebhookField.Selection>(
  page: WebhookPage.WebhookPage
): WebhookPage.Selected<Fields> => page as WebhookPage.Selected<Fields>

/** Returns a decoded value with the type of the operation's result. */
export const asSuccess = <O extends Operation.Operation>(value: unknown): Operation.Success<O> =>
  value as Operation.Success<O>
