import { Schema } from "effect"

/** The requests that the bare sink has received since the last GET. */
export const Seen = Schema.Struct({
  requests: Schema.Int,
  /** The total size of all bodies, in bytes. */
  bytes: Schema.Int,
  /** The first request: its headers except `content-length`, and its method and path under `request`. */
  headers: Schema.Record({ key: Schema.String, value: Schema.Unknown })
})

export type Seen = typeof Seen.Type
