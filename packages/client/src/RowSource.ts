/**
 * Streams of rows from what people have: NDJSON, iterables, web and Node streams, queues.
 *
 * CSV has a module of its own, `CsvSource`, so that its parser is loaded only where it is used.
 *
 * @since 0.1.0
 */
import * as Issue from "@mammoth-effect/core/Issue"
import { keepColumns } from "@mammoth-effect/core/Json"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { LazyArg } from "effect/Function"
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
import { type BadLine, SourceError } from "./SourceError.js"
import type { Outcome } from "./WebhookSink.js"

export { type BadLine, SourceError } from "./SourceError.js"

/**
 * What a Node `Readable` is, as far as it is needed here.
 *
 * @since 0.1.0
 * @category models
 */
export interface NodeReadable<A> extends AsyncIterable<A> {
  /** Listens for a failure of the source, which would end the process if nobody did. */
  readonly on: (event: "error", listener: () => void) => unknown
  /** Releases what the source holds, at the end of the stream of its rows. */
  readonly destroy: () => unknown
}

/**
 * How NDJSON is read.
 *
 * @since 0.1.0
 * @category options
 */
export interface NdjsonOptions<E = never, R = never> {
  /** Receives each line that is not JSON, and the rows go on after it. Default: the stream fails at the first one. */
  readonly onBadLine?: ((bad: BadLine) => Effect.Effect<void, E, R>) | undefined
  /** How many bytes are held in memory while the end of a line is awaited; more fail the stream. Default 10,000,000. */
  readonly maxLineBytes?: number | undefined
}

/**
 * The rows of NDJSON: one JSON document a line, in UTF-8, as bytes or as text.
 *
 * Blank lines are ignored, as are a byte order mark, the CR of CRLF, and where the chunks are cut. The last line needs no
 * end; a source that fails yields no row from a line that it cut off. Numbers are read as JavaScript reads them, so that
 * integers beyond 2^53 are rounded. Rows come as `unknown`: see {@link decoding}.
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
 * The rows of NDJSON with their lines, for dead letters that tell them. Everything else is as in {@link fromNdjson}.
 *
 * @example
 * import { FileRow, RowSource, WebhookSink } from "@mammoth-effect/client"
 * import type { Webhook } from "@mammoth-effect/core"
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
 * The values of an iterable, such as a generator or a cursor of a database, pulled no faster than they are taken. The
 * iterator is returned from when the stream ends or is interrupted. An error that it throws ends the stream with
 * `SourceError`, after the values before it. So does what is not an iterable, and a text.
 *
 * `Stream.fromIterable` reads 4,096 values ahead, never closes the iterator, and drops those that it read before an error.
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
      // a list has nothing to close, and its rows cost 50 times as much one by one
      if (isList(rows)) return Stream.fromIterable(rows)
      const wrong = Issue.ofRows(rows)
      return wrong === undefined
        ? fromPulled("iterable", () => pulledByCall(rows[Symbol.iterator]()))
        : Stream.fail(new SourceError({ source: "iterable", line: null, reason: Issue.format(wrong) }))
    })
  )

const isList = <A>(rows: Iterable<A>): rows is ReadonlyArray<A> => Array.isArray(rows)

/**
 * The values of an async iterable or an async generator, pulled no faster than they are taken; it is returned from when
 * the stream ends or is interrupted.
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
 * The chunks of a web stream, pulled no faster than they are taken; it is cancelled when the stream ends or is
 * interrupted.
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
 * The chunks of a Node `Readable`, pulled no faster than they are taken; it is destroyed when the stream ends or is
 * interrupted. One in object mode says what its objects are: `fromNodeReadable<Order>(…)`.
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
    // an error before the first pull has no listener else, and would end the process; the pull meets it again
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
 * The values of a queue, each taken only when it is wanted, so that what was not taken is still in the queue after an
 * interruption.
 *
 * The stream ends when the queue is shut down, which drops what is in it: for a source that ends, see {@link fromTakes}.
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
 * The values of a queue whose producer says, in the queue, when they end or what they fail with.
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
 * The values that a PubSub is published from now on: it is subscribed to when this is run, not when the stream is, and
 * until the scope ends.
 *
 * @example
 * import { RowSource } from "@mammoth-effect/client"
 * import { Effect, PubSub } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const hub = yield* PubSub.bounded<{ readonly id: number }>(100)
 *   const rows = yield* RowSource.fromPubSub(hub)
 *   yield* hub.publish({ id: 1 }) // is among the rows
 *   return rows
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromPubSub = <A>(pubsub: PubSub.PubSub<A>): Effect.Effect<Stream.Stream<A>, never, Scope.Scope> =>
  Stream.fromPubSub(pubsub, { scoped: true, maxChunkSize: 1 })

/**
 * A schema for a sink whose rows come raw, such as from NDJSON or CSV: each row is read with the schema given, and what
 * that yields is sent as JSON.
 *
 * So a raw row that does not fit is refused by the sink, with its index, and its dead letter holds it as it came.
 *
 * @example
 * import { RowSource, WebhookSink } from "@mammoth-effect/client"
 * import type { Webhook } from "@mammoth-effect/core"
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
 * The rows from the one with this index on, counted from 0: the first `offset` rows are read and passed over.
 *
 * Rows are counted as the source yields them, so that blank, header and bad lines do not count. The sink counts from 0
 * in what is left: see {@link countingFrom}. Throws a `TypeError` if the offset is not an integer from 0.
 *
 * @example
 * import { RowSource } from "@mammoth-effect/client"
 * import { Chunk, Effect, Stream } from "effect"
 *
 * const rest = Stream.make("a", "b", "c").pipe(RowSource.from(2))
 * console.log(Chunk.toReadonlyArray(Effect.runSync(Stream.runCollect(rest)))) // ["c"]
 *
 * @since 0.1.0
 * @category resuming
 */
export const from = (offset: number): (<A, E, R>(rows: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>) => {
  const rowsBefore = checkOffset(offset)
  return (rows) => Stream.drop(rows, rowsBefore)
}

/** An offset that is no number of rows would pass over none, and rows would be sent again. */
const checkOffset = (offset: number): number => {
  const issues = checkInteger(["offset"], offset, 0)
  return Either.getOrThrowWith(
    issues.length === 0 ? Either.right(offset) : Either.left(issues),
    (issues) => new TypeError(`RowSource: ${Issue.formatAll({ issues, omitted: 0 })}`)
  )
}

/**
 * Makes a function that receives outcomes or dead letters of a sink see indices of the whole source, where the sink was
 * given its rows {@link from} an offset.
 *
 * A `RowRefused` that ends the run, rather than being a dead letter, still counts from the offset. Throws a `TypeError` if
 * the offset is not an integer from 0.
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
      error: ended.error?._tag === "RowRefused" ? renumber(ended.error, index) : ended.error
    })
  }
}

const renumber = ({ issues, line, omitted }: RowRefused, index: number) =>
  new RowRefused({ index, line, issues, omitted })

/**
 * The offset from which a run is to be resumed, from its report and the offset that it had itself: that of the first row
 * that is not delivered.
 *
 * It passes over what was accepted, refused or dead, and what is `unknown`, which might be there twice otherwise. With
 * more than one request at a time, rows after it may have been accepted, and would be there twice: keep those that end
 * `undelivered` instead, and resume from `offset + report.offered`.
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
