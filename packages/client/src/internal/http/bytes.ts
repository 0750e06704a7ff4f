/** Collects the bytes of chunks, up to a limit. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/**
 * The bytes that arrived, and how the stream ended. `whole` means that the stream is complete, `limit` that it is
 * longer than the limit, and `broken` that it failed.
 */
export interface Bytes {
  readonly bytes: Uint8Array
  readonly end: "whole" | "limit" | "broken"
}

/**
 * Makes a collector of chunks. `add` adds a chunk, and returns `true` while the total size is within the limit. `end`
 * returns all bytes.
 */
export const collect = (limit: number) => {
  const chunks: Array<Uint8Array> = []
  let size = 0
  return {
    add: (chunk: Uint8Array): boolean => {
      chunks.push(chunk)
      size += chunk.length
      return size <= limit
    },
    end: (end: "whole" | "broken"): Bytes => {
      const bytes = new Uint8Array(size)
      let at = 0
      for (const chunk of chunks) {
        bytes.set(chunk, at)
        at += chunk.length
      }
      return { bytes, end: size > limit ? "limit" : end }
    }
  }
}

const isEmpty = (cause: Cause.Cause<{ readonly reason: string }>): boolean =>
  Option.exists(Cause.failureOption(cause), ({ reason }) => reason === "EmptyBody")

/** Reads bytes until the stream ends or exceeds the limit. Stops the stream at the limit. */
export const take = (
  stream: Stream.Stream<Uint8Array, HttpClientError.ResponseError>,
  limit: number
): Effect.Effect<Bytes> =>
  Effect.suspend(() => {
    const { add, end } = collect(limit)
    return Effect.matchCauseEffect(
      // Keep only the reason of the transport's error. The error itself holds the request, and Effect logs errors of
      // the fibers within a stream.
      Stream.runForEachWhile(
        Stream.mapError(stream, ({ reason }) => ({ reason })),
        (chunk) => Effect.sync(() => add(chunk))
      ),
      {
        onSuccess: () => Effect.succeed(end("whole")),
        // Return the bytes that arrived before the stream failed. A stream can fail while it is being closed, and some
        // transports fail if a response has no body.
        onFailure: (cause) =>
          Cause.isInterrupted(cause) ? Effect.interrupt : Effect.succeed(end(isEmpty(cause) ? "whole" : "broken"))
      }
    )
  })
