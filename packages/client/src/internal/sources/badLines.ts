/** Puts the rows and the bad lines of one part of a file in order. */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { BadLine, SourceError } from "../../SourceError.js"

/**
 * Passes the bad lines to `onBadLine`, and then yields the rows. Without `onBadLine`, yields the rows and then fails
 * with the error of the first bad line.
 */
export const afterBad = <A, E, R>(
  rows: ReadonlyArray<A>,
  bad: ReadonlyArray<BadLine>,
  onBadLine: ((bad: BadLine) => Effect.Effect<void, E, R>) | undefined
): Stream.Stream<A, E | SourceError, R> => {
  const read = Stream.fromChunk(Chunk.unsafeFromArray(rows))
  const [first] = bad
  if (first === undefined) return read
  return onBadLine === undefined
    ? Stream.concat(read, Stream.fail(first.error))
    : Stream.concat(Stream.execute(Effect.forEach(bad, onBadLine, { discard: true })), read)
}
