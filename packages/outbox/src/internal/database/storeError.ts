/** Makes a `StoreError` from a failure of the database. The reason follows from the code or the message of the failure. */
import { shorten } from "@mammoth-effect/core/Issue"
import * as Predicate from "effect/Predicate"
import { StoreError } from "../../OutboxError.js"

type Reason = StoreError["reason"]

const reasons: ReadonlyArray<readonly [codes: RegExp, reason: Reason]> = [
  [/^(SQLITE_FULL|53100|ENOSPC)/, "full"],
  [/^(SQLITE_READONLY|25006)/, "readonly"],
  [/^(22|54|SQLITE_TOOBIG)/, "data"],
  [/^(SQLITE_BUSY|SQLITE_LOCKED|55P03|40001|40P01|57014)/, "busy"],
  [/^(CLIENT_CLOSED|08|28|3D000|57P0|53300|EC|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/, "connection"],
  [/^(SQLITE_IOERR|SQLITE_CANTOPEN|SQLITE_CORRUPT|SQLITE_NOTADB|58)/, "storage"],
  [/^(42P01|42P07|42P10|42703|3F000|42501)/, "schema"]
]

const said: ReadonlyArray<readonly [words: RegExp, reason: Reason]> = [
  [/unable to open/i, "storage"],
  [/invalid string length/i, "data"],
  [/no such table|no such column|already exists/i, "schema"],
  [/connection terminated|connection error|connection ended|timeout exceeded when trying to connect/i, "connection"]
]

/**
 * Lists a failure and its causes, beginning with the failure itself. Stops at ten entries, because causes can form a
 * cycle.
 */
const causesOf = (error: unknown): ReadonlyArray<unknown> => {
  const causes = [error]
  for (let last = error; causes.length < 10 && Predicate.hasProperty(last, "cause");) {
    last = last.cause
    if (last === undefined || last === null) break
    causes.push(last)
  }
  return causes
}

/** Returns the code of a failure. If the failure has no code, returns the first code of its causes. */
export const codeOf = (error: unknown): string | undefined => {
  for (const cause of causesOf(error)) {
    if (Predicate.hasProperty(cause, "code") && Predicate.isString(cause.code) && cause.code !== "") return cause.code
  }
  return undefined
}

const messageOf = (error: unknown): string =>
  Predicate.hasProperty(error, "message") && Predicate.isString(error.message) && error.message !== ""
    ? error.message
    : "no reason given"

/**
 * Makes a `StoreError` from the failure of an operation. Leaves out the details of the failure, because Postgres quotes
 * rows in these details.
 */
export const from =
  (operation: string, otherwise: Reason = "other") =>
  (error: unknown): StoreError => {
    const code = codeOf(error)
    const description = shorten(messageOf(causesOf(error).at(-1)), 500)
    const reason =
      reasons.find(([codes]) => code !== undefined && codes.test(code))?.[1]
      ?? said.find(([words]) => words.test(description))?.[1]
      ?? otherwise
    return new StoreError({ operation, reason, code, description })
  }
