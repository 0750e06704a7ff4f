import { Schema } from "effect"

/** The requests that the bare server got since it was last asked. */
export const Seen = Schema.Struct({
  requests: Schema.Int,
  /** The bytes of all bodies together. */
  bytes: Schema.Int,
  /** The headers of the first request, without the length of its body, and with its method and path. */
  headers: Schema.Record({ key: Schema.String, value: Schema.Unknown })
})

export type Seen = typeof Seen.Type
