import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Schema } from "effect"
import { Identifier, WebhookPage } from "../src/index.js"
import { faults, plain } from "./support.js"

const webhook = { id: 8, name: "test", mode: "replace", uri: "/webhook/data/nHC1zIl97JzgDMopgcfpOgLV", ds_id: 535 }
const decode = Schema.decodeUnknownSync(WebhookPage.WebhookPage)
const encode = Schema.encodeSync(WebhookPage.WebhookPage)

describe("a page", () => {
  it("has null where the server sends no limit, offset or next, or null", () => {
    for (const rest of [{}, { limit: null, offset: null, next: null }]) {
      assert.deepStrictEqual(decode({ webhooks: [], ...rest }), { webhooks: [], limit: null, offset: null, next: null })
    }
  })

  it("keeps what the server says of itself, and passes over unknown keys", () => {
    const page = decode({ webhooks: [webhook], limit: 10, offset: 20, next: "/next", total: 21 })
    assert.deepStrictEqual(plain({ ...page, webhooks: page.webhooks.length }), {
      webhooks: 1,
      limit: 10,
      offset: 20,
      next: "/next"
    })
  })

  it.prop("survives the way there and back", [WebhookPage.WebhookPage], ([page]) => {
    assert.deepStrictEqual(plain(decode(encode(page))), plain(page))
  })

  it("that is not as published is told by place", () => {
    const { uri: _uri, ...broken } = webhook
    assert.deepStrictEqual(faults(WebhookPage.WebhookPage, { webhooks: [webhook, broken], limit: 1.5, next: 7 }), [
      "webhooks[1].uri: expected a string of at least one character, received nothing",
      "limit: expected an integer between -(2^53 - 1) and 2^53 - 1 or null, received a number with a fraction",
      "next: expected a string or null, received a positive integer"
    ])
    assert.deepStrictEqual(faults(WebhookPage.WebhookPage, {}), ["webhooks: expected a list, received nothing"])
    assert.deepStrictEqual(faults(WebhookPage.WebhookPage, [webhook]), ["expected an object, received a list of 1"])
  })

  it("of two fields has exactly those two, at run time and in the types", () => {
    const page = Schema.decodeUnknownSync(WebhookPage.projection(["id", "name"]))({ webhooks: [webhook], next: "" })
    assert.deepStrictEqual(page, {
      webhooks: [{ id: Identifier.WebhookId.make(8), name: "test" }],
      limit: null,
      offset: null,
      next: ""
    })
    expectTypeOf(page).toEqualTypeOf<WebhookPage.WebhookPage<"id" | "name">>()
    expectTypeOf(page.webhooks).toEqualTypeOf<
      ReadonlyArray<{ readonly id: Identifier.WebhookId; readonly name: string }>
    >()
  })
})
