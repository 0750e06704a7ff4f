/** Makes sure that one webhook with a name exists and has the given settings. Makes as few writes as possible. */
import type * as Identifier from "@mammoth-effect/core/Identifier"
import type * as Operations from "@mammoth-effect/core/Operations"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import type * as WebhookMode from "@mammoth-effect/core/WebhookMode"
import type * as WebhooksError from "@mammoth-effect/core/WebhooksError"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { AmbiguousName } from "../../AmbiguousName.js"
import type * as WebhooksService from "../../WebhooksService.js"
import { callForMode, isOfMode } from "./mode.js"
import { collectNamed, compare, filterOf } from "./named.js"
import { makePages } from "./pages.js"
import type { Prepared } from "./prepare.js"

/*
 * Processes that start together agree on one webhook without a lock, because the API has no lock. This works under
 * three assumptions:
 *
 * 1. A webhook can be deleted as soon as its creation has a response.
 * 2. A list may be old. But if a list shows a webhook, it also shows all older webhooks, which have lower ids.
 * 3. After `listLagMillis` at the latest, lists show a new webhook, and no longer show a deleted webhook.
 *
 * A process that finds no webhook creates one. Then it lists again until it sees its own webhook, or a webhook with a
 * lower id. By assumption 2, the lowest id in that list is the lowest id that exists. All processes use the webhook with
 * this id.
 *
 * A process deletes only the webhook that it created itself, and only if it sees a lower id. No other process can have
 * chosen the deleted webhook: by assumption 2, a list that shows the deleted webhook also shows the lower id. A process
 * that sees several webhooks chooses none of them, and waits until only one is left. No process deletes the webhook with
 * the lowest id.
 */

/** The assumed maximum time until lists show that a webhook was created or deleted, in milliseconds. */
const listLagMillis = 10_000

/** The maximum pause between two lists, in milliseconds. This maximum grows from `first` to `last`. */
const pauses = { first: 100, last: 1000, growth: 1.5 }

/**
 * Repeats an effect after random pauses, until its outcome is final or the pauses add up to `listLagMillis`. Returns
 * the last outcome.
 */
const repeatUntilFinal = <A, E>(
  self: Effect.Effect<A, E>,
  isFinal: (outcome: A) => boolean,
  pause: number = pauses.first,
  left: number = listLagMillis
): Effect.Effect<A, E> =>
  Effect.flatMap(self, (outcome) =>
    isFinal(outcome) || left <= 0
      ? Effect.succeed(outcome)
      : Effect.flatMap(Random.nextRange(pause / 2, pause), (length) =>
          Effect.zipRight(
            Effect.sleep(length),
            repeatUntilFinal(self, isFinal, Math.min(pause * pauses.growth, pauses.last), left - length)
          )
        )
  )

/** The error of a failed deletion, and the ids of all webhooks with the same name. */
interface Undeleted {
  readonly error: WebhooksError.Common
  readonly ids: ReadonlyArray<Identifier.WebhookId>
}

/** Returns `true` if the server would refuse the same deletion again. */
const isFinal = ({ error }: Undeleted): boolean => error.delivery === "Rejected" && error._tag !== "MammothRateLimited"

const calledAs = "ensure"

/** The operations that `ensure` calls. */
interface Operated {
  readonly list: Prepared<typeof Operations.list>
  readonly create: Prepared<typeof Operations.create>
  readonly update: Prepared<typeof Operations.update>
  readonly delete: Prepared<typeof Operations.delete>
}

/**
 * Makes `ensure`, which finds, creates or updates a webhook. `ensure` can compare only the settings `mode` and
 * `origins`.
 */
export const makeEnsure = ({ create, delete: delete_, list, update }: Operated) => {
  const pages = makePages(list, calledAs)
  return <Mode extends WebhookMode.WebhookMode | undefined = undefined>(
    name: string,
    spec: WebhooksService.EnsureSpec<Mode>
  ): Effect.Effect<Webhook.OfMode<Mode>, WebhooksService.EnsureError> =>
    Effect.gen(function* () {
      const { projectId, workspaceId } = spec
      const project = { workspaceId, projectId }
      yield* create.check({ ...spec, name }, calledAs)

      const find = collectNamed(name)(pages({ ...project, ...filterOf(name) }))

      const adopt = (webhook: Webhook.Webhook): Effect.Effect<Webhook.OfMode<Mode>, WebhooksService.ReadError> => {
        const changes = compare(webhook, spec)
        if (changes.length === 0 && isOfMode(spec.mode)(webhook)) return Effect.succeed(webhook)
        const patch = Object.fromEntries(changes.map(({ setting, to }) => [setting, to]))
        const input = { ...project, webhookId: webhook.id, ...patch }
        return callForMode(update, input, spec.mode, calledAs)
      }

      /**
       * Deletes the webhook that this call created, because an older webhook with the same name exists. Fails with
       * `AmbiguousName` if the webhook cannot be deleted.
       */
      const remove = ({ id }: Webhook.Webhook): Effect.Effect<void, WebhooksService.EnsureError> => {
        const attempt: Effect.Effect<Undeleted | undefined, WebhooksService.ReadError> = Effect.matchEffect(
          delete_.call({ ...project, webhookId: id }, { calledAs }),
          {
            onSuccess: () => Effect.succeed(undefined),
            onFailure: (error) =>
              error._tag === "MammothNotFound"
                ? Effect.succeed(undefined)
                : Effect.map(find, (found) => {
                    const ids = found.map((webhook) => webhook.id)
                    return ids.includes(id) ? { error, ids } : undefined
                  })
          }
        )
        const isSettled = (undeleted: Undeleted | undefined) => undeleted === undefined || isFinal(undeleted)
        return Effect.flatMap(repeatUntilFinal(attempt, isSettled), (undeleted) =>
          undeleted === undefined
            ? Effect.void
            : new AmbiguousName({
                webhookName: name,
                ids: undeleted.ids,
                undeleted: { id, reason: undeleted.error._tag }
              })
        )
      }

      const [found, ...others] = yield* repeatUntilFinal(find, (webhooks) => webhooks.length < 2)
      if (found !== undefined) {
        return others.length === 0
          ? yield* adopt(found)
          : yield* new AmbiguousName({ webhookName: name, ids: [found, ...others].map(({ id }) => id) })
      }

      const created = yield* callForMode(create, { ...spec, name }, spec.mode, calledAs)
      const [oldest] = yield* repeatUntilFinal(find, ([lowest]) => lowest !== undefined && lowest.id <= created.id)
      if (oldest === undefined || oldest.id > created.id) {
        yield* Effect.logWarning(
          `Webhooks.ensure created webhook ${created.id}, but lists do not show it after ${listLagMillis / 1000} s: `
            + "another process may create a second webhook"
        )
      }
      if (oldest === undefined || oldest.id >= created.id) return created
      yield* remove(created)
      return yield* adopt(oldest)
    }).pipe(Effect.withSpan("Webhooks.ensure", { captureStackTrace: false }))
}
