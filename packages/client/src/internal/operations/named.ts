/** Finds the webhooks of exactly one name, and compares a webhook with the settings that it should have. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as WebhooksService from "../../WebhooksService.js"

/**
 * Makes the filter with which to list the webhooks of one name. For a name with a comma, makes an empty filter, because
 * a comma separates the names of a filter.
 */
export const filterOf = (name: string): { readonly name?: readonly [string] } =>
  name.includes(",") ? {} : { name: [name] }

/** Collects the webhooks of exactly this name, the lowest id first. */
export const collectNamed =
  (name: string) =>
  <A extends { readonly id: number; readonly name: string }, E, R>(
    webhooks: Stream.Stream<A, E, R>
  ): Effect.Effect<ReadonlyArray<A>, E, R> =>
    webhooks.pipe(
      Stream.filter((webhook) => webhook.name === name),
      Stream.runCollect,
      Effect.map((found) => [...found].toSorted((a, b) => a.id - b.id))
    )

/**
 * Returns the settings of a webhook that differ from the wanted settings. Compares only `mode` and `origins`, because
 * the API shows only these two settings.
 */
export const compare = (
  found: { readonly mode: string; readonly origins: string | null },
  wanted: { readonly mode?: string | undefined; readonly origins?: string | undefined }
): ReadonlyArray<WebhooksService.SettingChange> =>
  (["mode", "origins"] as const).flatMap((setting) => {
    const from = found[setting]
    const to = wanted[setting]
    return to === undefined || from === to ? [] : [{ setting, from, to }]
  })
