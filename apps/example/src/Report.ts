/** What is told to the user: a line for each step, and at the end what the server holds. */
import type { Json } from "@mammoth-effect/core"
import { Array, Console, Effect, Order, Predicate, Schema } from "effect"
import type { Weather } from "./Weather.js"

/** The server did not do what it should have. */
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

/** One line, its label in a column of its own; a long text goes on below itself. */
export const line = (label: string, text: string): Effect.Effect<void> =>
  Console.log(
    wrap(text)
      .map((part, index) => (index === 0 ? label : "").padEnd(margin) + part)
      .join("\n")
  )

export const title = (text: string): Effect.Effect<void> => Console.log(`${text}\n`)

export const count = (n: number, noun: string): string => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`

/** What some days were like, a line for each answer. */
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
      line("warmest", `${warmest.date}, ${warmest.tempMax} °C`),
      line("coldest", `${coldest.date}, at most ${coldest.tempMax} °C`)
    ],
    { discard: true }
  )
}

/** Fails unless the rows held are those sent, value for value and each as often, in whatever order. */
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
      `the server holds ${count(held.length, "row")} of ${sent.length.toLocaleString("en")} sent: `
      + `${missing.length} missing${show(missing)}; ${foreign.length} that were not sent${show(foreign)}`
  })
}

/** What is left of some rows when each of some others has taken away one that equals it. */
const without = (rows: ReadonlyArray<Json.Json>, others: ReadonlyArray<Json.Json>): ReadonlyArray<string> => {
  const left = new Map<string, number>()
  for (const text of others.map(canonical)) left.set(text, (left.get(text) ?? 0) + 1)
  return rows.map(canonical).filter((text) => {
    const times = left.get(text) ?? 0
    left.set(text, times - 1)
    return times <= 0
  })
}

/** A row's JSON with its columns in order, so that equal rows have equal texts. */
const canonical = (row: Json.Json): string =>
  JSON.stringify(
    Predicate.isRecord(row) ? Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1))) : row
  )
