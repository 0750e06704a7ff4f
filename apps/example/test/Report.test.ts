import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Report from "../src/Report.js"

const sent = [
  { date: "2012-01-01", wind: 4.7 },
  { date: "2012-01-02", wind: 4.5 }
]

describe("Report.compare", () => {
  it.effect("ignores the order of rows and the order of columns", () =>
    Report.compare(sent, [
      { wind: 4.5, date: "2012-01-02" },
      { wind: 4.7, date: "2012-01-01" }
    ])
  )

  it.effect("names a missing row and an unexpected row", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Report.compare(sent, [sent[0] ?? null, { date: "2012-01-02", wind: "4.5" }]))
      assert.strictEqual(
        error.message,
        "the server's rows differ from the rows that were sent (2 sent, 2 on the server). "
          + 'Missing: 1, such as {"date":"2012-01-02","wind":4.5}. '
          + 'Unexpected: 1, such as {"date":"2012-01-02","wind":"4.5"}'
      )
    })
  )

  it.effect("reports a row that the server has twice", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(Report.compare(sent, [...sent, ...sent.slice(0, 1)]))
      assert.include(error.message, "(2 sent, 3 on the server). Missing: 0. Unexpected: 1, such as")
    })
  )
})
