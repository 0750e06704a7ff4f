/** Checks that the mode of a response is the requested mode. */
import { shape } from "@mammoth-effect/core/Issue"
import type * as Operations from "@mammoth-effect/core/Operations"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookMode from "@mammoth-effect/core/WebhookMode"
import * as Effect from "effect/Effect"
import type * as WebhooksService from "../../WebhooksService.js"
import type { Prepared } from "./prepare.js"

/** Returns `true` if a webhook is in the given mode, or if no mode is given. */
export const isOfMode =
  <Mode extends WebhookMode.WebhookMode | undefined>(mode: Mode) =>
  (webhook: Webhook.Webhook): webhook is Webhook.Webhook & Webhook.OfMode<Mode> =>
    mode === undefined || webhook.mode === mode

/** Creates or changes a webhook. Fails with a `DecodeError` if the mode of the response is not the requested mode. */
export const callForMode = <Mode extends WebhookMode.WebhookMode | undefined>(
  { call }: Prepared<typeof Operations.create> | Prepared<typeof Operations.update>,
  input: unknown,
  mode: Mode,
  calledAs?: string
): Effect.Effect<Webhook.OfMode<Mode>, WebhooksService.ReadError> => {
  const verify = ({ webhook }: Webhook.Details) =>
    isOfMode(mode)(webhook)
      ? []
      : [{ path: ["webhook", "mode"], expected: `"${mode}", as requested`, received: shape(webhook.mode) }]
  return call(input, { verify, calledAs }).pipe(
    Effect.map(({ webhook }) => webhook),
    Effect.filterOrDieMessage(isOfMode(mode), "unreachable")
  )
}
