import { assert, it } from "@effect/vitest"
import { JsonText } from "@mammoth-effect/core"
import { Either } from "effect"
import { checkLength } from "../../../src/internal/outbox/encode.js"

it("checkLength refuses rows that are too long for one insertion, and names the first row beyond the limit", () => {
  const row = { id: "a", payload: "x".repeat(JsonText.maxLength / 8) }
  assert.isTrue(Either.isRight(checkLength([row, row, row])))
  const refused = Either.flip(checkLength([row, row, row, row]))
  assert.isTrue(Either.isRight(refused))
  if (Either.isRight(refused)) {
    assert.strictEqual(refused.right.index, 3)
    assert.include(refused.right.message, "offer the rows in parts), received 268435444 characters in 4 rows")
  }
})
