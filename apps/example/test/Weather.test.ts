import { assert, describe, it } from "@effect/vitest"
import { Chunk, Effect, Stream } from "effect"
import * as Weather from "../src/Weather.js"
import { csv, firstDays } from "./Csv.js"

const read = (path: string) => Stream.runCollect(Weather.days(path)).pipe(Effect.map(Chunk.toReadonlyArray))

describe("Weather.days", () => {
  it.effect("reads every day of the file as typed values", () =>
    Effect.gen(function* () {
      const days = yield* read(yield* Weather.file)
      assert.strictEqual(days.length, 1461)
      assert.deepStrictEqual(days[1], {
        date: "2012-01-02",
        precipitation: 10.9,
        tempMax: 10.6,
        tempMin: 2.8,
        wind: 4.5,
        weather: "rain"
      })
    })
  )

  it.scoped("reads only the part of the file that the consumer takes", () =>
    Effect.gen(function* () {
      const path = yield* csv((lines) => lines.with(1400, "not a day"))
      const days = yield* Weather.days(path).pipe(Stream.take(3), Stream.runCollect)
      assert.strictEqual(days.length, 3)
    })
  )

  for (const [what, line, reason] of [
    [
      "a letter instead of a number",
      "2012-01-11,x,6.1,-1.1,5.1,sun",
      'precipitation: expected a number of 0 or more, found "x"'
    ],
    ["a negative amount", "2012-01-11,-1,6.1,-1.1,5.1,sun", "precipitation: expected a number of 0 or more, found"],
    ["a missing number", "2012-01-11,0.0,,-1.1,5.1,sun", 'temp_max: expected a number, found ""'],
    ["a date that does not exist", "2012-02-30,0.0,6.1,-1.1,5.1,sun", "date: expected a date such as 2012-01-31"],
    ["a row without its last fields", "2012-01-11,0.0,6.1", "Invalid Record Length: columns length is 6, got 3"],
    ["a quote inside a field", '2012-01-11,0.0,6"1,-1.1,5.1,sun', "Invalid Opening Quote"]
  ] as const) {
    it.scoped(`fails with the line number of ${what}`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(read(yield* csv((lines) => firstDays(20)(lines).with(11, line))))
        assert.instanceOf(error, Weather.BadRow)
        assert.include(error.message, `weather.csv, line 12: ${reason}`)
      })
    )
  }

  it.effect("fails with the path of a file that does not exist", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read("nowhere.csv"))
      assert.instanceOf(error, Weather.UnreadableFile)
      assert.include(error.message, "cannot read nowhere.csv: ENOENT")
    })
  )
})
