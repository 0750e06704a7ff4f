/** Reads a request's body, and no more of it than is allowed. */
import type { IncomingMessage } from "node:http"
import * as Zlib from "node:zlib"
import * as Effect from "effect/Effect"
import * as Reply from "./reply.js"

const utf8 = new TextDecoder()

/**
 * The body as text, or the answer that refuses it. What comes in beyond the limit is dropped as it arrives, so that the
 * caller can finish sending and read the answer.
 */
export const read = (request: IncomingMessage, limit: number): Effect.Effect<string, Reply.Reply> =>
  Effect.flatMap(readBytes(request, limit), (bytes) => {
    const encoding = request.headers["content-encoding"]
    switch (encoding) {
      case undefined:
      case "identity":
        return Effect.succeed(bytes.length === 0 ? "" : utf8.decode(bytes))
      case "gzip":
        return Effect.map(gunzip(bytes, limit), (unzipped) => utf8.decode(unzipped))
      default:
        return Effect.fail(Reply.badRequest(Reply.issue("content-encoding gzip or none", "another one")))
    }
  })

const readBytes = (request: IncomingMessage, limit: number): Effect.Effect<Buffer, Reply.Reply> =>
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

const gunzip = (bytes: Buffer, limit: number): Effect.Effect<Buffer, Reply.Reply> =>
  Effect.async((resume) => {
    Zlib.gunzip(bytes, { maxOutputLength: limit }, (error, unzipped) => {
      if (error === null) return resume(Effect.succeed(unzipped))
      const refusal =
        "code" in error && error.code === "ERR_BUFFER_TOO_LARGE"
          ? Reply.tooLarge(limit)
          : Reply.badRequest(Reply.issue("a body compressed with gzip, as content-encoding says", "other bytes"))
      resume(Effect.fail(refusal))
    })
  })
