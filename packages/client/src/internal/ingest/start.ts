/** Checks the target and options of a sink or an ingestor, and starts its engine. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Operations from "@mammoth-effect/core/Operations"
import { findFault, type RowSchema } from "@mammoth-effect/core/RowSchema"
import * as Time from "@mammoth-effect/core/Time"
import { InvalidRequest } from "@mammoth-effect/core/WebhooksError"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { WrongMode } from "../../IngestError.js"
import { RequestOptions } from "../../RequestOptions.js"
import type { PushService } from "../../WebhooksService.js"
import type { CombineTarget } from "../../WebhookTarget.js"
import { identify } from "../http/call.js"
import { gzip } from "../http/gzip.js"
import { checkBytes, checkInteger } from "../options/limits.js"
import * as Engine from "./engine.js"
import type * as Listeners from "./listeners.js"

interface Limits {
  readonly batch?:
    | {
        readonly maxRows?: number | undefined
        readonly maxBytes?: number | undefined
        readonly maxWait?: Duration.DurationInput | undefined
      }
    | undefined
  readonly concurrency?: number | undefined
  readonly throttleDeadline?: Duration.DurationInput | undefined
}

interface DeadLetter<A> extends Pick<Listeners.Outcome<A>, "row" | "index"> {
  readonly error: Exclude<Listeners.Outcome<A>["error"], undefined>
}

/** The options of an ingestion, as `WebhookSink.Options` documents them. */
interface Options<A> extends Limits {
  readonly schema: RowSchema<A>
  readonly gzip?: boolean | undefined
  readonly onBadRow?: "fail" | "continue" | undefined
  readonly onDeadLetter?: ((letter: DeadLetter<A>) => Effect.Effect<void>) | undefined
  readonly onOutcome?: ((outcome: Listeners.Outcome<A>) => Effect.Effect<void>) | undefined
}

const checkTarget = (target: CombineTarget): Either.Either<CombineTarget, WrongMode> =>
  target.mode === "combine"
    ? Either.right(target)
    : Either.left(new WrongMode({ wanted: "combine", found: String(target["mode"]) }))

/** Makes the error for invalid options. */
export const refuse = (issues: ReadonlyArray<Issue.Issue>): InvalidRequest =>
  new InvalidRequest({ ...identify(Operations.addData), issues })

/**
 * Checks all limits. If all are valid, returns the deadline and `maxWait`. Otherwise returns the issues of all limits.
 */
const checkLimits = ({ batch, concurrency, ...times }: Limits, capacity: Option.Option<number>) => {
  if (batch !== undefined && !Predicate.isRecord(batch)) {
    return Either.left(
      refuse([{ path: ["batch"], expected: "an object of limits, or nothing", received: Issue.shape(batch) }])
    )
  }
  const issues = [
    ...checkInteger(["concurrency"], concurrency ?? 1, 1),
    ...checkInteger(
      ["capacity"],
      Option.getOrElse(capacity, () => 1),
      1
    ),
    ...checkInteger(["batch", "maxRows"], batch?.maxRows ?? 1, 1),
    // Limit a batch to the maximum length of a string, because a batch is sent as one string.
    ...checkBytes(["batch", "maxBytes"], batch?.maxBytes ?? 1)
  ]
  const deadline = Time.limit(["throttleDeadline"], times.throttleDeadline)
  const maxWait = Time.limit(["batch", "maxWait"], batch?.maxWait)
  if (issues.length === 0 && Either.isRight(deadline) && Either.isRight(maxWait)) {
    return Either.right({ deadline: deadline.right, maxWait: maxWait.right })
  }
  return Either.left(
    refuse([...issues, ...[deadline, maxWait].flatMap((read) => (Either.isLeft(read) ? [read.left] : []))])
  )
}

/**
 * Starts an engine that pushes rows through a service. `capacity` is `None` for a sink, because only an ingestor has a
 * capacity.
 */
export const start = <A>(
  webhooks: PushService,
  target: CombineTarget,
  options: Options<A>,
  capacity: Option.Option<number>
): Effect.Effect<Engine.Engine<A>, WrongMode | InvalidRequest, Scope.Scope> =>
  Effect.gen(function* () {
    const requestOptions = yield* RequestOptions
    const checked = yield* checkTarget(target)
    const { deadline, maxWait } = yield* checkLimits(options, capacity)
    const fault = findFault(options.schema)
    if (fault !== undefined) return yield* refuse([fault])
    const { batch, gzip: isCompressed = false, onDeadLetter } = options
    const sendOptions = { ...requestOptions, retryRateLimited: false }
    return yield* Engine.make({
      schema: Schema.make<A, unknown>(options.schema.ast),
      send: (body) =>
        Effect.provideService(
          isCompressed
            ? Effect.flatMap(gzip(body), (document) => webhooks.addEncodedData(checked, document, { gzip: true }))
            : webhooks.addEncodedData(checked, body),
          RequestOptions,
          sendOptions
        ),
      concurrency: options.concurrency ?? 8,
      capacity,
      maxRows: batch === undefined ? 1 : (batch.maxRows ?? 500),
      maxBytes: batch === undefined ? Number.POSITIVE_INFINITY : (batch.maxBytes ?? 1_000_000),
      maxWait,
      arrays: batch !== undefined,
      onBadRow: options.onBadRow ?? "fail",
      deadline,
      onOutcome: options.onOutcome,
      onRefusal:
        onDeadLetter
        && (({ error, index, row }) => (error === undefined ? Effect.void : onDeadLetter({ row, index, error })))
    })
  })
