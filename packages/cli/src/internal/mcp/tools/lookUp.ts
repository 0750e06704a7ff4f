/** Looks up the webhook of a tool's input. */
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import { toToolError } from "../failure.js"

/** Returns the webhook with the given id. The errors allow the lookup to be repeated, because a lookup changes nothing. */
export const lookUp = (project: Webhooks.InProject, input: { readonly id: number }) =>
  Effect.mapError(Webhooks.getDetails({ ...project, webhookId: input.id }), toToolError("safe", input))
