/** Performs each operation on the emulator's webhooks. */
import type * as Identifier from "@mammoth-effect/core/Identifier"
import * as Issue from "@mammoth-effect/core/Issue"
import type { Json } from "@mammoth-effect/core/Json"
import * as Operations from "@mammoth-effect/core/Operations"
import * as Webhook from "@mammoth-effect/core/Webhook"
import * as WebhookField from "@mammoth-effect/core/WebhookField"
import type { WebhookKey } from "@mammoth-effect/core/WebhookKey"
import * as WebhookPatch from "@mammoth-effect/core/WebhookPatch"
import type { SortKey, WebhookQuery } from "@mammoth-effect/core/WebhookQuery"
import * as Effect from "effect/Effect"
import * as Order from "effect/Order"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Endpoint from "./endpoint.js"
import * as Reply from "./reply.js"
import type { Settings } from "./settings.js"
import type { Entry, Place, Store } from "./store.js"

/** The endpoints, by the names of their operations. */
export type Handlers = { readonly [Name in keyof typeof Operations]?: Endpoint.Endpoint | undefined }

export const make = (settings: Settings, store: Store): Handlers => {
  const find = (place: Place & { readonly webhookId: Identifier.WebhookId }): Effect.Effect<Entry, Reply.Reply> => {
    const entry = store.byId(place.webhookId)
    return entry?.place.workspaceId === place.workspaceId && entry.place.projectId === place.projectId
      ? Effect.succeed(entry)
      : Effect.fail(Reply.notFound("This project has no webhook with this id"))
  }

  const push = (
    input: { readonly path: { readonly key: WebhookKey }; readonly headers: Endpoint.Raw["headers"] },
    rows: ReadonlyArray<Json>
  ): Effect.Effect<void, Reply.Reply> =>
    Effect.suspend(() => {
      const entry = store.byKey(Redacted.value(input.path.key))
      if (entry === undefined) return Effect.fail(Reply.notFound("There is no webhook with this key"))
      const { secret } = entry.webhook
      if (secret !== null && !carries(settings, input.headers, Redacted.value(secret))) {
        return Effect.fail(
          Reply.unauthorized(`This webhook is secure: send its secret in the header ${settings.secretHeader}`)
        )
      }
      store.push(entry, rows)
      return Effect.void
    })

  return {
    list: Endpoint.make(Operations.list, ({ path, query, pathname }) =>
      Effect.map(store.listed(path), (entries) => {
        const { limit = 50, offset = 0 } = query
        const found = entries.map((entry) => entry.webhook).filter(matches(query))
        // Sort only if a sort order is given, because the store returns webhooks in the default order: by ascending id.
        if (query.sort !== undefined) found.sort(inOrder(query.sort))
        const page = found.slice(offset, offset + limit)
        const more = page.length > 0 && offset + page.length < found.length
        return {
          webhooks: page.map((webhook) => represent(webhook, query.fields)),
          limit,
          offset,
          next: more ? `${pathname}?${queryText({ ...query, limit, offset: offset + page.length })}` : ""
        }
      })
    ),

    create: Endpoint.withBody(Operations.create, ({ path, body }) =>
      store
        .create(path, {
          name: body.name ?? "Generic Webhook",
          mode: body.mode ?? "replace",
          origins: body.origins ?? "*",
          isSecure: body.isSecure ?? false
        })
        .pipe(Effect.map((entry) => ({ webhook: represent(entry.webhook, undefined) })))
    ),

    getDetails: Endpoint.make(Operations.getDetails, ({ path, query }) =>
      Effect.map(find(path), (entry) => ({ webhook: represent(entry.webhook, query.fields) }))
    ),

    delete: Endpoint.make(Operations.delete, ({ path }) => Effect.flatMap(find(path), store.remove)),

    update: Endpoint.withBody(Operations.update, ({ path, body }) =>
      Effect.flatMap(find(path), (entry) =>
        Effect.map(store.update(entry, WebhookPatch.changes(body)), () => ({
          webhook: represent(entry.webhook, undefined)
        }))
      )
    ),

    addDataUsingGet: Endpoint.make(Operations.addDataUsingGet, (input) => push(input, [input.query]), "columns"),

    addData: Endpoint.withBody(Operations.addData, (input) =>
      Effect.flatMap(rowsOf(input.body, settings.arraysAreRows), (rows) =>
        Effect.as(push(input, rows), { message: "Accepted", rows: rows.length })
      )
    )
  }
}

