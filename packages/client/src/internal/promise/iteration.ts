/**
 * Iterates over a stream as an async generator does. `Stream.toAsyncIterable` has three faults. It requests a page
 * before the page is needed. If a program calls `next()` again before the first call has settled, only the last call
 * settles. After an error, or when the program leaves the loop, a call of `next()` never settles.
 */
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/** Runs an effect as a call of the iteration. The call ends when the signal is aborted. */
export type Run<R> = <A, E>(effect: Effect.Effect<A, E, R>, left?: AbortSignal) => Promise<A>

/** Makes a function that runs steps one after the other, as an async generator does. */
const makeTurns = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <A>(step: () => Promise<A>): Promise<A> => {
    const taken = last.then(step)
    last = taken.catch(() => undefined)
    return taken
  }
}

/** Returns the next chunk, or `None` at the end of the stream. */
type Pull<A, E, R> = Effect.Effect<Option.Option<Chunk.Chunk<A>>, E, R>

const open = <A, E, R>(stream: Stream.Stream<A, E, R>): Effect.Effect<Pull<A, E, R>, never, R | Scope.Scope> =>
  Effect.map(Stream.toPull(stream), (pull) =>
    Effect.catchAll(
      Effect.map(pull, Option.some),
      Option.match({ onNone: () => Effect.succeedNone, onSome: Effect.fail })
    )
  )

const end = { done: true, value: undefined } as const

const iterator = <A, E, R>(stream: Stream.Stream<A, E, R>, run: Run<R>): AsyncIterator<A, undefined> => {
  const inTurn = makeTurns()
  const left = new AbortController()
  const scope = Effect.runSync(Scope.make())
  let opened: Promise<Pull<A, E, R>> | undefined
  let chunk = Chunk.empty<A>()[Symbol.iterator]()

  const take = (): Promise<IteratorResult<A, undefined>> => {
    const next = chunk.next()
    if (next.done !== true) return Promise.resolve(next)
    if (left.signal.aborted) return Promise.resolve(end)
    opened ??= run(Scope.extend(open(stream), scope))
    return opened
      .then((pull) => run(pull, left.signal))
      .then(
        (pulled) => {
          if (Option.isNone(pulled)) return release()
          chunk = pulled.value[Symbol.iterator]()
          return take()
        },
        (error: unknown) => {
          const isLeft = left.signal.aborted
          return release().then((ended) => (isLeft ? ended : Promise.reject(error)))
        }
      )
  }

  const release = (): Promise<typeof end> => {
    left.abort()
    chunk = Chunk.empty<A>()[Symbol.iterator]()
    return Effect.runPromise(Effect.as(Scope.close(scope, Exit.void), end))
  }

  return {
    next: () => inTurn(take),
    return: () => {
      left.abort()
      return inTurn(release)
    }
  }
}

/** Makes an iterable from a stream. Each iteration starts the stream again. */
export const iterate = <A, E, R>(stream: Stream.Stream<A, E, R>, run: Run<R>): AsyncIterable<A> => ({
  [Symbol.asyncIterator]: () => iterator(stream, run)
})
