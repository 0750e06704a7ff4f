/** The arguments that commands share. */
import * as Args from "@effect/cli/Args"

/** Names a webhook. */
export const webhookArgument = Args.text({ name: "webhook" }).pipe(
  Args.withDescription("The id or the exact name of the webhook. Digits are an id.")
)
