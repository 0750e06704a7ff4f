import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import type { Webhook, WebhookField } from "@mammoth-effect/core"
import { Effect } from "effect"
import type { Webhooks } from "../src/index.js"
import * as Server from "./support/Server.js"

const { api } = Server

/** The keys of the first webhook that a list with these fields yields. */
const keys = (fields: WebhookField.Selection) =>
  Effect.map(api.list({ fields }), ({ webhooks }) => Object.keys(webhooks[0] ?? {}))

describe("What a selection narrows an answer to", () => {
  it.effect("is, at run time, what was asked for", () =>
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

  it("is, in the types, no more than is known", () => {
    type Answer<Fields extends WebhookField.Selection> = Webhook.Selected<Fields>
    expectTypeOf<Answer<"standard">>().toEqualTypeOf<Webhook.Webhook>()
    expectTypeOf<Answer<readonly ["id", "name"]>>().toEqualTypeOf<Webhook.Projected<"id" | "name">>()
    // a list that the types do not know may hold any of its fields
    expectTypeOf<Answer<ReadonlyArray<"id" | "name">>>().toEqualTypeOf<Partial<Pick<Webhook.Webhook, "id" | "name">>>()
    // of two selections it is one or the other
    expectTypeOf<Answer<readonly ["id"] | readonly ["name"]>>().toEqualTypeOf<
      Webhook.Projected<"id"> | Webhook.Projected<"name">
    >()
    expectTypeOf<Answer<"min" | "full">>().toEqualTypeOf<Webhook.Projected<WebhookField.Minimal> | Webhook.Webhook>()
    expectTypeOf<Webhooks.Service["getDetails"]>().toBeCallableWith({ workspaceId: 1, projectId: 1, webhookId: 1 })
  })
})
