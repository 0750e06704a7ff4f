/** Decodes the bytes of a request's body to a string, up to a limit. */
import * as Effect from "effect/Effect"
import type { Raw } from "./endpoint.js"
import * as Reply from "./reply.js"

export interface Body {
  readonly text: string
  /** The size of the body in bytes, after decompression. */
  readonly size: number
}

const utf8 = new TextDecoder()

/** Decodes a body, or fails with the reply that refuses the body. */
export const decode = (
  bytes: Uint8Array,
  encoding: Raw["headers"][string],
  limit: number
): Effect.Effect<Body, Reply.Reply> => {
  switch (encoding) {
    case undefined:
    case "identity":
      return Effect.succeed(toBody(bytes))
    case "gzip":
      return Effect.map(gunzip(bytes, limit), toBody)
    default:
      return Effect.fail(
        Reply.badRequest(Reply.issue("the content-encoding gzip or no content-encoding", "another encoding"))
      )
  }
}

const toBody = (bytes: Uint8Array): Body => ({ text: utf8.decode(bytes), size: bytes.length })

const tooLong = new Error("The body is longer than the limit")

/** Makes a stream that fails after more bytes than the limit, so that a small compressed body cannot fill the memory. */
const upTo = (limit: number) => {
  let size = 0
  return new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      size += chunk.length
      if (size > limit) controller.error(tooLong)
      else controller.enqueue(chunk)
    }
  })
}

const gunzip = (bytes: Uint8Array, limit: number): Effect.Effect<Uint8Array, Reply.Reply> =>
  Effect.tryPromise({
    try: () => {
      const unzipped = new Blob([Uint8Array.from(bytes)]).stream().pipeThrough(new DecompressionStream("gzip"))
      return new Response(unzipped.pipeThrough(upTo(limit))).arrayBuffer().then((buffer) => new Uint8Array(buffer))
    },
    catch: (error) =>
      error === tooLong
        ? Reply.tooLarge(limit)
        : Reply.badRequest(Reply.issue("a body compressed with gzip, as content-encoding says", "other bytes"))
  })
