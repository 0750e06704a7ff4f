import { WrongMode } from "@mammoth-effect/client/IngestError"
/** The tools that write without replacing or deleting rows. */
import { withOptions } from "@mammoth-effect/client/RequestOptions"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as WebhookSink from "@mammoth-effect/client/WebhookSink"
import type { CombineWebhook } from "@mammoth-effect/core/Webhook"
import * as Webhook from "@mammoth-effect/core/Webhook"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { refusal, ToolError, toToolError } from "../failure.js"
import * as Plan from "../plan.js"
import { Int, type Row, rows, Shown, show } from "../schemas.js"
import * as Tool from "../tool.js"
import { wanted } from "./read.js"

const ensureWebhook = (project: Webhooks.InProject, allowDestructive: boolean): Tool.Tool =>
  Tool.make({
    name: "ensure_webhook",
    level: "write",
    description: "Find or create the webhook of this name, with this mode and origins.",
    isIdempotent: true,
    input: Schema.Struct(wanted),
    output: Schema.Struct({ action: Schema.Literal("create", "update", "none"), webhook: Shown }),
    run: (input, call) =>
      Effect.gen(function* () {
        const { action, changes, id } = yield* Effect.mapError(Plan.make(project, input), toToolError("safe", input))
        // pushes of other senders would then replace rows
        if (changes.some(({ setting, to }) => setting === "mode" && to === "replace")) {
          if (!allowDestructive) {
            return yield* refusal(
              "NotAllowed",
              "This server may not set an existing webhook to replace: each push would then replace all rows.",
              "Let the user start this server with --allow-destructive."
            )
          }
          yield* call.confirm(`Set webhook ${id} to mode replace? Each push to it will then replace all rows.`)
        }
        const { name, ...settings } = input
        const webhook = yield* Effect.mapError(
          Webhooks.ensure(name, { ...project, ...settings }),
          toToolError("safe", input)
        )
        return { action, webhook: show(webhook) }
      })
  })

/** The most rows of one call. */
const mostRows = 100

const RowJson: Schema.Schema<Row> = Schema.Record({ key: Schema.String, value: Schema.Unknown })

type Ends = NonNullable<ToolError["rows"]>

/** Counts the rows by their end. A row without an outcome was not sent. */
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
    ...(unknown.length > 0 ? ["Do not send the unknown rows again before somebody has looked at the dataset."] : []),
    ...(refused.length > 0 ? ["Correct the refused rows."] : []),
    ...(notSent.length > 0 ? ["The rows that were not sent can be pushed again."] : [])
  ].join(" ")

/** The error of a push that did not deliver each row. */
const incomplete = (total: number, ends: Ends, cause: ToolError | undefined): ToolError =>
  new ToolError({
    code: cause?.code ?? "RowsNotAccepted",
    message: `The server accepted ${ends.accepted} of ${total} rows.${cause === undefined ? "" : ` ${cause.message}`}`,
    delivery: deliveryOf(ends),
    // the call as it is would push accepted rows twice
    retryable: ends.notSent.length === total && cause?.retryable === true,
    hint: [hintOf(ends), cause?.hint].filter((part) => part !== undefined && part !== "").join(" "),
    rows: ends
  })

/** Pushes the rows, each as one document, and fails unless the server accepted all of them. */
const push = (webhook: CombineWebhook, rows: ReadonlyArray<Row>, call: Tool.Call) =>
  Effect.gen(function* () {
    const outcomes = yield* Ref.make<ReadonlyArray<WebhookSink.Outcome<Row>>>([])
    const sink = WebhookSink.append(webhook, {
      schema: RowJson,
      onBadRow: "continue",
      deadline: "45 seconds",
      onOutcome: (outcome) =>
        Effect.flatMap(
          Ref.updateAndGet(outcomes, (others) => [...others, outcome]),
          (all) => call.progress(all.length, rows.length)
        )
    })
    const run = yield* Effect.either(Stream.run(Stream.fromIterable(rows), sink))
    const told = yield* Ref.get(outcomes)
    const ends = endsOf(rows.length, told)
    if (ends.accepted === rows.length) return { accepted: ends.accepted }
    const first = Either.isLeft(run) ? run.left : told.find(({ error }) => error !== undefined)?.error
    return yield* incomplete(rows.length, ends, first === undefined ? undefined : toToolError("once", rows)(first))
  })

const pushRows = (project: Webhooks.InProject): Tool.Tool =>
  Tool.make({
    name: "push_rows",
    level: "write",
    description: "Append rows to a combine webhook. Acceptance is all that the server tells. Order is not kept.",
    isIdempotent: false,
    input: Schema.Struct({ id: Int, rows: rows(mostRows) }),
    output: Schema.Struct({ accepted: Int }),
    run: (input, call) =>
      Effect.gen(function* () {
        const webhook = yield* Effect.mapError(
          Webhooks.getDetails({ ...project, webhookId: input.id }),
          toToolError("safe", input)
        )
        if (!Webhook.isCombine(webhook)) {
          return yield* toToolError("once", input)(new WrongMode({ wanted: "combine", found: webhook.mode }))
        }
        return yield* withOptions(push(webhook, input.rows, call), { deadline: "45 seconds" })
      })
  })

/** Makes the tools that write. */
export const make = (project: Webhooks.InProject, allowDestructive: boolean): ReadonlyArray<Tool.Tool> => [
  ensureWebhook(project, allowDestructive),
  pushRows(project)
]
