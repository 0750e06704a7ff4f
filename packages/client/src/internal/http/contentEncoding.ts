/**
 * Decompresses bodies for transports that do not decompress, such as transports over undici and `node:http`. Fetch
 * decompresses a body, but keeps the `content-encoding` header. So the header alone does not show whether bytes are
 * compressed. Bytes that are valid UTF-8 are never decompressed.
 */
import * as Effect from "effect/Effect"
import { type Bytes, collect } from "./bytes.js"

/**
 * The module `node:zlib`. It is loaded at run time, because browsers do not have this module and bundlers would not
 * find it.
 */
const zlib = globalThis.process?.getBuiltinModule?.("node:zlib")

const decompressor = (coding: string, first = 0) => {
  if (coding === "br") return zlib?.createBrotliDecompress()
  // Accept deflate data without zlib's header, because some servers send this. If the header is there, the low 4 bits
  // of the first byte are 8.
  if (coding === "deflate" && (first & 0x0f) !== 8) return zlib?.createInflateRaw()
  return /^(deflate|(x-)?gzip)$/.test(coding) ? zlib?.createUnzip() : undefined
}

/**
 * Decompresses bytes. Undoes the codings one by one, from the last to the first. `limit` is the maximum size that each
 * step may return, in bytes. The result is `broken` if the bytes do not have these codings, or if there are more than
 * five codings. More codings would take too long, because each coding takes a pass over the body. No server applies more
 * than a few codings.
 */
export const decompress = (bytes: Uint8Array, codings: ReadonlyArray<string>, limit: number): Effect.Effect<Bytes> => {
  const coding = codings.at(-1)
  if (coding === undefined) return Effect.succeed({ bytes, end: "whole" })
  const { add, end } = collect(limit)
  const stream = codings.length > 5 ? undefined : decompressor(coding, bytes[0])
  if (stream === undefined) return Effect.succeed(end("broken"))
  const decompressed = Effect.async<Bytes>((resume) => {
    stream
      .on("data", (chunk: Uint8Array) => {
        if (!add(chunk)) stream.destroy()
      })
      .on("error", () => resume(Effect.succeed(end("broken"))))
      .on("end", () => resume(Effect.succeed(end("whole"))))
      .on("close", () => resume(Effect.succeed(end("broken"))))
      .end(bytes)
    return Effect.sync(() => stream.destroy())
  })
  return Effect.flatMap(decompressed, (taken) =>
    taken.end === "whole" ? decompress(taken.bytes, codings.slice(0, -1), limit) : Effect.succeed(taken)
  )
}
