import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { csv, firstDays } from "./Csv.js"
import { run } from "./Run.js"

describe("the outbox example", () => {
  it.scoped(
    "delivers the rows of all days, although its process is killed half-way",
    () =>
      Effect.gen(function* () {
        const path = yield* csv(firstDays(201))
        const { code, stdout, stderr } = yield* Effect.promise(() =>
          run("outbox.ts", { asUser: true, env: { WEATHER_CSV: path } })
        )
        assert.strictEqual(stderr, "")
        assert.strictEqual(code, 0)
        const text = stdout.replaceAll(/\s+/g, " ")
        assert.include(text, "first run stored 100 days, then was killed")
        assert.include(
          text,
          "second run found 100 days in the outbox, stored 101 more, and delivered all remaining rows"
        )
        assert.match(text, /holds \d+ rows, including \d+ duplicates? caused by lost responses or the kill/)
        assert.include(text, "after removing duplicates by event_id, the server has exactly the days of the file")
        assert.notMatch(stdout, /emulator-key|emulator-secret|webhook\/data\/[A-Za-z0-9]/)
      }),
    60_000
  )
})
