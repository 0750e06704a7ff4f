/** Makes schemas of values that are strings in paths and queries. Their JSON Schemas show the published types. */
import type * as JSONSchema from "effect/JSONSchema"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

/** Returns true if a string has no lone half of a surrogate pair. A URL would turn that half into another character. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

/** Makes the schema of an integer in decimal digits. The JSON Schema shows the published type, which is an integer. */
export const integerFromText = <A extends number>(
  integer: Schema.Schema<A, number>,
  jsonSchema: JSONSchema.JsonSchema7
): Schema.Schema<A, string> =>
  Schema.transform(
    Schema.String.pipe(Schema.pattern(/^-?\d+$/, { description: "an integer in decimal digits" })),
    integer,
    { strict: true, decode: (text) => Number(text), encode: (n) => String(n) }
  ).annotations({ jsonSchema })

/**
 * Makes the schema of a comma-separated list of at least one item. The schema refuses an item with a comma. The item's
 * own schema has to refuse an empty string. The OpenAPI document shows `description`.
 */
export const commaList = <A, I extends string>(
  item: Schema.Schema<A, I>,
  description: string
): Schema.Schema<ReadonlyArray<A>, string> =>
  Schema.transformOrFail(
    Schema.String,
    Schema.Array(item).pipe(
      Schema.minItems(1, {
        description: "a list of at least one item (leave the list out for no filter)",
        jsonSchema: { type: "string" }
      })
    ),
    {
      strict: false,
      decode: (text) => ParseResult.succeed(text.split(",")),
      encode: (items: ReadonlyArray<string>, _options, ast) => {
        const at = items.findIndex((text) => text.includes(","))
        return at === -1
          ? ParseResult.succeed(items.join(","))
          : ParseResult.fail(
              new ParseResult.Pointer(
                at,
                items[at],
                new ParseResult.Type(
                  ast,
                  items[at],
                  "a string without a comma, because the server splits lists at commas (list all webhooks and compare the names)"
                )
              )
            )
      }
    }
  ).annotations({ jsonSchema: { type: "string", description } })
