/** Streams sources that are pulled row by row: iterators, generators, web and Node streams. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { identity, type LazyArg } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { SourceError } from "../../SourceError.js"
import { isError } from "../codec/brand.js"
import { withThrown } from "./thrown.js"

/**
 * Returns the code or the name of an error. Leaves out the error's message, because the message of a database's cursor
 * may quote a row.
 */
const kindOf = (thrown: unknown): string =>
  Predicate.hasProperty(thrown, "code") && Predicate.isString(thrown.code)
    ? Issue.shorten(thrown.code, 100)
    : isError(thrown)
      ? Issue.shorten(thrown.name, 100)
      : Issue.shape(thrown)

export const unreadable =
  (source: SourceError["source"]) =>
  (thrown: unknown): SourceError =>
    withThrown(new SourceError({ source, reason: `reading failed: ${kindOf(thrown)}` }), thrown)

type Result<A> =
  | { readonly done?: false | undefined; readonly value: A }
  | { readonly done: true; readonly value?: unknown }

/**
 * Returns the row from an iterator's result, or the end of the iteration. In a program without types, an iterator may
 * return any value.
 */
const toRow = <A>(source: SourceError["source"], result: Result<A>): Either.Either<A, Option.Option<SourceError>> => {
  if (!Predicate.isObject(result)) {
    const reason = `the iterator returned ${Issue.shape(result)}; let \`next\` return an object with \`done\` and \`value\``
    return Either.left(Option.some(new SourceError({ source, reason })))
  }
  return Either.flatMap(
    Either.try({ try: () => readResult(result), catch: (thrown) => Option.some(unreadable(source)(thrown)) }),
    identity
  )
}

const readResult = <A>(result: Result<A>): Either.Either<A, Option.Option<never>> =>
  result.done === true ? Either.left(Option.none()) : Either.right(result.value)

/** A source that is pulled row by row until it is done, and then closed. */
export interface Pulled<A> {
  readonly pull: Effect.Effect<Result<A>, unknown>
  readonly close: Effect.Effect<void>
}

export const fromPulled = <A>(source: SourceError["source"], open: LazyArg<Pulled<A>>): Stream.Stream<A, SourceError> =>
  Stream.unwrapScoped(
    Effect.map(
      Effect.acquireRelease(Effect.try({ try: open, catch: unreadable(source) }), ({ close }) => close),
      ({ pull }) =>
        Stream.repeatEffectOption(
          Effect.matchEffect(pull, {
            onFailure: (thrown) => Effect.fail(Option.some(unreadable(source)(thrown))),
            onSuccess: (result) => toRow(source, result)
          })
        )
    )
  )

export const pulledByCall = <A>(iterator: Iterator<A>): Pulled<A> => ({
  pull: Effect.mapError(
    Effect.try(() => iterator.next()),
    ({ error }) => error
  ),
  close: Effect.ignore(Effect.try(() => iterator.return?.()))
})

export const pulledByPromise = <A>(
  next: () => PromiseLike<Result<A>>,
  close: () => PromiseLike<unknown> | undefined
): Pulled<A> => {
  let isWaiting = false
  return {
    pull: Effect.tryPromise({
      try: () => {
        isWaiting = true
        return Promise.resolve(next()).finally(() => {
          isWaiting = false
        })
      },
      catch: (thrown) => thrown
    }),
    close: Effect.suspend(() => {
      const closed = Effect.ignore(Effect.tryPromise(() => Promise.resolve(close())))
      // If a generator is waiting, close it in the background. A generator that waits for its own source can only
      // return after this source yields.
      return isWaiting ? Effect.forkDaemon(closed) : closed
    })
  }
}
