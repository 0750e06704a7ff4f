/** Pushes rows, and reports the outcome of each row. */
import type { IngestError } from "@mammoth-effect/client/IngestError"
import type { WebhookPush } from "@mammoth-effect/client/Webhooks"
import * as WebhookSink from "@mammoth-effect/client/WebhookSink"
import type { CombineTarget } from "@mammoth-effect/client/WebhookTarget"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import { ToolError, toToolError } from "./failure.js"
import { Row } from "./schemas.js"
import type { Call } from "./tool.js"

type Ends = NonNullable<ToolError["rows"]>

/** Groups the rows by their outcomes. A row without an outcome was not sent. */
const endsOf = (total: number, outcomes: ReadonlyArray<WebhookSink.Outcome<Row>>): Ends => {
  const indexes = (...ends: ReadonlyArray<string>) =>
    outcomes.flatMap(({ end, index }) => (ends.includes(end) ? [index] : [])).toSorted((a, b) => a - b)
  const told = indexes("accepted", "refused", "dead", "unknown")
  return {
    accepted: indexes("accepted").length,
    refused: indexes("refused", "dead"),
    unknown: indexes("unknown"),
    notSent: Array.from({ length: total }, (_, index) => index).filter((index) => !told.includes(index))
  }
}

const deliveryOf = ({ accepted, refused, unknown }: Ends): ToolError["delivery"] => {
  if (unknown.length > 0) return "Unknown"
  if (accepted > 0) return "Accepted"
  return refused.length > 0 ? "Rejected" : "NotSent"
}

const hintOf = ({ notSent, refused, unknown }: Ends): string =>
  [
    ...(unknown.length > 0 ? ["Do not send the unknown rows again until somebody has checked the dataset."] : []),
    ...(refused.length > 0 ? ["Correct the refused rows."] : []),
    ...(notSent.length > 0 ? ["You can still push the rows that were not sent."] : [])
  ].join(" ")

/** Makes the error of a push that did not deliver every row. */
const incomplete = (total: number, ends: Ends, reason: Option.Option<ToolError>): ToolError => {
  const cause = Option.getOrUndefined(reason)
  return new ToolError({
    code: cause?.code ?? "TimeUp",
    message: `The server accepted ${ends.accepted} of ${total} rows. ${cause?.message ?? "There was no time for more rows."}`,
    delivery: deliveryOf(ends),
    // Allow a repeated call only if no row was sent. Otherwise, the repeated call could push accepted rows twice.
    retryable: ends.notSent.length === total && cause?.retryable !== false,
    hint: [hintOf(ends), ...(cause?.hint === undefined || ends.unknown.length > 0 ? [] : [cause.hint])].join(" "),
    rows: ends
  })
}

/** Returns the error that ended the run. If the run has no error, returns the first error of a row. */
const causeOf = (
  run: Option.Option<Either.Either<unknown, IngestError>>,
  outcomes: ReadonlyArray<WebhookSink.Outcome<Row>>
): Option.Option<IngestError> =>
  Option.firstSomeOf([
    Option.flatMap(run, Either.getLeft),
    Option.fromNullable(outcomes.find(({ error }) => error !== undefined)?.error)
  ])

/** Pushes each row as one document. Fails unless the server accepts all rows. */
export const push = (
  webhook: CombineTarget,
  rows: ReadonlyArray<Row>,
  call: Pick<Call, "progress" | "timeLeft">
): Effect.Effect<{ readonly accepted: number }, ToolError, WebhookPush> =>
  Effect.gen(function* () {
    const outcomes = yield* Ref.make<ReadonlyArray<WebhookSink.Outcome<Row>>>([])
    const sink = WebhookSink.append(webhook, {
      schema: Row,
      onBadRow: "continue",
      onOutcome: (outcome) =>
        Effect.flatMap(
          Ref.updateAndGet(outcomes, (others) => [...others, outcome]),
          (all) => call.progress(all.length, rows.length)
        )
    })
    const run = yield* Stream.run(Stream.fromIterable(rows), sink).pipe(
      Effect.either,
      Effect.timeoutOption(yield* call.timeLeft)
    )
    const told = yield* Ref.get(outcomes)
    const ends = endsOf(rows.length, told)
    if (ends.accepted === rows.length) return { accepted: ends.accepted }
    return yield* incomplete(rows.length, ends, Option.map(causeOf(run, told), toToolError("once", rows)))
  })
