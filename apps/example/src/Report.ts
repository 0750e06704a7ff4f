/** Prints a line for each step, and at the end a summary of the server's rows. */
import type { Json } from "@mammoth-effect/core"
import { Array, Console, Effect, Order, Predicate, Schema } from "effect"
import type { Weather } from "./Weather.js"

/** The error of a step that had an unexpected result. */
export class CheckFailed extends Schema.TaggedError<CheckFailed>()("CheckFailed", { message: Schema.String }) {}

const margin = 18
const width = 100

const wrap = (text: string): ReadonlyArray<string> =>
  text.split(" ").reduce<ReadonlyArray<string>>((lines, word) => {
    const last = lines.at(-1)
    return last === undefined || last.length + 1 + word.length > width - margin
      ? [...lines, word]
      : [...lines.slice(0, -1), `${last} ${word}`]
  }, [])

/** Prints a label and its text in two columns. Wraps long text. */
export const line = (label: string, text: string): Effect.Effect<void> =>
  Console.log(
    wrap(text)
      .map((part, index) => (index === 0 ? label : "").padEnd(margin) + part)
      .join("\n")
  )

export const title = (text: string): Effect.Effect<void> => Console.log(`${text}\n`)

export const count = (n: number, noun: string): string => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`

/** Prints the range of the days, the counts of each kind of weather, and the extreme temperatures. */
export const summary = (days: Array.NonEmptyReadonlyArray<Weather>): Effect.Effect<void> => {
  const byDate = Array.sortWith(days, (day) => day.date, Order.string)
  const byHeat = Array.sortWith(days, (day) => day.tempMax, Order.number)
  const kinds = Object.entries(Array.groupBy(days, (day) => day.weather)).map(([kind, { length }]) => ({
    kind,
    length
  }))
  const often = Array.sortWith(kinds, ({ length }) => -length, Order.number)
  const [first, last] = [Array.headNonEmpty(byDate), Array.lastNonEmpty(byDate)]
  const [coldest, warmest] = [Array.headNonEmpty(byHeat), Array.lastNonEmpty(byHeat)]
  return Effect.all(
    [
      line("days", `${first.date} to ${last.date}`),
      line("weather", often.map(({ kind, length }) => `${kind} ${length}`).join(", ")),
      line("warmest", `${warmest.date}, high of ${warmest.tempMax} °C`),
      line("coldest", `${coldest.date}, high of ${coldest.tempMax} °C`)
    ],
    { discard: true }
  )
}

/** Fails if the server's rows differ from the rows that were sent. Ignores the order of the rows, and counts duplicates. */
export const compare = (
  sent: ReadonlyArray<Json.Json>,
  held: ReadonlyArray<Json.Json>
): Effect.Effect<void, CheckFailed> => {
  const missing = without(sent, held)
  const foreign = without(held, sent)
  if (missing.length === 0 && foreign.length === 0) return Effect.void
  const show = (rows: ReadonlyArray<string>) => (rows.length === 0 ? "" : `, such as ${rows[0]}`)
  return new CheckFailed({
    message:
      `the server's rows differ from the rows that were sent (${sent.length} sent, ${held.length} on the server). `
      + `Missing: ${missing.length}${show(missing)}. Unexpected: ${foreign.length}${show(foreign)}`
  })
}

/** Returns the rows that are not in `others`. Each row of `others` removes only one equal row, so duplicates count. */
const without = (rows: ReadonlyArray<Json.Json>, others: ReadonlyArray<Json.Json>): ReadonlyArray<string> => {
  const left = new Map<string, number>()
  for (const text of others.map(canonical)) left.set(text, (left.get(text) ?? 0) + 1)
  return rows.map(canonical).filter((text) => {
    const times = left.get(text) ?? 0
    left.set(text, times - 1)
    return times <= 0
  })
}

/** Converts a row to JSON with sorted columns, so that equal rows give equal strings. */
const canonical = (row: Json.Json): string =>
  JSON.stringify(
    Predicate.isRecord(row) ? Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))) : row
  )
