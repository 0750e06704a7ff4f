/**
 * Writes a statement in two forms for clients of other libraries. One form is SQL with placeholders. The other form is
 * the list of strings around the parameters, which a tagged template takes.
 */
import type * as SqlClient from "@effect/sql/SqlClient"
import type * as Statement from "@effect/sql/Statement"
import * as Predicate from "effect/Predicate"
import type { Insertion } from "../../OutboxStoreService.js"

/**
 * Splits a statement at its parameters, which must be strings or null. Splitting the compiled SQL would not work,
 * because a table's name can contain the characters of a placeholder.
 */
export const write = (
  sql: SqlClient.SqlClient,
  { segments }: Statement.Fragment,
  placeholder: (position: number) => string
): Insertion => {
  const parts = [""]
  const params: Array<string | null> = []
  for (const segment of segments) {
    if (segment._tag === "Parameter") {
      params.push(Predicate.isString(segment.value) ? segment.value : null)
      parts.push("")
    } else {
      // Put the SQL on one line, because the other client may log the SQL. Quote names with the store's own client.
      const text = segment._tag === "Literal" ? segment.value.replace(/\n\s*/g, " ") : sql`${segment}`.compile()[0]
      parts.push(`${parts.pop() ?? ""}${text}`)
    }
  }
  const strings = parts.map((part, index) => (index === 0 ? part.trimStart() : part))
  return {
    sql: strings.reduce((text, part, index) => `${text}${placeholder(index)}${part}`),
    params,
    strings: Object.assign(strings, { raw: strings })
  }
}
