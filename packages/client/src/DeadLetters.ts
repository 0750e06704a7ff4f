/**
 * Where rows go that were refused.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import type { DeadLetter } from "./WebhookSink.js"

/** A row as it can be written: what JSON has no word for, as text. */
const writable = (_: string, value: unknown): unknown =>
  Predicate.isBigInt(value) || (Predicate.isNumber(value) && !Number.isFinite(value)) ? String(value) : value

/**
 * Appends each dead letter to a file, one JSON document a line: `{ index, row, error: { _tag, message } }`.
 *
 * The file is opened when this is run, and closed with the scope. Of a row that is no JSON, bigints and numbers that are
 * not finite are written as text. A letter that cannot be written is logged as an error,
 * with its index.
 *
 * @example
 * import { DeadLetters, WebhookSink } from "@mammoth-effect/client"
 * import type { Webhook } from "@mammoth-effect/core"
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
  path: string
): Effect.Effect<(letter: DeadLetter<A>) => Effect.Effect<void>, PlatformError, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const fileSystem = yield* FileSystem.FileSystem
    const file = yield* fileSystem.open(path, { flag: "a" })
    const encoder = new TextEncoder()
    return ({ error, index, row }) =>
      Effect.try({
        try: () => {
          const letter = { index, row: row ?? null, error: { _tag: error._tag, message: error.message } }
          return `${JSON.stringify(letter, writable)}\n`
        },
        catch: () => ({ message: "the row cannot be written as JSON" })
      }).pipe(
        Effect.flatMap((line) => file.writeAll(encoder.encode(line))),
        Effect.catchAll((failure) =>
          Effect.logError("a dead letter could not be written").pipe(
            Effect.annotateLogs({ path, index, reason: failure.message })
          )
        )
      )
  })
