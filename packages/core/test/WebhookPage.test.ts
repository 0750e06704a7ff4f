import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Schema } from "effect"
import { Identifier, WebhookPage } from "../src/index.js"
import { faults, plain } from "./support.js"

const webhook = { id: 8, name: "test", mode: "replace", uri: "/webhook/data/nHC1zIl97JzgDMopgcfpOgLV", ds_id: 535 }
const decode = Schema.decodeUnknownSync(WebhookPage.WebhookPage)
const encode = Schema.encodeSync(WebhookPage.WebhookPage)

describe("A page", () => {
  it("has null as `limit`, `offset` and `next` if the server sends null or leaves them out", () => {
    for (const rest of [{}, { limit: null, offset: null, next: null }]) {
      assert.deepStrictEqual(decode({ webhooks: [], ...rest }), { webhooks: [], limit: null, offset: null, next: null })
    }
  })

  it("keeps `limit`, `offset` and `next`, and drops unknown keys", () => {
    const page = decode({ webhooks: [webhook], limit: 10, offset: 20, next: "/next", total: 21 })
    assert.deepStrictEqual(plain({ ...page, webhooks: page.webhooks.length }), {
      webhooks: 1,
      limit: 10,
      offset: 20,
      next: "/next"
    })
  })

  it.prop("is the same after encoding and decoding", [WebhookPage.WebhookPage], ([page]) => {
    assert.deepStrictEqual(plain(decode(encode(page))), plain(page))
  })

  it("is refused if it has errors, and each issue holds the path of one error", () => {
    const { uri: _uri, ...broken } = webhook
    assert.deepStrictEqual(faults(WebhookPage.WebhookPage, { webhooks: [webhook, broken], limit: 1.5, next: 7 }), [
      "webhooks[1].uri: expected a string of at least one character, received nothing",
      "limit: expected an integer between -(2^53 - 1) and 2^53 - 1 or null, received a number with a fraction",
      "next: expected a string or null, received a positive integer"
    ])
    assert.deepStrictEqual(faults(WebhookPage.WebhookPage, {}), ["webhooks: expected a list, received nothing"])
    assert.deepStrictEqual(faults(WebhookPage.WebhookPage, [webhook]), ["expected an object, received a list of 1"])
  })

  it("has exactly the selected fields in its webhooks, at run time and in its type", () => {
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
