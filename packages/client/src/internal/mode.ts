/** A mode that was asked for is the mode that the server answers. */
import type * as Issue from "@mammoth-effect/core/Issue"
import { shape } from "@mammoth-effect/core/Issue"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookMode from "@mammoth-effect/core/WebhookMode"

/** Narrows a webhook by its mode. */
export const isOfMode =
  <Mode extends WebhookMode.WebhookMode | undefined>(mode: Mode) =>
  (webhook: Webhook.Webhook): webhook is Webhook.Webhook & Webhook.OfMode<Mode> =>
    mode === undefined || webhook.mode === mode

/** What is wrong with the mode of an answer, where one was asked for. */
export const verifyMode =
  (mode: WebhookMode.WebhookMode | undefined) =>
  ({ webhook }: Webhook.Details): ReadonlyArray<Issue.Issue> =>
    mode === undefined || webhook.mode === mode
      ? []
      : [{ path: ["webhook", "mode"], expected: `"${mode}", as asked for`, received: shape(webhook.mode) }]
