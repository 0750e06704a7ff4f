/** Reads a request's body from its connection. */
import type { IncomingMessage } from "node:http"
import * as Effect from "effect/Effect"
import * as Reply from "../reply.js"

/**
 * Reads the body's bytes, or fails with the reply that refuses the body. If the body exceeds the limit while it
 * arrives, receives and drops the rest, so that the caller can finish sending and read the response.
 */
export const read = (request: IncomingMessage, limit: number): Effect.Effect<Uint8Array, Reply.Reply> =>
  Effect.async((resume) => {
    if (Number(request.headers["content-length"] ?? 0) > limit) return resume(Effect.fail(Reply.tooLarge(limit)))
    const chunks: Array<Buffer> = []
    let size = 0
    const stop = () => {
      request.off("data", onData)
      request.off("end", onEnd)
    }
    const onData = (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) return void chunks.push(chunk)
      stop()
      request.resume()
      resume(Effect.fail(Reply.tooLarge(limit)))
    }
    const onEnd = () => {
      stop()
      const [only] = chunks
      resume(Effect.succeed(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks)))
    }
    request.on("data", onData)
    request.on("end", onEnd)
    return Effect.sync(stop)
  })
