/** Reads the wanted state of webhooks from a file. Only this module loads the YAML parser. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { parse } from "yaml"
import * as Input from "./input.js"
import { type FileError, UsageError } from "./shell/errors.js"
import { Wanted } from "./wanted.js"

const decode = Schema.decodeUnknown(Schema.Struct({ webhooks: Schema.NonEmptyArray(Wanted) }), {
  onExcessProperty: "error",
  errors: "all"
})

/**
 * Reads the wanted webhooks from a YAML or JSON file. The file holds a list, or an object whose property `webhooks` is the
 * list.
 */
export const read = (path: string): Effect.Effect<ReadonlyArray<Wanted>, FileError | UsageError> =>
  Effect.gen(function* () {
    const wrong = (reason: string) =>
      new UsageError({ message: `${path}: ${reason}`, hint: "Nothing was changed. Correct the file." })
    const text = yield* Input.readText(path)
    const parsed = yield* Effect.try({
      try: (): unknown => parse(text),
      catch: (error) => wrong(error instanceof Error ? (error.message.split("\n")[0] ?? "") : "it is not YAML")
    })
    const { webhooks } = yield* Effect.mapError(
      decode(Array.isArray(parsed) ? { webhooks: parsed } : parsed),
      ({ issue }) => wrong(Issue.formatAll({ issues: Issue.fromParseIssue(issue).slice(0, 5), omitted: 0 }))
    )
    const names = webhooks.map(({ name }) => name)
    const twice = names.find((name, index) => names.indexOf(name) !== index)
    return twice === undefined ? webhooks : yield* wrong(`the name ${JSON.stringify(twice)} occurs twice`)
  })
