import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { vi } from "vitest"
import { call, forms, inProject, json } from "./support.js"

vi.mock(import("../src/internal/handlers.js"), async (load) => {
  const { make } = await load()
  return { make: (...parts) => ({ ...make(...parts), list: undefined }) }
})

for (const [where, { make }] of Object.entries(forms)) {
  it.scoped(`an emulator ${where} responds with 501 to an operation that it does not implement`, () =>
    Effect.gen(function* () {
      const emulator = yield* make()
      const answer = yield* call(emulator, "GET", inProject(1))
      assert.strictEqual(answer.status, 501)
      assert.strictEqual(json(answer).message, "The emulator does not implement the operation list yet")
      assert.strictEqual((yield* call(emulator, "GET", inProject(1), { headers: {} })).status, 401)
      assert.strictEqual((yield* call(emulator, "POST", inProject(1), { body: {} })).status, 201)
    })
  )
}
