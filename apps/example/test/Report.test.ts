import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Report from "../src/Report.js"

const sent = [
  { date: "2012-01-01", wind: 4.7 },
  { date: "2012-01-02", wind: 4.5 }
]

it.effect("accepts the same rows, with rows and columns in another order", () =>
  Report.compare(sent, [
    { wind: 4.5, date: "2012-01-02" },
    { wind: 4.7, date: "2012-01-01" }
  ])
)

it.effect("names a missing row, and a row that was not sent", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(Report.compare(sent, [sent[0] ?? null, { date: "2012-01-02", wind: "4.5" }]))
    assert.strictEqual(
      error.message,
      "the server does not hold exactly the rows that were sent (2 sent, 2 held). "
        + 'Missing: 1, such as {"date":"2012-01-02","wind":4.5}. '
        + 'Unexpected: 1, such as {"date":"2012-01-02","wind":"4.5"}'
    )
  })
)

it.effect("reports a row that the server holds twice", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(Report.compare(sent, [...sent, ...sent.slice(0, 1)]))
    assert.include(error.message, "(2 sent, 3 held). Missing: 0. Unexpected: 1, such as")
  })
)
