/**
 * Streams of rows from common sources: NDJSON, iterables, web streams, Node streams, queues and PubSubs.
 *
 * CSV has its own module, `CsvSource`, so that only programs that use CSV load its parser.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { dual, type LazyArg } from "effect/Function"
import * as ParseResult from "effect/ParseResult"
import type * as PubSub from "effect/PubSub"
import type * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as Take from "effect/Take"
import { FileRow } from "./FileRow.js"
import { RowRefused } from "./IngestError.js"
import type { IngestReport } from "./IngestReport.js"
import { checkInteger } from "./internal/options/limits.js"
import * as Ndjson from "./internal/sources/ndjson.js"
import { fromPulled, pulledByCall, pulledByPromise, unreadable } from "./internal/sources/pulled.js"
import * as Issue from "./Issue.js"
import { keepColumns } from "./Json.js"
import { type BadLine, SourceError } from "./SourceError.js"
import type { Outcome } from "./WebhookSink.js"

export { type BadLine, SourceError } from "./SourceError.js"

/**
 * The part of a Node `Readable` that this module needs.
 *
 * @since 0.1.0
 * @category models
 */
export interface NodeReadable<A> extends AsyncIterable<A> {
  /** Listens for a failure of the source. Without a listener, a failure would end the process. */
  readonly on: (event: "error", listener: () => void) => unknown
  /** Releases the resources of the source. This module calls `destroy` when the stream of rows ends. */
  readonly destroy: () => unknown
}

/**
 * Options for reading NDJSON.
 *
 * @since 0.1.0
 * @category options
 */
export interface NdjsonOptions<E = never, R = never> {
  /**
   * Receives each line that is not JSON. The stream then continues with the next row. Default: the stream fails at the
   * first bad line.
   */
  readonly onBadLine?: ((bad: BadLine) => Effect.Effect<void, E, R>) | undefined
  /**
   * The maximum size of a line, in bytes. Each line is held in memory. The stream fails at a longer line. Default:
   * 10,000,000.
   */
  readonly maxLineBytes?: number | undefined
}

