import { assert, it } from "@effect/vitest"
import { Examples } from "@mammoth-effect/core"
import { Effect } from "effect"
import { call, forms } from "./support.js"

for (const [where, { make }] of Object.entries(forms)) {
  it.scopedLive(`a new emulator ${where} returns the responses of core's Examples`, () =>
    Effect.gen(function* () {
      const emulator = yield* make({ seed: "examples" })
      const headers = {
        "x-api-key": "emulator-key",
        "x-api-secret": "emulator-secret",
        "content-type": "application/json"
      }
      for (const { request, response, title } of Examples.all) {
        const { body, method, path } = request
        const { status, text } = yield* call(emulator, method, path, { headers, body })
        assert.deepStrictEqual([title, status], [title, response.status])
        assert.deepStrictEqual(text === "" ? undefined : JSON.parse(text), response.body)
      }
    })
  )
}
