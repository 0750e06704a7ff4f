/** Looks up the webhook whose id is in a tool's input. */
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import { toToolError } from "../failure.js"

/** Returns the webhook with the given id. After an error, the call is safe to repeat, because a lookup changes nothing. */
export const lookUp = (project: Webhooks.InProject, input: { readonly id: number }) =>
  Effect.mapError(Webhooks.getDetails({ ...project, webhookId: input.id }), toToolError("safe", input))
