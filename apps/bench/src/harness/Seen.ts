import { Schema } from "effect"

/** The requests that the bare sink received since the last question. */
export const Seen = Schema.Struct({
  requests: Schema.Int,
  /** The bytes of all bodies together. */
  bytes: Schema.Int,
  /** The headers of the first request without `content-length`, and its method and path under `request`. */
  headers: Schema.Record({ key: Schema.String, value: Schema.Unknown })
})

export type Seen = typeof Seen.Type
