import { assert, it } from "@effect/vitest"
import { Examples } from "@mammoth-effect/core"
import { Effect } from "effect"
import { Emulator } from "../src/index.js"

it.scopedLive("The examples of core are what a new emulator answers", () =>
  Effect.gen(function* () {
    const { baseUrl } = yield* Emulator.make({ seed: "examples" })
    const headers = {
      "x-api-key": "emulator-key",
      "x-api-secret": "emulator-secret",
      "content-type": "application/json"
    }
    for (const { request, response, title } of Examples.all) {
      const { body, method, path } = request
      const [status, text] = yield* Effect.promise(async () => {
        const answer = await fetch(`${baseUrl}${path}`, {
          method,
          headers,
          ...(body === undefined ? {} : { body: JSON.stringify(body) })
        })
        return [answer.status, await answer.text()] as const
      })
      assert.deepStrictEqual([title, status], [title, response.status])
      assert.deepStrictEqual(text === "" ? undefined : JSON.parse(text), response.body)
    }
  })
)
