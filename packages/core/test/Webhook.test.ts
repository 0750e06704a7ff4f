import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Schema } from "effect"
import { Identifier, Webhook, WebhookField } from "../src/index.js"
import { faults, plain, printed } from "./support.js"

const wire = {
  id: 8,
  name: "test",
  mode: "replace",
  uri: "/webhook/data/nHC1zIl97JzgDMopgcfpOgLV",
  ds_id: 535,
  origins: "*",
  secret: "V36QXDxGiwSa"
}

const decode = Schema.decodeUnknownSync(Webhook.Webhook)
const encode = Schema.encodeSync(Webhook.Webhook)

describe("A webhook", () => {
  it("is decoded with field names and redacted credentials, and encoded to the same wire object", () => {
    const webhook = decode(wire)
    assert.deepStrictEqual(plain(webhook), {
      id: 8,
      name: "test",
      mode: "replace",
      uri: { secret: "/webhook/data/nHC1zIl97JzgDMopgcfpOgLV" },
      datasetId: 535,
      origins: "*",
      secret: { secret: "V36QXDxGiwSa" }
    })
    assert.deepStrictEqual(encode(webhook), wire)
  })

  it("prints neither its uri nor its secret", () => {
    const webhook = decode(wire)
    for (const each of [webhook, webhook.uri, webhook.secret]) {
      assert.notInclude(printed(each), "nHC1zIl97JzgDMopgcfpOgLV")
      assert.notInclude(printed(each), "V36QXDxGiwSa")
    }
  })

  it("has null as `origins` and `secret` if the server sends null or leaves them out", () => {
    const { origins: _origins, secret: _secret, ...without } = wire
    for (const each of [without, { ...wire, origins: null, secret: null }]) {
      const webhook = decode(each)
      assert.isNull(webhook.origins)
      assert.isNull(webhook.secret)
      assert.deepStrictEqual(encode(webhook), { ...without, origins: null, secret: null })
    }
  })

  it("keeps an unknown mode, and drops unknown keys", () => {
    const webhook = decode({ ...wire, mode: "merge", colour: "red" })
    assert.strictEqual(webhook.mode, "merge")
    assert.notProperty(webhook, "colour")
    assert.strictEqual(encode(webhook).mode, "merge")
  })

  it("is refused if it lacks a field that every response has", () => {
    assert.deepStrictEqual(faults(Webhook.Webhook, {}), [
      "id: expected an integer between -(2^53 - 1) and 2^53 - 1, received nothing",
      "name: expected a string of at least one character, received nothing",
      "mode: expected a webhook mode, received nothing",
      "uri: expected a string of at least one character, received nothing",
      "ds_id: expected an integer between -(2^53 - 1) and 2^53 - 1, received nothing"
    ])
    assert.deepStrictEqual(faults(Webhook.Webhook, "webhook"), [
      "expected an object, received a string of 7 characters"
    ])
  })

  it("is refused if a value has the wrong type, or if a number cannot hold an integer exactly", () => {
    assert.deepStrictEqual(faults(Webhook.Webhook, { ...wire, id: "8", ds_id: 2 ** 53, name: "", origins: ["*"] }), [
      "id: expected an integer between -(2^53 - 1) and 2^53 - 1, received a string of 1 character",
      "name: expected a string of at least one character, received an empty string",
      "ds_id: expected an integer between -(2^53 - 1) and 2^53 - 1, received an integer beyond 2^53",
      "origins: expected a string or null, received a list of 1"
    ])
  })

  it.prop("is the same after encoding and decoding", [Webhook.Webhook], ([webhook]) => {
    assert.deepStrictEqual(plain(decode(encode(webhook))), plain(webhook))
  })
})

