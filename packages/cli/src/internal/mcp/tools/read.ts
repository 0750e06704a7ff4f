/** The tools that only read. These tools do not request the keys and secrets of webhooks. */
import * as NamedWebhooks from "@mammoth-effect/client/NamedWebhooks"
import { withOptions } from "@mammoth-effect/client/RequestOptions"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Change from "../../change.js"
import * as Skew from "../../skew.js"
import { toToolError } from "../failure.js"
import { fields, Int, Limit, Mode, Nothing, Offset, Shown, show, Text } from "../schemas.js"
import * as Tool from "../tool.js"

/** The settings that `plan_webhook` and `ensure_webhook` take. */
export const wanted = {
  name: Text,
  mode: Mode,
  origins: Schema.optional(Text),
  isSecure: Schema.optional(Schema.Boolean.annotations({ jsonSchema: { type: "boolean" } }))
}

/**
 * Finds webhooks whose name contains a comma. Reads all webhooks and compares their names, because the server's filter
 * would split the name at the comma.
 */
const findNamed = (
  project: Webhooks.InProject,
  {
    limit,
    mode,
    name,
    offset
  }: {
    readonly name: string
    readonly mode: typeof Mode.Type | undefined
    readonly limit: number
    readonly offset: number
  }
) =>
  Webhooks.stream({ ...project, fields, ...(mode === undefined ? {} : { mode: [mode] }) }).pipe(
    Stream.filter((webhook) => webhook.name === name),
    Stream.drop(offset),
    // Take one webhook more than the page shows, to find out if there is a next page.
    Stream.take(limit + 1),
    Stream.runCollect,
    Effect.map((found) => ({
      webhooks: [...found].slice(0, limit).map(show),
      ...(found.length > limit ? { nextOffset: offset + limit } : {})
    }))
  )

const listWebhooks = (project: Webhooks.InProject): Tool.Tool =>
  Tool.make({
    name: "list_webhooks",
    level: "read",
    description: "List the webhooks of the project, or only the webhooks with one exact name.",
    isIdempotent: true,
    input: Schema.Struct({
      name: Schema.optional(Text),
      mode: Schema.optional(Mode),
      limit: Schema.optional(Limit),
      offset: Schema.optional(Offset)
    }),
    output: Schema.Struct({ webhooks: Schema.Array(Shown), nextOffset: Schema.optional(Int) }),
    run: (input) => {
      const { limit = 50, mode, name, offset = 0 } = input
      if (name?.includes(",") === true) {
        return Effect.mapError(findNamed(project, { name, mode, limit, offset }), toToolError("safe", input))
      }
      return Webhooks.list({
        ...project,
        fields,
        limit,
        offset,
        ...(name === undefined ? {} : { name: [name] }),
        ...(mode === undefined ? {} : { mode: [mode] })
      }).pipe(
        Effect.map(({ next, webhooks }) => ({
          webhooks: webhooks.map(show),
          // After a full page, offer another page even if `next` is null: the server may still have more webhooks.
          ...(next === "" || webhooks.length < limit ? {} : { nextOffset: offset + webhooks.length })
        })),
        Effect.mapError(toToolError("safe", input))
      )
    }
  })

const getWebhook = (project: Webhooks.InProject): Tool.Tool =>
  Tool.make({
    name: "get_webhook",
    level: "read",
    description: "Read one webhook.",
    isIdempotent: true,
    input: Schema.Struct({ id: Int }),
    output: Shown,
    run: (input) =>
      Webhooks.getDetails({ ...project, webhookId: input.id, fields }).pipe(
        Effect.mapBoth({ onSuccess: show, onFailure: toToolError("safe", input) })
      )
  })

const planWebhook = (project: Webhooks.InProject): Tool.Tool =>
  Tool.make({
    name: "plan_webhook",
    level: "read",
    description:
      "Show what ensure_webhook would do. Mode combine: each push appends rows. Mode replace: each push replaces all rows.",
    isIdempotent: true,
    input: Schema.Struct(wanted),
    output: Schema.Struct({
      action: Schema.Literal("create", "update", "keep"),
      id: Schema.optional(Int),
      changes: Schema.Array(Schema.String.annotations({ jsonSchema: { type: "string" } }))
    }),
    run: ({ name, ...settings }) =>
      NamedWebhooks.plan(name, { ...project, ...settings }).pipe(
        Effect.mapBoth({
          onSuccess: ({ action, changes, id }) => ({
            action,
            ...(id === undefined ? {} : { id }),
            changes: changes.map(Change.describe)
          }),
          onFailure: toToolError("safe", { name, ...settings })
        })
      )
  })

const checkSetup = (project: Webhooks.InProject): Tool.Tool =>
  Tool.make({
    name: "check_setup",
    level: "read",
    description: "Check that the server is reachable and accepts the credentials.",
    isIdempotent: true,
    input: Nothing,
    output: Schema.Struct({
      ok: Schema.Boolean,
      workspaceId: Int,
      projectId: Int,
      clockSkewSeconds: Schema.optional(Int),
      problem: Schema.optional(Schema.String.annotations({ jsonSchema: { type: "string" } }))
    }),
    run: () =>
      Effect.gen(function* () {
        const date = yield* Ref.make<string | undefined>(undefined)
        const problem = yield* Webhooks.list({ ...project, limit: 1, fields: ["id"] }).pipe(
          withOptions({ onResponse: ({ headers }) => Ref.set(date, headers["date"]) }),
          Effect.match({
            onFailure: (error) => {
              const { code, hint, message } = toToolError("safe", {})(error)
              return Option.some(`${code}: ${[message, hint].filter((part) => part !== undefined).join(" ")}`)
            },
            onSuccess: () => Option.none<string>()
          })
        )
        const skew = Skew.of(yield* Ref.get(date), yield* Clock.currentTimeMillis)
        return {
          ok: Option.isNone(problem),
          workspaceId: project.workspaceId,
          projectId: project.projectId,
          ...Option.match(skew, { onNone: () => ({}), onSome: (clockSkewSeconds) => ({ clockSkewSeconds }) }),
          ...Option.match(problem, { onNone: () => ({}), onSome: (problem) => ({ problem }) })
        }
      })
  })

/** Makes the tools that only read. */
export const make = (project: Webhooks.InProject): ReadonlyArray<Tool.Tool> => [
  listWebhooks(project),
  getWebhook(project),
  planWebhook(project),
  checkSetup(project)
]
