/** Compares a webhook with its wanted settings. The API shows only the mode and the origins. */

/** A setting that differs from the wanted one. */
export interface Change {
  readonly setting: "mode" | "origins"
  readonly from: string | null
  readonly to: string
}

/** Lists the settings that `ensure` would change. */
export const changesOf = (
  found: { readonly mode: string; readonly origins: string | null },
  wanted: { readonly mode: string; readonly origins?: string | undefined }
): ReadonlyArray<Change> => {
  const change = (setting: Change["setting"], from: string | null, to: string | undefined): ReadonlyArray<Change> =>
    to === undefined || from === to ? [] : [{ setting, from, to }]
  return [...change("mode", found.mode, wanted.mode), ...change("origins", found.origins, wanted.origins)]
}