describe("A projection", () => {
  it("has exactly the requested fields, even if the server sends more fields", () => {
    const projected = Schema.decodeUnknownSync(Webhook.projection(["id", "name"]))(wire)
    assert.deepStrictEqual(projected, { id: Identifier.WebhookId.make(8), name: "test" })
    expectTypeOf(projected).toEqualTypeOf<{ readonly id: Identifier.WebhookId; readonly name: string }>()
    // @ts-expect-error The type has no `mode`, because the request did not select it.
    assert.isUndefined(projected.mode)
  })

  it("requires only the requested fields", () => {
    assert.deepStrictEqual(faults(Webhook.projection(["datasetId", "secret"]), { ds_id: 535 }), [])
    assert.deepStrictEqual(faults(Webhook.projection(["datasetId"]), wire), [])
    assert.deepStrictEqual(faults(Webhook.projection(["datasetId"]), { datasetId: 535 }), [
      "ds_id: expected an integer between -(2^53 - 1) and 2^53 - 1, received nothing"
    ])
  })

  it("is encoded with exactly the requested fields", () => {
    const schema = Webhook.projection(["datasetId", "uri"])
    const written: unknown = Schema.encodeUnknownSync(schema)(decode(wire))
    assert.deepStrictEqual(written, { ds_id: 535, uri: "/webhook/data/nHC1zIl97JzgDMopgcfpOgLV" })
  })

  it("has one field if one was requested", () => {
    for (const field of WebhookField.all) {
      assert.deepStrictEqual(Object.keys(Schema.decodeUnknownSync(Webhook.projection([field]))(wire)), [field])
    }
  })

  it("equals a whole webhook, also in its type, if all fields were requested", () => {
    assert.deepStrictEqual(
      plain(Schema.decodeUnknownSync(Webhook.projection(WebhookField.all))(wire)),
      plain(decode(wire))
    )
    expectTypeOf<Webhook.Projected<WebhookField.WebhookField>>().toEqualTypeOf<Webhook.Webhook>()
    expectTypeOf<Webhook.Projected<"origins">>().toEqualTypeOf<{ readonly origins: string | null }>()
    expectTypeOf<Webhook.Projected<WebhookField.Minimal>>().not.toHaveProperty("origins")
  })

  const Some = Webhook.projection(["name", "uri", "secret"])
  it.prop("is the same after encoding and decoding", [Some], ([webhook]) => {
    assert.deepStrictEqual(plain(Schema.decodeUnknownSync(Some)(Schema.encodeSync(Some)(webhook))), plain(webhook))
  })
})

it("The schema from `details` decodes only the requested fields of the webhook in a response", () => {
  const details = Schema.decodeUnknownSync(Webhook.details(["id"]))({ webhook: wire })
  assert.deepStrictEqual(details, { webhook: { id: Identifier.WebhookId.make(8) } })
  expectTypeOf(details).toEqualTypeOf<Webhook.Details<"id">>()
  assert.deepStrictEqual(faults(Webhook.details(["id"]), { webhook: {} }), [
    "webhook.id: expected an integer between -(2^53 - 1) and 2^53 - 1, received nothing"
  ])
  assert.deepStrictEqual(faults(Webhook.details(["id"]), []), ["expected an object, received an empty list"])
})

describe("The mode of a webhook", () => {
  it("is checked by two guards, which both return false for an unknown mode", () => {
    const modes = ["combine", "replace", "merge"].map((mode) => decode({ ...wire, mode }))
    assert.deepStrictEqual(modes.map(Webhook.isCombine), [true, false, false])
    assert.deepStrictEqual(modes.map(Webhook.isReplace), [false, true, false])
  })

  it("has an exact type only after a guard has checked it", () => {
    const webhook = decode(wire)
    if (Webhook.isReplace(webhook)) expectTypeOf(webhook).toExtend<Webhook.ReplaceWebhook>()
    if (Webhook.isCombine(webhook)) expectTypeOf(webhook.mode).toEqualTypeOf<"combine">()
    expectTypeOf<Webhook.Webhook>().not.toExtend<Webhook.CombineWebhook>()
    expectTypeOf<Webhook.Webhook & { readonly mode: "combine" }>().not.toExtend<Webhook.CombineWebhook>()
    expectTypeOf<Webhook.ReplaceWebhook>().not.toExtend<Webhook.CombineWebhook>()
    expectTypeOf<Webhook.CombineWebhook>().toExtend<Webhook.Webhook>()
  })

  it("decides the type of a created webhook if the mode is a literal", () => {
    expectTypeOf<Webhook.OfMode<"combine">>().toEqualTypeOf<Webhook.CombineWebhook>()
    expectTypeOf<Webhook.OfMode<"replace">>().toEqualTypeOf<Webhook.ReplaceWebhook>()
    expectTypeOf<Webhook.OfMode<"combine" | "replace">>().toEqualTypeOf<Webhook.Webhook>()
    expectTypeOf<Webhook.OfMode<undefined>>().toEqualTypeOf<Webhook.Webhook>()
  })
})
