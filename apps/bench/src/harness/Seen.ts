import { Schema } from "effect"

/** A summary of the requests that the bare sink has received since the previous GET. The bare sink is the server in `sink.ts`. */
export const Seen = Schema.Struct({
  requests: Schema.Int,
  /** The total size of all bodies, in bytes. */
  bytes: Schema.Int,
  /** The headers of the first request, without `content-length`. The key `request` holds that request's method and path. */
  headers: Schema.Record({ key: Schema.String, value: Schema.Unknown })
})

export type Seen = typeof Seen.Type
