/** The command `list`. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as WebhookField from "@mammoth-effect/core/WebhookField"
import type * as WebhookQuery from "@mammoth-effect/core/WebhookQuery"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Flags from "../settings/flags.js"
import { Project, provide } from "../settings/webhooks.js"
import { loaded } from "../shell/command.js"
import { UsageError } from "../shell/errors.js"
import { Output } from "../shell/output.js"
import * as Show from "../show.js"

const flags = {
  id: Flags.integers("id", { least: 1 }, "Shows only the webhook with this id."),
  name: Flags.texts("name", "text", "Shows only webhooks with exactly this name."),
  dataset: Flags.integers("dataset", { least: 1 }, "Shows only webhooks that feed the dataset with this id."),
  mode: Options.choice("mode", ["replace", "combine"]).pipe(
    Options.withDescription("Shows only webhooks in this mode."),
    Options.optional
  ),
  fields: Options.text("fields").pipe(
    Options.withPseudoName("list"),
    Options.withDescription(
      `The fields to show, separated by commas: ${WebhookField.all.join(", ")}. Default: ${Show.columns.join(",")}.`
    ),
    Options.optional
  ),
  sort: Options.text("sort").pipe(
    Options.withPseudoName("list"),
    Options.withDescription("The order of the webhooks, such as name:asc,id:desc. Default: by ascending id."),
    Options.optional
  ),
  limit: Options.optional(
    Flags.integer(
      "limit",
      { least: 1, most: 100 },
      "The maximum number of webhooks in a page, from 1 to 100. Default: 50, or 100 with --all."
    )
  ),
  offset: Options.optional(Flags.integer("offset", { least: 0 }, "The number of webhooks to skip.")),
  all: Options.boolean("all").pipe(Options.withDescription("Shows all pages, not only one.")),
  ndjson: Flags.ndjson,
  output: Flags.output,
  connection: Flags.connection
}

const isField = (text: string): text is WebhookField.WebhookField => WebhookField.all.some((field) => field === text)

const wrong = (message: string) => new UsageError({ message, hint: "See mammoth-webhooks list --help." })

const readFields = (text: Option.Option<string>): Effect.Effect<ReadonlyArray<WebhookField.WebhookField>, UsageError> =>
  Option.match(text, {
    onNone: () => Effect.succeed(Show.columns),
    onSome: (list) => {
      const fields = list.split(",").map((field) => field.trim())
      return fields.every(isField)
        ? Effect.succeed(fields.filter(isField))
        : wrong(`--fields takes ${WebhookField.all.join(", ")}`)
    }
  })

const readSort = (
  text: Option.Option<string>
): Effect.Effect<ReadonlyArray<WebhookQuery.SortKey> | undefined, UsageError> =>
  Option.match(text, {
    onNone: () => Effect.succeed(undefined),
    onSome: (list) =>
      Effect.forEach(list.split(","), (key) => {
        const [field = "", direction = "asc", ...others] = key.trim().split(":")
        return isField(field) && (direction === "asc" || direction === "desc") && others.length === 0
          ? Effect.succeed<WebhookQuery.SortKey>([field, direction])
          : wrong("--sort takes fields with :asc or :desc, such as name:asc,id:desc")
      })
  })

const given = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> | undefined => (list.length === 0 ? undefined : list)

export const list = loaded(
  Command.make("list", flags, ({ all, connection, dataset, fields, id, limit, mode, name, offset, sort }) =>
    Effect.gen(function* () {
      const output = yield* Output
      const shown = yield* readFields(fields)
      const query = {
        ...(yield* Project),
        id: given(id),
        name: given(name),
        datasetId: given(dataset),
        mode: Option.getOrUndefined(Option.map(mode, (one) => [one])),
        limit: Option.getOrUndefined(limit),
        offset: Option.getOrUndefined(offset),
        sort: yield* readSort(sort),
        fields: shown
      }
      if (all) {
        return yield* output.stream(
          shown,
          Stream.map(Webhooks.stream(query), (webhook) => Show.webhook(webhook, shown))
        )
      }
      const page = yield* Webhooks.list(query)
      return yield* output.many(
        shown,
        page.webhooks.map((webhook) => Show.webhook(webhook, shown)),
        { limit: page.limit, offset: page.offset, has_more: page.next !== null && page.next !== "" }
      )
    }).pipe(provide(connection))
  )
)