/**
 * Streams the rows of NDJSON, in which each line is one JSON document. The source is a stream of strings, or of bytes
 * in UTF-8.
 *
 * Blank lines, a byte order mark and the CR of CRLF are ignored. A line can continue in the next chunk. The last line
 * needs no line break. If the source fails in the middle of a line, the stream yields no row for this line. Numbers are
 * read as JavaScript reads them, so integers beyond 2^53 are rounded. Rows have the type `unknown`: see
 * {@link decoding}.
 *
 * @example
 * import { RowSource } from "@mammoth-effect/client"
 * import { Console, Stream } from "effect"
 *
 * const rows = (bytes: Stream.Stream<Uint8Array>) =>
 *   RowSource.fromNdjson(bytes, { onBadLine: ({ error }) => Console.warn(error.message) })
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromNdjson = <E, R, E2 = never, R2 = never>(
  source: Stream.Stream<Uint8Array | string, E, R>,
  options?: NdjsonOptions<E2, R2>
): Stream.Stream<unknown, E | E2 | SourceError, R | R2> =>
  Stream.map(fromNdjsonWithLines(source, options), ({ row }) => row)

/**
 * Streams the rows of NDJSON with their line numbers, so that dead letters can show these numbers. In all other ways,
 * this function works like {@link fromNdjson}.
 *
 * @example
 * import { FileRow, RowSource, WebhookSink } from "@mammoth-effect/client"
 * import type { Webhook } from "@mammoth-effect/client"
 * import { Schema, Stream } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.Int })
 *
 * const push = (webhook: Webhook.CombineWebhook, bytes: Stream.Stream<Uint8Array>) =>
 *   Stream.run(
 *     RowSource.fromNdjsonWithLines(bytes),
 *     WebhookSink.append(webhook, { schema: FileRow.schemaOf(RowSource.decoding(Order)) })
 *   )
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromNdjsonWithLines = <E, R, E2 = never, R2 = never>(
  source: Stream.Stream<Uint8Array | string, E, R>,
  options?: NdjsonOptions<E2, R2>
): Stream.Stream<FileRow<unknown>, E | E2 | SourceError, R | R2> => Ndjson.read(source, options)

/**
 * Streams the values of an iterable, such as a generator or a database cursor. Pulls values no faster than the consumer
 * takes them. Calls the iterator's `return` when the stream ends or is interrupted. If the iterator throws, the stream
 * yields the values before the error, and then fails with `SourceError`. The stream also fails with `SourceError` if
 * the source is a string, or is not an iterable.
 *
 * In contrast, `Stream.fromIterable` reads 4,096 values ahead, never closes the iterator, and drops the values that it
 * read before an error.
 *
 * @example
 * import { RowSource } from "@mammoth-effect/client"
 *
 * const rows = RowSource.fromIterable(function*() {
 *   yield { id: 1 }
 *   yield { id: 2 }
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromIterable = <A>(evaluate: LazyArg<Iterable<A>>): Stream.Stream<A, SourceError> =>
  Stream.unwrap(
    Effect.map(Effect.try({ try: evaluate, catch: unreadable("iterable") }), (rows) => {
      // Stream an array directly. An array has no iterator to close, and reading it row by row takes 50 times as long.
      if (isList(rows)) return Stream.fromIterable(rows)
      const wrong = Issue.ofRows(rows)
      return wrong === undefined
        ? fromPulled("iterable", () => pulledByCall(rows[Symbol.iterator]()))
        : Stream.fail(new SourceError({ source: "iterable", reason: Issue.format(wrong) }))
    })
  )

const isList = <A>(rows: Iterable<A>): rows is ReadonlyArray<A> => Array.isArray(rows)

/**
 * Streams the values of an async iterable or an async generator. Pulls values no faster than the consumer takes them.
 * Calls the iterator's `return` when the stream ends or is interrupted.
 *
 * @example
 * import { RowSource } from "@mammoth-effect/client"
 *
 * const rows = RowSource.fromAsyncIterable(async function*() {
 *   yield { id: 1 }
 *   yield { id: 2 }
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromAsyncIterable = <A>(evaluate: LazyArg<AsyncIterable<A>>): Stream.Stream<A, SourceError> =>
  fromPulled<A>("async iterable", () => {
    const iterator = evaluate()[Symbol.asyncIterator]()
    return pulledByPromise<A>(
      () => iterator.next(),
      () => iterator.return?.()
    )
  })

/**
 * Streams the chunks of a web stream. Pulls chunks no faster than the consumer takes them. Cancels the web stream when
 * the Effect stream ends or is interrupted.
 *
 * @example
 * import { RowSource } from "@mammoth-effect/client"
 *
 * const rows = (file: Blob) => RowSource.fromNdjson(RowSource.fromReadableStream(() => file.stream()))
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromReadableStream = <A>(evaluate: LazyArg<ReadableStream<A>>): Stream.Stream<A, SourceError> =>
  fromPulled<A>("web stream", () => {
    const reader = evaluate().getReader()
    return pulledByPromise<A>(
      () => reader.read(),
      () => reader.cancel()
    )
  })

/**
 * Streams the chunks of a Node `Readable`. Pulls chunks no faster than the consumer takes them. Destroys the `Readable`
 * when the stream ends or is interrupted. For a `Readable` in object mode, give the type of its objects:
 * `fromNodeReadable<Order>(…)`.
 *
 * @example
 * import { createReadStream } from "node:fs"
 * import { RowSource } from "@mammoth-effect/client"
 *
 * const rows = RowSource.fromNdjson(RowSource.fromNodeReadable(() => createReadStream("orders.ndjson")))
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromNodeReadable = <A = Uint8Array | string>(
  evaluate: LazyArg<NodeReadable<NoInfer<A>>>
): Stream.Stream<A, SourceError> =>
  fromPulled<A>("Node stream", () => {
    const readable = evaluate()
    // Listen for errors, but ignore them here: without a listener, an error before the first pull would end the
    // process. The pull fails with the same error.
    readable.on("error", () => {})
    const iterator = readable[Symbol.asyncIterator]()
    return pulledByPromise<A>(
      () => iterator.next(),
      () => {
        readable.destroy()
        return undefined
      }
    )
  })

/**
 * Streams the values of a queue. Takes a value from the queue only when the stream needs one. So if the stream is
 * interrupted, the queue still holds the values that the stream did not take. The stream ends when the queue is shut
 * down. A shutdown drops the values in the queue. So if your source ends, use {@link fromTakes}.
 *
 * @example
 * import { RowSource } from "@mammoth-effect/client"
 * import { Effect, Queue } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const queue = yield* Queue.bounded<{ readonly id: number }>(100)
 *   return RowSource.fromQueue(queue)
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromQueue = <A>(queue: Queue.Dequeue<A>): Stream.Stream<A> => Stream.fromQueue(queue, { maxChunkSize: 1 })

/**
 * Streams the values of a queue of `Take`s. A `Take` holds values, the end of the source, or the error of the source.
 *
 * @example
 * import { RowSource } from "@mammoth-effect/client"
 * import { Effect, Queue, Take } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const queue = yield* Queue.bounded<Take.Take<{ readonly id: number }, Error>>(100)
 *   yield* queue.offer(Take.of({ id: 1 }))
 *   yield* queue.offer(Take.end)
 *   return RowSource.fromTakes(queue)
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromTakes = <A, E>(queue: Queue.Dequeue<Take.Take<A, E>>): Stream.Stream<A, E> =>
  Stream.flattenTake(fromQueue(queue))

/**
 * Subscribes to a PubSub, and returns a stream of the values that are published after the subscription began. The
 * subscription begins when this effect runs, which is before the stream runs. The subscription ends when the scope
 * ends.
 *
 * @example
 * import { RowSource } from "@mammoth-effect/client"
 * import { Effect, PubSub } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const hub = yield* PubSub.bounded<{ readonly id: number }>(100)
 *   const rows = yield* RowSource.fromPubSub(hub)
 *   yield* hub.publish({ id: 1 }) // The stream yields this row.
 *   return rows
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromPubSub = <A>(pubsub: PubSub.PubSub<A>): Effect.Effect<Stream.Stream<A>, never, Scope.Scope> =>
  Stream.fromPubSub(pubsub, { scoped: true, maxChunkSize: 1 })

/**
 * Makes a schema for a sink that receives raw rows, such as the rows of NDJSON or CSV. The sink decodes each row with
 * the given schema, and sends the result as JSON.
 *
 * If a raw row does not fit the given schema, the sink refuses the row and reports its index. The dead letter holds the
 * raw row.
 *
 * @example
 * import { RowSource, WebhookSink } from "@mammoth-effect/client"
 * import type { Webhook } from "@mammoth-effect/client"
 * import { Schema, Stream } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.NumberFromString, name: Schema.String })
 *
 * const push = (webhook: Webhook.CombineWebhook, records: Stream.Stream<Record<string, string>>) =>
 *   Stream.run(records, WebhookSink.append(webhook, { schema: RowSource.decoding(Order), onBadRow: "continue" }))
 *
 * @since 0.1.0
 * @category schemas
 */
