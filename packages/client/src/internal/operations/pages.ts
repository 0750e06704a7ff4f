/** Streams every page of a list, lazily. */
import { shape } from "@mammoth-effect/core/Issue"
import * as Operations from "@mammoth-effect/core/Operations"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookField from "@mammoth-effect/core/WebhookField"
import { DecodeError, InvalidRequest } from "@mammoth-effect/core/WebhooksError"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type * as WebhooksService from "../../WebhooksService.js"
import { identify } from "../http/call.js"
import type { Prepared } from "./prepare.js"

/** The maximum number of consecutive pages without a new webhook. */
const patience = 3

const notALimit = (calledAs: string, limit: unknown) =>
  new InvalidRequest({
    ...identify(Operations.list, calledAs),
    issues: [
      {
        path: ["limit"],
        expected: "an integer from 1 to 100, because a page of 0 shows no webhook (default: 100)",
        received: shape(limit)
      }
    ]
  })

const repeated = (calledAs: string, offset: number) =>
  new DecodeError({
    ...identify(Operations.list, calledAs),
    status: Operations.list.status,
    delivery: "Accepted",
    attempts: 1,
    history: [],
    requestId: undefined,
    excerpt: "",
    issues: [
      {
        path: ["webhooks"],
        expected: `new webhooks at offset ${offset}`,
        received: "only webhooks of earlier pages, so the server does not page by offset"
      }
    ]
  })

/** Adds the field `id` to a selection, so that a repeated page can be recognized. */
const withId = (fields: WebhookField.Selection | undefined): WebhookField.Selection | undefined =>
  typeof fields === "object" && fields.length > 0 && !fields.includes("id") ? [...fields, "id"] : fields

/**
 * Streams every webhook of a list, one page at a time, from the given offset until a page is empty. Errors name the
 * function that the caller called.
 */
export const makePages =
  (list: Prepared<typeof Operations.list>, calledAs: string) =>
  (request: WebhooksService.ListRequest): Stream.Stream<Webhook.Webhook, WebhooksService.ReadError> => {
    const limit = request.limit ?? 100
    if (limit === 0) return Stream.fail(notALimit(calledAs, limit))
    const fields = withId(request.fields)
    const asked = fields === undefined ? request : { ...request, fields }
    return Stream.suspend(() => {
      const seen = new Set<number>()
      let first: number | undefined
      let stale = 0
      return Stream.paginateChunkEffect(request.offset ?? 0, (offset) =>
        Effect.flatMap(list.call({ ...asked, limit, offset }, { calledAs }), ({ webhooks }) => {
          if (webhooks.length === 0) return Effect.succeed([Chunk.empty(), Option.none()] as const)
          // Count consecutive pages without a new webhook. While webhooks are created and deleted, a page may repeat
          // webhooks of earlier pages. A repeated first page has another cause, so fail immediately.
          const fresh = webhooks.filter(({ id }) => !seen.has(id))
          stale = fresh.length === 0 ? stale + 1 : 0
          if (stale > 0 && (webhooks[0]?.id === first || stale > patience))
            return Effect.fail(repeated(calledAs, offset))
          first ??= webhooks[0]?.id
          for (const { id } of fresh) seen.add(id)
          return Effect.succeed([Chunk.unsafeFromArray(fresh), Option.some(offset + webhooks.length)] as const)
        })
      )
    })
  }

/** Removes the field `id` from a webhook if the stream requested this field only to recognize repeated pages. */
export const withoutUnasked = (
  request: WebhooksService.ListRequest,
  webhook: Webhook.Webhook
): Partial<Webhook.Webhook> => {
  if (withId(request.fields) === request.fields) return webhook
  const { id: _, ...asked } = webhook
  return asked
}
