/**
 * Stores dead letters, which are refused rows with their errors.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import { FileRow } from "./FileRow.js"
import { lossless } from "./internal/codec/lossless.js"
import type { DeadLetter } from "./WebhookSink.js"

/**
 * A dead letter that could not be written, and the reason. The reason contains no part of the row.
 *
 * @since 0.1.0
 * @category models
 */
export interface Lost<A> {
  readonly letter: DeadLetter<A>
  readonly reason: string
}

/**
 * Options for writing dead letters.
 *
 * @example
 * import type { DeadLetters } from "@mammoth-effect/client"
 * import { Deferred } from "effect"
 *
 * // Another fiber waits for `lost`, and stops the run.
 * const stopAtFirst = (lost: Deferred.Deferred<string>): DeadLetters.Options<unknown> => ({
 *   onLost: ({ reason }) => Deferred.succeed(lost, reason)
 * })
 *
 * @since 0.1.0
 * @category options
 */
export interface Options<A> {
  /**
   * Receives each letter that cannot be written, for example because the disk is full. The letter is the last copy of
   * its row. Default: the loss is logged as an error, with the index of the row.
   */
  readonly onLost?: ((lost: Lost<A>) => Effect.Effect<unknown>) | undefined
}

/**
 * Returns `true` if the last line of the file is incomplete. A killed run or a full disk can leave only the beginning
 * of a letter.
 */
const endsWithinLine = (fileSystem: FileSystem.FileSystem, path: string): Effect.Effect<boolean, PlatformError> =>
  Effect.gen(function* () {
    const { size, type } = yield* fileSystem.stat(path)
    if (type !== "File" || size === FileSystem.Size(0)) return false
    const file = yield* fileSystem.open(path, { flag: "r" })
    yield* file.seek(FileSystem.Size(size - FileSystem.Size(1)), "start")
    const last = yield* file.readAlloc(1)
    return Option.isSome(last) && last.value[0] !== newline
  }).pipe(Effect.scoped)

const newline = 0x0a

/**
 * Opens a file, and returns a function that appends each dead letter as one line of JSON:
 * `{ index, row, error: { _tag, message } }`.
 *
 * If the row is a `FileRow`, the letter also holds the number of the row's line: `{ index, line, row, error }`. `row`
 * is then the `row` of the `FileRow`.
 *
 * The file is closed when the scope ends. If a letter cannot be written, the option `onLost` receives it. Without
 * `onLost`, the loss is logged as an error with the row's index. If the last line of the file is incomplete, the next
 * letter begins on a new line.
 *
 * A letter is the last copy of its row, so the file also holds values that JSON cannot represent. At any depth, these
 * values are written as objects with `$type`:
 *
 * | value                                 | written as                                                            |
 * | ------------------------------------- | --------------------------------------------------------------------- |
 * | a bigint                              | `{ "$type": "bigint", "value": "12" }`                                |
 * | a number that is not finite           | `{ "$type": "number", "value": "NaN" }`                               |
 * | undefined, as a row or in an array    | `{ "$type": "undefined" }`                                            |
 * | an array with more than 1,000 holes   | `{ "$type": "Array", "value": { "length": 9000, "8999": "x" } }`      |
 * | a `Map` or `Set`                      | `{ "$type": "Map", "value": [["key", 1]] }`                           |
 * | a typed array or buffer               | `{ "$type": "Float64Array", "value": [0.5] }`                         |
 * | an `Error`                            | `{ "$type": "Error", "value": { "name", "message", "stack", … } }`    |
 * | an invalid `Date`                     | `{ "$type": "Date", "value": "Invalid Date" }`                        |
 * | a `RegExp`, function or symbol        | `{ "$type": "RegExp", "value": "/a/g" }`                              |
 * | a value that contains itself          | `{ "$type": "cycle", "value": ["path", "to", "it"] }`                 |
 * | an object with a key `$type`          | `{ "$type": "Object", "value": { "$type": … } }`                      |
 * | another object without properties     | `{ "$type": "Promise" }`, with the name of its class                  |
 * | a value more than 300 levels deep     | `{ "$type": "too deep" }`                                             |
 * | a getter or `toJSON` that throws      | `{ "$type": "unreadable" }`                                           |
 *
 * Other values are written as in requests. An object with `toJSON` is written as the result of `toJSON`, and a
 * `Redacted` value as `<redacted>`. Properties that are `undefined` are left out.
 *
 * @example
 * import { DeadLetters, WebhookSink } from "@mammoth-effect/client"
 * import type { Webhook } from "@mammoth-effect/client"
 * import { Effect, Schema, Stream } from "effect"
 *
 * const Order = Schema.Struct({ id: Schema.Int })
 *
 * const push = (webhook: Webhook.CombineWebhook, orders: Stream.Stream<typeof Order.Type>) =>
 *   Effect.gen(function*() {
 *     const onDeadLetter = yield* DeadLetters.ndjsonFile<typeof Order.Type>("refused.ndjson")
 *     return yield* Stream.run(orders, WebhookSink.append(webhook, { schema: Order, onBadRow: "continue", onDeadLetter }))
 *   }).pipe(Effect.scoped)
 *
 * @since 0.1.0
 * @category constructors
 */
export const ndjsonFile = <A>(
  path: string,
  options: Options<A> = {}
): Effect.Effect<(letter: DeadLetter<A>) => Effect.Effect<void>, PlatformError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const fileSystem = yield* FileSystem.FileSystem
    const file = yield* fileSystem.open(path, { flag: "a" })
    const encoder = new TextEncoder()
    const isTorn = yield* Ref.make(yield* endsWithinLine(fileSystem, path))
    const append = (line: string) =>
      Ref.getAndSet(isTorn, false).pipe(
        Effect.flatMap((torn) => file.writeAll(encoder.encode(torn ? `\n${line}` : line))),
        Effect.tapError(() => Ref.set(isTorn, true))
      )
    const {
      onLost = ({ letter: { index }, reason }) =>
        Effect.logError("a dead letter could not be written").pipe(Effect.annotateLogs({ path, index, reason }))
    } = options
    return (letter) =>
      Effect.try({
        try: () => {
          const { error, index, row } = letter
          const place = row instanceof FileRow ? { index, line: row.line } : { index }
          const told = { _tag: error._tag, message: error.message }
          const written = { ...place, row: lossless(row instanceof FileRow ? row.row : row), error: told }
          return `${JSON.stringify(written)}\n`
        },
        catch: () => ({ message: "the letter's JSON is too long for a string" })
      }).pipe(
        Effect.flatMap(append),
        Effect.catchAll(({ message }) => Effect.asVoid(onLost({ letter, reason: message })))
      )
  })