export const decoding = <A, I>(schema: Schema.Schema<A, I>): Schema.Schema<unknown, A> => {
  const read = ParseResult.decodeUnknown(keepColumns(schema))
  const write = ParseResult.encode(schema)
  return Schema.transformOrFail(Schema.typeSchema(schema), Schema.Unknown, {
    strict: true,
    decode: (row, options) => write(row, options),
    encode: (raw, options) => read(raw, options)
  })
}

/**
 * Skips the first `offset` rows of a stream, by reading and dropping these rows. The new stream begins at the row with
 * this index, counted from 0.
 *
 * The offset counts the rows that the source yields. Blank lines, header lines and bad lines are not counted. The sink
 * counts the remaining rows from 0: see {@link countingFrom}. Throws a `TypeError` if the offset is not an integer of 0
 * or more.
 *
 * @example
 * import { RowSource } from "@mammoth-effect/client"
 * import { Chunk, Effect, Stream } from "effect"
 *
 * const rows = Stream.make("a", "b", "c")
 * const rest = rows.pipe(RowSource.from(2)) // or RowSource.from(rows, 2)
 * console.log(Chunk.toReadonlyArray(Effect.runSync(Stream.runCollect(rest)))) // ["c"]
 *
 * @since 0.1.0
 * @category resuming
 */
