/** Compresses and decompresses gzip with the platform's standard streams. */
import * as Effect from "effect/Effect"

/** Decompresses a body, and returns it as a string. */
export const gunzip = (body: Uint8Array): Effect.Effect<string> =>
  Effect.promise(() =>
    new Response(new Blob([new Uint8Array(body)]).stream().pipeThrough(new DecompressionStream("gzip"))).text()
  )

/** Compresses a body. */
export const gzip = (body: string): Effect.Effect<Uint8Array> =>
  Effect.promise(() =>
    new Response(new Blob([body]).stream().pipeThrough(new CompressionStream("gzip")))
      .arrayBuffer()
      .then((compressed) => new Uint8Array(compressed))
  )
