/** The statement that stores rows. */
import { SqlError } from "@effect/sql/SqlError"
import * as Effect from "effect/Effect"
import type { Parts, Statements } from "./query.js"

export interface InsertStatements extends Pick<Statements, "insert"> {}

export const make = ({ dialect, sql, table }: Parts): InsertStatements => {
  const { boundsLocks, given, now, text } = dialect
  return {
    insert: (outbox, rows, trace) =>
      Effect.flatMap(
        Effect.try({
          // throws if the text would be longer than a string can be
          try: () => JSON.stringify(rows.map(({ id, payload }) => ({ id, payload: text(payload) }))),
          catch: (cause) => new SqlError({ cause, message: "Failed to write the rows as JSON" })
        }),
        (json) => sql<{ readonly id: string }>`
          insert into ${table} (outbox, id, payload, offered_at, available_at, trace)
          select ${outbox}, given.id, given.payload, ${now}, 0, ${trace ?? null}
          from ${given(json, { id: "text", payload: "text" })}
          where ${boundsLocks}
          on conflict (id, outbox) do nothing
          returning id`
      ).pipe(Effect.map((stored) => stored.map(({ id }) => id)))
  }
}
