import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Report from "../src/Report.js"

const sent = [
  { date: "2012-01-01", wind: 4.7 },
  { date: "2012-01-02", wind: 4.5 }
]

it.effect("takes the same rows in another order, their columns too", () =>
  Report.compare(sent, [
    { wind: 4.5, date: "2012-01-02" },
    { wind: 4.7, date: "2012-01-01" }
  ])
)

it.effect("tells a row that is missing from one that was not sent", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(Report.compare(sent, [sent[0] ?? null, { date: "2012-01-02", wind: "4.5" }]))
    assert.strictEqual(
      error.message,
      "the server holds 2 rows of 2 sent: "
        + '1 missing, such as {"date":"2012-01-02","wind":4.5}; '
        + '1 that were not sent, such as {"date":"2012-01-02","wind":"4.5"}'
    )
  })
)

it.effect("sees a row that is there twice", () =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(Report.compare(sent, [...sent, ...sent.slice(0, 1)]))
    assert.include(error.message, "the server holds 3 rows of 2 sent: 0 missing; 1 that were not sent")
  })
)
