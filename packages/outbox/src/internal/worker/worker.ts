/**
 * The loop that delivers an outbox: claims rows, sends them, and settles what became of them, while their leases are
 * renewed. It knows of no SQL and of no HTTP.
 */
import * as Bisection from "@mammoth-effect/client/Bisection"
import { shorten } from "@mammoth-effect/core/Issue"
import * as Wait from "@mammoth-effect/core/Wait"
import type * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as Scope from "effect/Scope"
import type * as OutboxStore from "../../OutboxStoreService.js"
import type { Claim, ClaimedRow, Settlement } from "../../OutboxStoreService.js"
import * as Time from "../time.js"
import * as Trace from "../trace.js"
import * as Batches from "./batches.js"
import * as Health from "./health.js"
import * as Leases from "./leases.js"
import * as Outage from "./outage.js"
import * as Settler from "./settler.js"
import * as Verdict from "./verdict.js"

/** What a worker is made of; times are in milliseconds. */
export interface Setup {
  readonly outbox: string
  readonly owner: string
  readonly store: OutboxStore.Service
  /** Sends one document, in one attempt that ends within {@link timeout}. */
  readonly send: (document: string) => Effect.Effect<void, Verdict.Failure>
  /** Waits for rows that were offered here since it was closed. */
  readonly offered: Effect.Latch
  readonly concurrency: number
  /** How many rows a request carries at most. */
  readonly maxRows: number
  /** Whether it carries them as an array, or its one row as a document. */
  readonly isArray: boolean
  readonly maxBytes: number
  readonly lease: number
  readonly timeout: number
  readonly poll: number
  readonly backoff: { readonly initial: number; readonly exponent: number; readonly max: number }
  /** Waits until the rate limit, where there is one, lets another request pass. */
  readonly permit: Option.Option<Effect.Effect<void>>
  readonly shutdown: number
  readonly keepDelivered: Option.Option<number>
}

/** What a worker has done since it started, in rows. */
export interface Report {
  delivered: number
  dead: number
  /** Put back, to be tried again. */
  retried: number
  /** Whose lease was lost while they were under way: another delivers them, too. */
  lost: number
}

/** What is kept of an error: of what a server says, only what every database takes, so no half of a pair that was cut. */
const told = (error: Verdict.Failure): string => shorten(error.message, 1000).replaceAll(/[\p{Cc}\p{Cs}]/gu, " ")

/** What becomes of a row that was claimed and not sent. */
const givenBack = { state: "pending", delayMillis: 0, uncounted: true, error: null } as const

/** A worker claims at least so many rows at once, as each claim has to reach the disk. */
const leastClaim = 100

const pruneEvery = Duration.toMillis("1 hour")
const pruneAtOnce = 1000

