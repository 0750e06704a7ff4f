/** The arguments that commands share. */
import * as Args from "@effect/cli/Args"

/** The argument that names a webhook, by its id or its exact name. */
export const webhookArgument = Args.text({ name: "webhook" }).pipe(
  Args.withDescription("The id or the exact name of the webhook. A number is an id.")
)
