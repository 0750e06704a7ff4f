/** Writes a statement for another client: as SQL with placeholders, and as the parts of a template. */
import type * as SqlClient from "@effect/sql/SqlClient"
import type * as Statement from "@effect/sql/Statement"
import * as Predicate from "effect/Predicate"
import type { Insertion } from "../../OutboxStoreService.js"

/**
 * Splits a statement at its parameters, which must be texts or null. Compiling the whole statement first would not work:
 * the name of a table may contain the text of a placeholder.
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
      // in one line, because other clients log statements. Its own client quotes a name
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
