/** Converts an Effect schema to a Standard Schema, because the MCP SDK accepts schemas in this form. */
import * as Issue from "@mammoth-effect/core/Issue"
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server"
import * as Either from "effect/Either"
import * as JSONSchema from "effect/JSONSchema"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/** The schema of an object with named fields. */
export interface StructOf<A, I> extends Schema.Schema<A, I> {
  readonly fields: Schema.Struct.Fields
}

/** Converts a schema to JSON Schema. Leaves out `$schema`, because the result uses the protocol's default dialect. */
const toJsonSchema = <A, I>(schema: Schema.Schema<A, I>): Record<string, unknown> => {
  const { $schema: _, ...rest } = JSONSchema.make(schema, { target: "jsonSchema2020-12" })
  return rest
}

/**
 * Describes an issue. Shows a property name only if the schema has this name. Any other name comes from the input, and
 * errors never repeat the input.
 */
const describe = (issue: Issue.Issue, known: ReadonlyArray<string>): string =>
  Issue.format({
    ...issue,
    path: issue.path.map((key) => (Predicate.isNumber(key) || known.includes(key) ? key : "…"))
  })

/**
 * Makes the Standard Schema for a tool's input or output. The Standard Schema refuses unknown properties.
 *
 * Uses the decoder of `@mammoth-effect/core`, because the messages of `Schema.standardSchemaV1` quote the value.
 */
export const toStandard = <A, I>(schema: StructOf<A, I>): StandardSchemaWithJSON<I, A> => {
  const known = Object.keys(schema.fields)
  const decode = Issue.decodeUnknown(schema, { onExcessProperty: "error" })
  return {
    "~standard": {
      version: 1,
      vendor: "effect",
      validate: (value) =>
        Either.match(decode(value), {
          onLeft: ({ issues, omitted }) => ({
            issues: [
              ...issues.map((issue) => ({ message: describe(issue, known) })),
              {
                message:
                  omitted === 0
                    ? "nothing was sent: correct the arguments"
                    : `and ${omitted} more errors; nothing was sent`
              }
            ]
          }),
          onRight: (value) => ({ value })
        }),
      jsonSchema: {
        input: () => toJsonSchema(schema),
        output: () => toJsonSchema(Schema.typeSchema(schema))
      }
    }
  }
}
