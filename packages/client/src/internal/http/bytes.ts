/** Collects the bytes of chunks, up to a limit. */
import type * as HttpClientError from "@effect/platform/HttpClientError"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

/** The bytes that arrived, and how the stream ended: as a whole, at the limit, or broken. */
export interface Bytes {
  readonly bytes: Uint8Array
  readonly end: "whole" | "limit" | "broken"
}

/** Collects chunks. `add` returns `true` while the size is within the limit. `end` returns the bytes. */
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
      // Replace the transport's error, because it holds the request, and Effect logs errors of the fibers within a
      // stream.
      Stream.runForEachWhile(
        Stream.mapError(stream, ({ reason }) => ({ reason })),
        (chunk) => Effect.sync(() => add(chunk))
      ),
      {
        onSuccess: () => Effect.succeed(end("whole")),
        // Return the bytes so far. A stream can fail while it is being closed, and some transports fail if there is no
        // body.
        onFailure: (cause) =>
          Cause.isInterrupted(cause) ? Effect.interrupt : Effect.succeed(end(isEmpty(cause) ? "whole" : "broken"))
      }
    )
  })
