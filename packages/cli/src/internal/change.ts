/** Describes a change of a webhook's setting. */
import type * as Webhooks from "@mammoth-effect/client/Webhooks"

/** Returns the change in a few words, such as `mode: combine -> replace`. */
export const describe = ({ from, setting, to }: Webhooks.SettingChange): string =>
  `${setting}: ${from ?? "none"} -> ${to}`
