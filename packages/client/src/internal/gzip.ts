/** Compression by the platform's own standard stream. */
import * as Effect from "effect/Effect"

/** A body, compressed. */
export const gzip = (body: string): Effect.Effect<Uint8Array> =>
  Effect.promise(() =>
    new Response(new Blob([body]).stream().pipeThrough(new CompressionStream("gzip")))
      .arrayBuffer()
      .then((compressed) => new Uint8Array(compressed))
  )
