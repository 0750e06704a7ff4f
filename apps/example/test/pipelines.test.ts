import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { run } from "./Run.js"

describe("the pipelines example", () => {
  it.effect("prints the result of each pipeline", () =>
    Effect.gen(function* () {
      const { code, stdout, stderr } = yield* Effect.promise(() => run("pipelines.ts"))
      assert.strictEqual(stderr, "")
      assert.strictEqual(code, 0)
      for (const line of [
        /^stream in +pushed 26 days of snow to dataset 1001$/m,
        /^stream out +the first 4 of 5 names \(east, harbour, north, south\) took 2 requests$/m,
        /^catchTags +webhook 1 is named snow; webhook 404: not found$/m,
        /^layerPerAttempt +one call received 401, then 200$/m,
        /^transformClient +ensure, update and delete sent GET 200, POST 201, GET 200, GET 200, PATCH 200,\s+DELETE 204$/m,
        /^own service +the connection broke, so the delivery of the alert for 2012-12-17 is Unknown/m
      ]) {
        assert.match(stdout, line)
      }
      assert.notMatch(stdout, /emulator-key|emulator-secret|webhook\/data\/[A-Za-z0-9]/)
    })
  )

  it.effect("fails with a message if the data file does not exist", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* Effect.promise(() => run("pipelines.ts", { env: { WEATHER_CSV: "nowhere.csv" } }))
      assert.strictEqual(code, 1)
      assert.include(stderr, "Failed: cannot read nowhere.csv: ENOENT")
    })
  )
})
