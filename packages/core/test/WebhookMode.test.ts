import { assert, expectTypeOf, it } from "@effect/vitest"
import { Schema } from "effect"
import { WebhookMode } from "../src/index.js"
import { faults } from "./support.js"

it("The schema `WebhookMode` accepts only the modes `replace` and `combine`", () => {
  assert.deepStrictEqual(WebhookMode.WebhookMode.literals, ["replace", "combine"])
  assert.deepStrictEqual(faults(WebhookMode.WebhookMode, "merge"), [
    'expected "replace" or "combine", received a string of 5 characters'
  ])
  expectTypeOf<WebhookMode.WebhookMode>().toEqualTypeOf<"replace" | "combine">()
})

it("The schema `Open` accepts an unknown mode in a response", () => {
  for (const mode of ["replace", "combine", "merge", ""]) {
    assert.strictEqual(Schema.decodeUnknownSync(WebhookMode.Open)(mode), mode)
    assert.strictEqual(Schema.encodeSync(WebhookMode.Open)(mode), mode)
  }
  assert.deepStrictEqual(faults(WebhookMode.Open, 1), ["expected a webhook mode, received a positive integer"])
})
