/**
 * Maintains an outbox: makes dead letters pending again, and deletes rows. Each function returns the number of changed
 * rows.
 */
import { read as readTime } from "@mammoth-effect/core/Time"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { InvalidOptions } from "../../OutboxError.js"
import type { Failure, Service } from "../../OutboxStoreService.js"
import * as Prune from "../prune.js"
import * as Encode from "./encode.js"

export interface Maintenance {
  readonly redrive: (ids?: Iterable<string>) => Effect.Effect<number, Failure>
  readonly purge: (ids?: Iterable<string>) => Effect.Effect<number, Failure>
  readonly prune: (age: Duration.DurationInput) => Effect.Effect<number, Failure | InvalidOptions>
}

/** Leaves out strings that cannot be ids, because Postgres would fail to compare them. */
const onlyIds = (ids: Iterable<string> | undefined): ReadonlyArray<string> | undefined =>
  ids === undefined ? undefined : Array.from(ids).filter(Encode.isName)

/** Makes the functions of this file. `redrive` opens the latch, to wake the workers of this process. */
export const make = (store: Service, name: string, offered: Effect.Latch): Maintenance => ({
  redrive: (ids) => Effect.tap(store.redrive(name, onlyIds(ids)), () => Effect.sync(() => offered.unsafeOpen())),
  purge: (ids) => store.purge(name, onlyIds(ids)),
  prune: (age) =>
    Effect.gen(function* () {
      const oldest = yield* Either.mapLeft(
        readTime(["age"], age, { orZero: true }),
        (issue) => new InvalidOptions({ issues: [issue] })
      )
      // Delete nothing for an infinite age, because no row is that old.
      if (!Duration.isFinite(oldest)) return 0
      return yield* Prune.prune(store, name, Duration.toMillis(oldest))
    })
})