export const from: {
  /**
   * Skips the first `offset` rows of a stream, by reading and dropping these rows. The new stream begins at the row
   * with this index, counted from 0.
   *
   * The offset counts the rows that the source yields. Blank lines, header lines and bad lines are not counted. The
   * sink counts the remaining rows from 0: see {@link countingFrom}. Throws a `TypeError` if the offset is not an
   * integer of 0 or more.
   *
   * @example
   * import { RowSource } from "@mammoth-effect/client"
   * import { Chunk, Effect, Stream } from "effect"
   *
   * const rows = Stream.make("a", "b", "c")
   * const rest = rows.pipe(RowSource.from(2)) // or RowSource.from(rows, 2)
   * console.log(Chunk.toReadonlyArray(Effect.runSync(Stream.runCollect(rest)))) // ["c"]
   *
   * @since 0.1.0
   * @category resuming
   */
  (offset: number): <A, E, R>(rows: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  /**
   * Skips the first `offset` rows of a stream, by reading and dropping these rows. The new stream begins at the row
   * with this index, counted from 0.
   *
   * The offset counts the rows that the source yields. Blank lines, header lines and bad lines are not counted. The
   * sink counts the remaining rows from 0: see {@link countingFrom}. Throws a `TypeError` if the offset is not an
   * integer of 0 or more.
   *
   * @example
   * import { RowSource } from "@mammoth-effect/client"
   * import { Chunk, Effect, Stream } from "effect"
   *
   * const rows = Stream.make("a", "b", "c")
   * const rest = rows.pipe(RowSource.from(2)) // or RowSource.from(rows, 2)
   * console.log(Chunk.toReadonlyArray(Effect.runSync(Stream.runCollect(rest)))) // ["c"]
   *
   * @since 0.1.0
   * @category resuming
   */
  <A, E, R>(rows: Stream.Stream<A, E, R>, offset: number): Stream.Stream<A, E, R>
} = dual(2, <A, E, R>(rows: Stream.Stream<A, E, R>, offset: number): Stream.Stream<A, E, R> =>
  Stream.drop(rows, checkOffset(offset))
)

/** Checks an offset. An invalid offset would skip no rows, so the rows would be sent again. */
const checkOffset = (offset: number): number => {
  const issues = checkInteger(["offset"], offset, 0)
  return Either.getOrThrowWith(
    issues.length === 0 ? Either.right(offset) : Either.left(issues),
    (issues) => new TypeError(`RowSource: ${Issue.formatAll({ issues, omitted: 0 })}`)
  )
}

/**
 * Adds an offset to the indices of a sink's outcomes or dead letters, so that the receiver sees the indices in the
 * whole source. Use this function if the sink's rows begin at an offset: see {@link from}.
 *
 * If the option `onBadRow` is `fail`, a `RowRefused` ends the run. This function does not change the index in that
 * error: index 0 is the row at the offset. Throws a `TypeError` if the offset is not an integer of 0 or more.
 *
 * @example
 * import { RowSource, type WebhookSink } from "@mammoth-effect/client"
 * import { Console } from "effect"
 *
 * const onDeadLetter = RowSource.countingFrom(120_000)((letter: WebhookSink.DeadLetter<unknown>) =>
 *   Console.warn(`row ${letter.index}: ${letter.error.message}`)
 * )
 *
 * @since 0.1.0
 * @category resuming
 */
export const countingFrom = (
  offset: number
): (<T extends Pick<Outcome<unknown>, "index" | "error">, B>(receive: (ended: T) => B) => (ended: T) => B) => {
  const rowsBefore = checkOffset(offset)
  return (receive) => (ended) => {
    const index = ended.index + rowsBefore
    return receive({
      ...ended,
      index,
      error: ended.error?._tag === "MammothRowRefused" ? renumber(ended.error, index) : ended.error
    })
  }
}

const renumber = ({ issues, line, omitted }: RowRefused, index: number) =>
  new RowRefused({ index, line, issues, omitted })

/**
 * Returns the offset at which to resume a run. Computes it from the run's report and the offset at which the run began.
 * The result is the offset of the first row that is `undelivered` or has no outcome yet.
 *
 * Each row before this offset is `accepted`, `refused`, `dead` or `unknown`. Sending `unknown` rows again could
 * duplicate them.
 *
 * If the run had several requests in flight at the same time, the server may have accepted rows after this offset. A
 * new run that begins at this offset would duplicate these rows. To prevent this, keep the `undelivered` rows, and
 * begin the new run at `offset + report.offered`.
 *
 * @example
 * import { type IngestReport, RowSource } from "@mammoth-effect/client"
 *
 * const resumeAt = (report: IngestReport.IngestReport) => RowSource.nextOffset(report, 120_000)
 *
 * @since 0.1.0
 * @category resuming
 */
export const nextOffset = (report: IngestReport, offset = 0): number => offset + report.resumeAt
