/** Writes the statement that stores rows, for this client or for another client. */
import { SqlError } from "@effect/sql/SqlError"
import type * as Statement from "@effect/sql/Statement"
import * as Effect from "effect/Effect"
import type { NewRow } from "../../OutboxStoreService.js"
import type { Parts, Statements } from "./query.js"
import * as Template from "./template.js"

export interface InsertStatements extends Pick<Statements, "insert" | "insertion"> {}

export const make = ({ dialect, sql, table }: Parts): InsertStatements => {
  const { boundsLocks, given, now, placeholder, text } = dialect
  const statement = (
    outbox: string,
    rows: ReadonlyArray<NewRow>,
    trace: string | undefined
  ): Effect.Effect<Statement.Statement<{ readonly id: string }>, SqlError> =>
    Effect.map(
      Effect.try({
        // Turn an exception into a failure: `JSON.stringify` throws if its result exceeds the maximum length of a
        // string.
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
    )

  return {
    insert: (outbox, rows, trace) =>
      Effect.map(Effect.flatten(statement(outbox, rows, trace)), (stored) => stored.map(({ id }) => id)),
    insertion: (outbox, rows, trace) =>
      Effect.map(statement(outbox, rows, trace), (insertion) => Template.write(sql, insertion, placeholder))
  }
}
