import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { Delivery } from "../src/index.js"

const inOrder: ReadonlyArray<Delivery.Delivery> = ["NotSent", "Rejected", "Unknown", "Accepted"]

it("`max` returns the greater of two deliveries, in either order", () => {
  for (const [i, less] of inOrder.entries()) {
    for (const more of inOrder.slice(i)) {
      assert.strictEqual(Delivery.max(less, more), more)
      assert.strictEqual(Delivery.max(more, less), more)
    }
  }
})

it("The schema `Delivery` accepts only the four deliveries", () => {
  assert.deepStrictEqual(Delivery.Delivery.literals, inOrder)
  assert.isFalse(Schema.is(Delivery.Delivery)("Lost"))
})

it.prop("`max` is associative", [Delivery.Delivery, Delivery.Delivery, Delivery.Delivery], ([a, b, c]) => {
  assert.strictEqual(Delivery.max(Delivery.max(a, b), c), Delivery.max(a, Delivery.max(b, c)))
})