/** Returns true if the request sends the webhook's secret in the configured header. */
const carries = (settings: Settings, headers: Endpoint.Raw["headers"], secret: string): boolean =>
  headers[settings.secretHeader]
  === (settings.secretScheme === undefined ? secret : `${settings.secretScheme} ${secret}`)

const isRow = (value: Json): boolean => Predicate.isRecord(value)

const isList = (value: Json): value is ReadonlyArray<Json> => Array.isArray(value)

const rowsOf = (document: Json, arraysAreRows: boolean): Effect.Effect<ReadonlyArray<Json>, Reply.Reply> => {
  if (!isList(document)) {
    return isRow(document) ? Effect.succeed([document]) : Effect.fail(notARow("one row (an object)", document))
  }
  if (!arraysAreRows) {
    return Effect.fail(notARow("an object (to push lists, set the emulator's option arraysAreRows)", document))
  }
  const at = document.findIndex((each) => !isRow(each))
  return at === -1 ? Effect.succeed(document) : Effect.fail(notARow("one row (an object)", document[at], [at]))
}

const notARow = (expected: string, value: unknown, path: Issue.Issue["path"] = []): Reply.Reply =>
  Reply.badRequest(Reply.issue(expected, Issue.shape(value), path))

const matches =
  (query: WebhookQuery) =>
  (webhook: Webhook.Webhook): boolean =>
    (query.id === undefined || query.id.includes(webhook.id))
    && (query.name === undefined || query.name.includes(webhook.name))
    && (query.datasetId === undefined || query.datasetId.includes(webhook.datasetId))
    && (query.mode === undefined || query.mode.some((mode) => mode === webhook.mode))

const inOrder = (keys: ReadonlyArray<SortKey>): Order.Order<Webhook.Webhook> =>
  Order.combineAll(keys.map(([field, direction]) => (direction === "asc" ? by(field) : Order.reverse(by(field)))))

const by =
  (field: WebhookField.WebhookField): Order.Order<Webhook.Webhook> =>
  (a, b) => {
    const [left, right] = [bare(a[field]), bare(b[field])]
    return Predicate.isNumber(left) && Predicate.isNumber(right)
      ? Order.number(left, right)
      : Order.string(String(left), String(right))
  }

const bare = (value: Webhook.Webhook[WebhookField.WebhookField]): string | number =>
  value === null ? "" : Redacted.isRedacted(value) ? Redacted.value(value) : value

const encodeQuery = Schema.encodeSync(Operations.list.query)

const queryText = (query: WebhookQuery): string => new URLSearchParams(Object.entries(encodeQuery(query))).toString()

/** Encodes a webhook with the given fields. Caches the result until the webhook changes. */
const encoder = (fields: ReadonlyArray<WebhookField.WebhookField>) => {
  const encode = Schema.encodeSync(Webhook.projection(fields))
  const encoded = new WeakMap<Webhook.Webhook, Webhook.Encoded>()
  return (webhook: Webhook.Webhook): Webhook.Encoded => {
    const known = encoded.get(webhook)
    if (known !== undefined) return known
    const fresh = encode(webhook)
    encoded.set(webhook, fresh)
    return fresh
  }
}

const encoders = new Map<string, ReturnType<typeof encoder>>()

const withoutSecret = WebhookField.all.filter((field) => field !== "secret")

const represent = (webhook: Webhook.Webhook, selection: WebhookField.Selection | undefined): Webhook.Encoded => {
  const fields = fieldsOf(webhook, selection)
  const name = fields.join()
  const known = encoders.get(name)
  if (known !== undefined) return known(webhook)
  const fresh = encoder(fields)
  encoders.set(name, fresh)
  return fresh(webhook)
}

const fieldsOf = (
  webhook: Webhook.Webhook,
  selection: WebhookField.Selection = "standard"
): ReadonlyArray<WebhookField.WebhookField> => {
  if (selection === "min") return WebhookField.minimal
  if (selection === "standard" || selection === "full")
    return webhook.secret === null ? withoutSecret : WebhookField.all
  return WebhookField.all.filter((field) => selection.includes(field))
}
