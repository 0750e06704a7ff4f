import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { csv, firstDays } from "./Csv.js"
import { run } from "./Run.js"

it.scoped(
  "loses no day although its process is killed half-way",
  () =>
    Effect.gen(function* () {
      const path = yield* csv(firstDays(201))
      const { code, stdout, stderr } = yield* Effect.promise(() =>
        run("outbox.ts", { asUser: true, env: { WEATHER_CSV: path } })
      )
      assert.strictEqual(stderr, "")
      assert.strictEqual(code, 0)
      const text = stdout.replaceAll(/\s+/g, " ")
      assert.include(text, "first run stored 100 days, and is killed")
      assert.include(text, "second run knew 100 days already, stored 101 more, and delivered all that was left")
      assert.match(text, /holds \d+ rows: \d+ days there twice/)
      assert.include(text, "it is each day exactly, value for value")
      assert.notMatch(stdout, /emulator-key|emulator-secret|webhook\/data\/[A-Za-z0-9]/)
    }),
  60_000
)
