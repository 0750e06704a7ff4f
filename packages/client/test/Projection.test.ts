import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import type { Webhook, WebhookField } from "@mammoth-effect/core"
import { Effect } from "effect"
import type { Webhooks } from "../src/index.js"
import * as Server from "./support/Server.js"

const { api } = Server

/** Returns the keys of the first webhook in a list with these fields. */
const keys = (fields: WebhookField.Selection) =>
  Effect.map(api.list({ fields }), ({ webhooks }) => Object.keys(webhooks[0] ?? {}))

describe("A response with selected fields", () => {
  it.effect("has exactly the selected fields at run time", () =>
    Effect.gen(function* () {
      yield* api.create({ isSecure: true })
      const whole = ["id", "name", "mode", "uri", "datasetId", "origins", "secret"]
      assert.deepStrictEqual(yield* keys("min"), whole.slice(0, 5))
      assert.deepStrictEqual(yield* keys("standard"), whole)
      assert.deepStrictEqual(yield* keys("full"), whole)
      assert.deepStrictEqual(yield* keys(["name", "id", "name"]), ["name", "id"])
      for (const field of whole) {
        assert.deepStrictEqual(yield* keys([field as WebhookField.WebhookField]), [field])
      }
    }).pipe(Effect.provide(Server.layer()))
  )

  it("has a type with only the fields that the selection guarantees", () => {
    type Answer<Fields extends WebhookField.Selection> = Webhook.Selected<Fields>
    expectTypeOf<Answer<"standard">>().toEqualTypeOf<Webhook.Webhook>()
    expectTypeOf<Answer<readonly ["id", "name"]>>().toEqualTypeOf<Webhook.Projected<"id" | "name">>()
    // Expect optional fields, because the type of this list does not say which fields the list contains.
    expectTypeOf<Answer<ReadonlyArray<"id" | "name">>>().toEqualTypeOf<Partial<Pick<Webhook.Webhook, "id" | "name">>>()
    // Expect a union of two types for a union of two selections.
    expectTypeOf<Answer<readonly ["id"] | readonly ["name"]>>().toEqualTypeOf<
      Webhook.Projected<"id"> | Webhook.Projected<"name">
    >()
    expectTypeOf<Answer<"min" | "full">>().toEqualTypeOf<Webhook.Projected<WebhookField.Minimal> | Webhook.Webhook>()
    expectTypeOf<Webhooks.Service["getDetails"]>().toBeCallableWith({ workspaceId: 1, projectId: 1, webhookId: 1 })
  })
})
