/** Stores the webhooks and their rows in memory. */
import * as Identifier from "@mammoth-effect/core/Identifier"
import type { Json } from "@mammoth-effect/core/Json"
import type { Webhook } from "@mammoth-effect/core/Webhook"
import type { WebhookMode } from "@mammoth-effect/core/WebhookMode"
import type { Change } from "@mammoth-effect/core/WebhookPatch"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"

/** The workspace and the project of a webhook. */
export interface Place {
  readonly workspaceId: Identifier.WorkspaceId
  readonly projectId: Identifier.ProjectId
}

export interface Spec {
  readonly name: string
  readonly mode: WebhookMode
  readonly origins: string
  readonly isSecure: boolean
}

/** A webhook with its rows. A change replaces the `webhook` object, and never modifies it. */
export interface Entry {
  readonly place: Place
  readonly key: string
  /** The time of creation, in milliseconds. */
  readonly createdAt: number
  webhook: Webhook
  rows: Array<Json>
  /** The number of documents that have been pushed. */
  pushes: number
}

export interface Store {
  readonly create: (place: Place, spec: Spec) => Effect.Effect<Entry>
  readonly all: () => ReadonlyArray<Entry>
  /** Returns the webhooks that a list of a project shows now, by ascending id. */
  readonly listed: (place: Place) => Effect.Effect<ReadonlyArray<Entry>>
  readonly byId: (id: number) => Entry | undefined
  readonly byKey: (key: string) => Entry | undefined
  readonly update: (entry: Entry, changes: ReadonlyArray<Change>) => Effect.Effect<void>
  readonly remove: (entry: Entry) => Effect.Effect<void>
  /** Appends the rows, or replaces all rows by the new rows, as the webhook's mode says. */
  readonly push: (entry: Entry, rows: ReadonlyArray<Json>) => void
  /** Removes all webhooks, also from lists. Ids are not used again, because a late request may name an old id. */
  readonly clear: () => void
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** The first id of a dataset. It differs from webhook ids, so that a test that confuses the two ids fails. */
const firstDatasetId = 1001

/**
 * Makes a store. Its lists show the webhooks that existed `listLag` milliseconds ago. The function is longer than a
 * screen, because no code outside of it may change the stored values.
 */
export const make = (random: Random.Random, listLag: number): Store => {
  const entries = new Map<number, Entry>()
  let removed: ReadonlyArray<{ readonly entry: Entry; readonly removedAt: number }> = []
  const keys = new Map<string, Entry>()
  let created = 0

  const text = (length: number) =>
    Effect.map(Effect.replicateEffect(random.nextIntBetween(0, alphabet.length), length), (positions) =>
      positions.map((position) => alphabet.charAt(position)).join("")
    )

  const secret = Effect.map(text(32), (value) => Redacted.make(value))

  const change = (webhook: Webhook, to: Change): Effect.Effect<Webhook> => {
    switch (to.path) {
      case "mode":
        return Effect.succeed({ ...webhook, mode: to.value })
      case "origins":
        return Effect.succeed({ ...webhook, origins: to.value })
      case "isSecure":
        if (!to.value) return Effect.succeed({ ...webhook, secret: null })
        return webhook.secret === null
          ? Effect.map(secret, (made) => ({ ...webhook, secret: made }))
          : Effect.succeed(webhook)
    }
  }

  return {
    create: (place, spec) =>
      Effect.gen(function* () {
        const key = yield* text(24)
        const webhook: Webhook = {
          id: Identifier.WebhookId.make(created + 1),
          name: spec.name,
          mode: spec.mode,
          uri: Redacted.make(`/webhook/data/${key}`),
          datasetId: Identifier.DatasetId.make(created + firstDatasetId),
          origins: spec.origins,
          secret: spec.isSecure ? yield* secret : null
        }
        const entry: Entry = {
          place,
          key,
          createdAt: yield* Clock.currentTimeMillis,
          webhook,
          rows: [],
          pushes: 0
        }
        created += 1
        entries.set(webhook.id, entry)
        keys.set(key, entry)
        return entry
      }),
    all: () => Array.from(entries.values()),
    listed: (place) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        const asOf = now - listLag
        removed = removed.filter(({ removedAt }) => removedAt > asOf)
        return [...removed.map(({ entry }) => entry), ...entries.values()]
          .filter(
            (entry) =>
              entry.createdAt <= asOf
              && entry.place.workspaceId === place.workspaceId
              && entry.place.projectId === place.projectId
          )
          .toSorted((a, b) => a.webhook.id - b.webhook.id)
      }),
    byId: (id) => entries.get(id),
    byKey: (key) => keys.get(key),
    update: (entry, changes) =>
      Effect.map(Effect.reduce(changes, entry.webhook, change), (webhook) => {
        entry.webhook = webhook
      }),
    remove: (entry) =>
      Effect.map(Clock.currentTimeMillis, (removedAt) => {
        entries.delete(entry.webhook.id)
        keys.delete(entry.key)
        if (listLag > 0) removed = [...removed, { entry, removedAt }]
      }),
    push: (entry, rows) => {
      entry.pushes += 1
      if (entry.webhook.mode === "replace") entry.rows = [...rows]
      else for (const row of rows) entry.rows.push(row)
    },
    clear: () => {
      entries.clear()
      keys.clear()
      removed = []
    }
  }
}
