import { assert, it } from "@effect/vitest"
import { codeOf, from } from "../../../src/internal/database/storeError.js"

it("a StoreError gets its reason from the code of a failure, even if the causes form a cycle", () => {
  const first = new Error("outer")
  const second = new Error("inner", { cause: first })
  first.cause = second
  assert.isUndefined(codeOf(first))
  assert.strictEqual(from("claim")(first).reason, "other")
  assert.strictEqual(codeOf(Object.assign(second, { code: "55P03" })), "55P03")
  assert.strictEqual(from("claim")(first).reason, "busy")
})
