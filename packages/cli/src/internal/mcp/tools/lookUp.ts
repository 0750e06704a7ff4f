/** Looks up the webhook of a tool's input. */
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Effect from "effect/Effect"
import { toToolError } from "../failure.js"

/** Returns the webhook with the id of the input. The lookup may be repeated. */
export const lookUp = (project: Webhooks.InProject, input: { readonly id: number }) =>
  Effect.mapError(Webhooks.getDetails({ ...project, webhookId: input.id }), toToolError("safe", input))
