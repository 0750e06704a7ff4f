/** Makes streams of rows from iterables and streams. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Either from "effect/Either"
import { constVoid } from "effect/Function"
import * as Predicate from "effect/Predicate"
import type * as Stream from "effect/Stream"
import * as RowSource from "../../RowSource.js"
import type { SourceError } from "../../SourceError.js"

/** Rows, as the public `Rows` documents them. */
export type Rows<A> = Iterable<A> | AsyncIterable<A> | ReadableStream<A>

const hasMethod = (value: unknown, name: PropertyKey): boolean =>
  Predicate.hasProperty(value, name) && Predicate.isFunction(value[name])

/** Returns `true` for a web stream. Looks for `getReader`, because some browsers cannot iterate over a web stream. */
export const isWebStream = <A>(source: unknown): source is ReadableStream<A> => hasMethod(source, "getReader")

const isNodeStream = <A>(source: unknown): source is RowSource.NodeReadable<A> =>
  hasMethod(source, Symbol.asyncIterator) && hasMethod(source, "on") && hasMethod(source, "destroy")

export const isAsync = <A>(source: unknown): source is AsyncIterable<A> => hasMethod(source, Symbol.asyncIterator)

/** Streams the values of a Node stream, a web stream or another async iterable. */
export const fromAsync = <A>(source: AsyncIterable<A> | ReadableStream<A>): Stream.Stream<A, SourceError> =>
  isWebStream<A>(source)
    ? RowSource.fromReadableStream(() => source)
    : isNodeStream<A>(source)
      ? RowSource.fromNodeReadable<A>(() => source)
      : RowSource.fromAsyncIterable(() => source)

const close = (source: unknown): unknown =>
  isWebStream(source) ? source.cancel() : isNodeStream(source) ? source.destroy() : undefined

/**
 * Closes a stream if its run rejects. If the arguments are wrong, the run never reads the stream, so nothing else would
 * close the stream.
 */
export const closing = <A>(source: unknown, run: Promise<A>): Promise<A> =>
  run.catch((error: unknown) => {
    // Ignore a failure to close the stream. The run may have closed it already, or another reader may have locked it.
    Promise.resolve()
      .then(() => close(source))
      .then(constVoid, constVoid)
    return Promise.reject(error)
  })

/** Returns `true` for a Node stream of bytes. Bytes are not rows. */
const yieldsBytes = (rows: unknown): boolean =>
  Predicate.hasProperty(rows, "readableObjectMode") && rows.readableObjectMode === false

/** Streams rows, or returns an issue for a value that is not a source of rows. */
export const fromRows = <A>(rows: Rows<A>): Either.Either<Stream.Stream<A, SourceError>, Issue.Issue> => {
  if (yieldsBytes(rows)) {
    const expected = "rows (for bytes: ingestNdjson or ingestCsv)"
    return Either.left({ path: ["rows"], expected, received: "a stream of bytes" })
  }
  if (isWebStream(rows) || isAsync(rows)) return Either.right(fromAsync<A>(rows))
  const wrong = Issue.ofRows(rows, { orAsync: true })
  return wrong === undefined ? Either.right(RowSource.fromIterable(() => rows)) : Either.left(wrong)
}
