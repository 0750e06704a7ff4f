/** Brings about that a webhook of a name exists and is as wanted, with no more writes than that takes. */
import * as Operations from "@mammoth-effect/core/Operations"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookMode from "@mammoth-effect/core/WebhookMode"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { AmbiguousName } from "../AmbiguousName.js"
import type * as Webhooks from "../Webhooks.js"
import { isOfMode, verifyMode } from "./mode.js"
import type { Perform } from "./perform.js"

/** Finds, creates or updates; what can be compared is `mode` and `origins`. */
export const makeEnsure =
  (
    pages: (request: Webhooks.ListRequest) => Stream.Stream<Webhook.Webhook, Webhooks.ReadError>,
    create: Webhooks.Service["create"],
    perform: Perform
  ) =>
  <Mode extends WebhookMode.WebhookMode | undefined = undefined>(
    name: string,
    spec: Webhooks.EnsureSpec<Mode>
  ): Effect.Effect<Webhook.OfMode<Mode>, Webhooks.EnsureError> =>
    Effect.gen(function* () {
      const { projectId, workspaceId } = spec
      const project = { workspaceId, projectId }
      // a name with a comma cannot be asked for, so it is looked for among all
      const candidates = pages(name.includes(",") ? project : { ...project, name: [name] })
      const found = yield* Stream.runCollect(Stream.filter(candidates, (webhook) => webhook.name === name))
      const [webhook, ...others] = found
      if (webhook === undefined) return yield* create({ ...spec, name })
      if (others.length > 0)
        return yield* new AmbiguousName({ webhookName: name, ids: [webhook, ...others].map(({ id }) => id) })
      const hasOrigins = spec.origins === undefined || webhook.origins === spec.origins
      if (isOfMode(spec.mode)(webhook) && hasOrigins) return webhook
      const patch = {
        ...(isOfMode(spec.mode)(webhook) ? {} : { mode: spec.mode }),
        ...(hasOrigins ? {} : { origins: spec.origins })
      }
      return yield* perform
        .flat(Operations.update, { ...project, webhookId: webhook.id, ...patch }, verifyMode(spec.mode))
        .pipe(
          Effect.map((answer) => answer.webhook),
          Effect.filterOrDieMessage(isOfMode(spec.mode), "the mode was verified with the answer")
        )
    }).pipe(Effect.withSpan("Webhooks.ensure", { captureStackTrace: false }))