export const make = (setup: Setup): Effect.Effect<Report, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { backoff, outbox, owner, store } = setup
    const report: Report = { delivered: 0, dead: 0, retried: 0, lost: 0 }
    const leases = Leases.make(setup.lease)
    const outage = Outage.make()
    const health = yield* Health.make(outbox)
    const permits = yield* Effect.makeSemaphore(setup.concurrency)
    const stopped = yield* Deferred.make<void>()
    const log = Effect.annotateLogs({ outbox, worker: owner })
    const streak = Bisection.makeStreak()
    let isStopping = false
    /** The rows that were claimed and that no delivery has taken yet. */
    let waiting: ReadonlyArray<ClaimedRow> = []

    /** Settles rows under the claims that they are held under by now. */
    const write = (settlements: ReadonlyArray<Settlement>): Effect.Effect<void, OutboxStore.Failure> =>
      Effect.gen(function* () {
        const current = settlements.map((settlement) => ({ ...settlement, ...leases.settling(settlement) }))
        const settled = new Set(yield* Trace.untraced(store.settle(owner, current)))
        // claimed by this worker itself while the statement ran: before it, as the lease had ended, or after it
        const isAnew = (row: Claim) => leases.settling(row).claims !== row.claims
        const again = current.filter((row) => !settled.has(row.sequence) && isAnew(row))
        const fresh = current.filter((row) => settled.has(row.sequence) && isAnew(row)).map(leases.settling)
        leases.release(current.filter((row) => !again.includes(row)))
        const lost = current.length - settled.size - again.length
        report.lost += lost
        if (lost > 0) yield* log(Effect.logWarning(`the lease of ${lost} rows was lost: they may be delivered twice`))
        const unfinished = [...again, ...fresh.map((row) => ({ ...row, ...givenBack }))]
        if (unfinished.length > 0) yield* write(unfinished)
      })

    const settler = yield* Settler.make(write)

    const settle = (rows: ReadonlyArray<ClaimedRow>, how: Omit<Settlement, keyof Claim>): Effect.Effect<void> =>
      settler.settle(rows.map((row) => ({ ...leases.settling(row), ...how })))

    const deliveredAll = (rows: ReadonlyArray<ClaimedRow>) => {
      report.delivered += rows.length
      streak.note("delivered", rows.length)
      return Effect.zipRight(
        Effect.zipRight(outage.succeeded, log(health.succeeded)),
        settle(rows, { state: "delivered", delayMillis: null, error: null })
      )
    }

    const buried = (row: ClaimedRow, error: Verdict.Failure) => {
      report.dead += 1
      return Effect.zipRight(
        log(Effect.logWarning(`row ${row.id} is dead: ${error.message}`)),
        settle([row], { state: "dead", delayMillis: null, error: told(error) })
      )
    }

    /** Ever longer with each attempt, and at random between the half and the whole, so that rows do not come in waves. */
    const delayOf = (row: ClaimedRow, asked: number): Effect.Effect<number> =>
      Effect.map(Random.next, (share) => {
        const own = Math.min(backoff.max, backoff.initial * backoff.exponent ** Math.min(row.attempts - 1, 64))
        return Math.max(own * (0.5 + share / 2), asked)
      })

    /** Puts rows back, to be sent again. */
    const putBack = (rows: ReadonlyArray<ClaimedRow>, error: Verdict.Failure, beganAt: number) =>
      Effect.gen(function* () {
        report.retried += rows.length
        const pause = Verdict.pauseAfter(error)
        yield* outage.failed(beganAt, pause)
        yield* log(health.failed(error))
        const asked = Option.match(pause, { onNone: () => 0, onSome: Duration.toMillis })
        for (const row of rows) {
          const delayMillis = yield* delayOf(row, asked)
          yield* settle([row], { state: "pending", delayMillis, error: told(error) })
        }
      })

    /** Gives rows back that were not sent, so that others need not wait for the lease to end. */
    const giveBack = (rows: ReadonlyArray<ClaimedRow>) => settle(rows, givenBack)

    /** Waits until a request may be made; yields `false` where the worker is to end instead. */
    const turn: Effect.Effect<boolean> = Effect.flatMap(outage.left, (left) => {
      if (isStopping) return Effect.succeed(false)
      if (left <= 0 && Option.isNone(setup.permit)) return Effect.succeed(true)
      return Effect.raceFirst(
        outage.wait.pipe(Effect.zipRight(Option.getOrElse(setup.permit, () => Effect.void)), Effect.as(true)),
        Effect.as(Deferred.await(stopped), false)
      )
    })

    /** Sends rows in one request and settles them; returns those that were refused together. */
    const request = (claimed: ReadonlyArray<ClaimedRow>): Effect.Effect<ReadonlyArray<ClaimedRow>> =>
      Effect.gen(function* () {
        if (!(yield* turn)) {
          yield* giveBack(claimed)
          return []
        }
        const beganAt = yield* Time.now
        // what is no longer surely ours until the answer is here is left to the end of its lease
        const rows = claimed.filter((row) => leases.lasts(row, beganAt, setup.timeout))
        if (rows.length < claimed.length) {
          const left = claimed.filter((row) => !rows.includes(row))
          leases.release(left)
          yield* log(Effect.logDebug(`${left.length} rows were not sent, as their lease was not renewed in time`))
        }
        const [row] = rows
        if (row === undefined) return []
        const answer = yield* Effect.either(
          Trace.delivering(outbox, rows)(setup.send(Batches.body(rows, setup.isArray)))
        )
        const error = Either.isLeft(answer) ? answer.left : undefined
        const verdict = error === undefined ? "delivered" : Verdict.of(error)
        if (error === undefined || verdict === "delivered") {
          yield* deliveredAll(rows)
          return []
        }
        if (verdict === "refused") {
          if (rows.length > 1) return rows
          const isToBlame = streak.isRowToBlame(error)
          streak.note(verdict, 1, error)
          if (isToBlame) {
            yield* buried(row, error)
            return []
          }
        }
        yield* log(Effect.logDebug(`${rows.length} rows will be tried again: ${error.message}`))
        yield* putBack(rows, error, beganAt)
        return []
      })

    const deliver = (rows: ReadonlyArray<ClaimedRow>): Effect.Effect<void> => Bisection.run(rows, request)

    const deliveries = yield* FiberSet.make<void>()

    /** Starts a delivery as soon as fewer are under way than may be. */
    const dispatch = (rows: ReadonlyArray<ClaimedRow>): Effect.Effect<void> => {
      const delivery = Effect.interruptible(deliver(rows)).pipe(
        Effect.catchAllCause((cause) => {
          // let go, so that the leases end and the rows are tried again
          leases.release(rows)
          return isStopping ? Effect.void : log(Effect.logError("a delivery broke", cause))
        }),
        Effect.ensuring(permits.release(1))
      )
      return Effect.uninterruptibleMask((restore) =>
        Effect.zipRight(
          restore(permits.take(1)),
          Effect.suspend(() => {
            waiting = waiting.slice(rows.length)
            return FiberSet.run(deliveries, delivery)
          })
        )
      )
    }

    const claim = Effect.gen(function* () {
      const beganAt = yield* Time.now
      const claimed = yield* Trace.untraced(
        store.claim(outbox, {
          owner,
          limit: Math.max(leastClaim, setup.concurrency * setup.maxRows),
          leaseMillis: setup.lease
        })
      )
      waiting = leases.hold(claimed, beganAt)
      return claimed
    })

    const round = Effect.gen(function* () {
      yield* outage.wait
      setup.offered.unsafeClose()
      const claimed = yield* Effect.uninterruptible(claim)
      if (claimed.length === 0) return yield* Effect.raceFirst(setup.offered.await, Wait.sleep(setup.poll))
      yield* Effect.forEach(Batches.group(waiting, setup.maxRows, setup.maxBytes), dispatch, { discard: true })
    })

    const renewal = Effect.gen(function* () {
      yield* Trace.untraced(store.restart(outbox))
      const claims = leases.all()
      if (claims.length === 0) return
      const beganAt = yield* Time.now
      const renewed = yield* Trace.untraced(store.renew(owner, claims, setup.lease))
      const lost = leases.renewed(claims, renewed, beganAt)
      if (lost > 0) yield* log(Effect.logWarning(`the lease of ${lost} rows was lost`))
    })

    const prune = (ageMillis: number): Effect.Effect<void> =>
      Trace.untraced(store.prune(outbox, ageMillis, pruneAtOnce)).pipe(
        Effect.repeat({ while: (pruned) => pruned === pruneAtOnce }),
        Effect.catchAll((error) => log(Effect.logWarning("what was delivered could not be pruned", error.message)))
      )

    /** Runs again and again whatever happens, and says what did. */
    const always = <E extends Error>(what: string, effect: Effect.Effect<unknown, E>, pause: Duration.DurationInput) =>
      effect.pipe(
        Effect.sandbox,
        Effect.tapError((cause: Cause.Cause<E>) =>
          log(Effect.logWarning(`${what} failed, and is tried again: ${Settler.describe(cause)}`))
        ),
        Effect.retry(Settler.untilItReturns),
        Effect.zipRight(Wait.sleep(pause)),
        Effect.forever,
        Effect.interruptible
      )

    yield* Effect.forkScoped(Effect.interruptible(settler.run))
    yield* Effect.forkScoped(always("renewing leases", renewal, setup.lease / 3))
    if (Option.isSome(setup.keepDelivered)) {
      yield* Effect.forkScoped(
        always("pruning", prune(setup.keepDelivered.value), Math.min(pruneEvery, setup.keepDelivered.value))
      )
    }
    // the first to end with the scope, while leases are still renewed; no child of it, as it would then wait for a database
    // that does not answer a claim
    yield* Effect.acquireRelease(Effect.forkDaemon(always("claiming rows", round, 0)), (claiming) =>
      Effect.gen(function* () {
        isStopping = true
        yield* Deferred.succeed(stopped, undefined)
        yield* Fiber.interrupt(claiming)
        yield* giveBack(waiting)
        yield* FiberSet.awaitEmpty(deliveries)
        yield* settler.flush
      }).pipe(
        // interruptible, since a finalizer that is not would wait for the whole whatever its timeout
        Effect.interruptible,
        Effect.timeoutOption(setup.shutdown)
      )
    )
    return report
  })
