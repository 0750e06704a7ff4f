/**
 * Renews the leases of a worker. Also restarts the outbox's waits that were set while the database's clock was ahead.
 */
import * as Effect from "effect/Effect"
import type { Failure } from "../../OutboxStoreService.js"
import * as Time from "../time.js"
import * as Trace from "../trace.js"
import type { Leases } from "./leases.js"
import type { Log, Setup } from "./setup.js"

export const make = (
  { lease, outbox, owner, store }: Pick<Setup, "lease" | "outbox" | "owner" | "store">,
  { leases, log }: { readonly leases: Leases; readonly log: Log }
): Effect.Effect<void, Failure> =>
  Effect.gen(function* () {
    yield* Trace.untraced(store.restart(outbox))
    const claims = leases.all()
    if (claims.length === 0) return
    const beganAt = yield* Time.now
    const renewed = yield* Trace.untraced(store.renew(owner, claims, lease))
    const lost = leases.renewed(claims, renewed, beganAt)
    if (lost > 0)
      yield* log(Effect.logWarning(`the leases of ${lost} rows were lost: another worker may also send these rows`))
  })
