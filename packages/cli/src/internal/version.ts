/** The version of the package. The build inserts the version here. */

declare const MAMMOTH_WEBHOOKS_VERSION: string | undefined

export const version: string = typeof MAMMOTH_WEBHOOKS_VERSION === "string" ? MAMMOTH_WEBHOOKS_VERSION : "0.0.0"
