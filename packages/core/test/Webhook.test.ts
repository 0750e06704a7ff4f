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

describe("a webhook", () => {
  it("is read with its field names and redacted credentials, and written back as it was", () => {
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

  it("has null where the server sends no origins or secret, or null", () => {
    const { origins: _origins, secret: _secret, ...without } = wire
    for (const each of [without, { ...wire, origins: null, secret: null }]) {
      const webhook = decode(each)
      assert.isNull(webhook.origins)
      assert.isNull(webhook.secret)
      assert.deepStrictEqual(encode(webhook), { ...without, origins: null, secret: null })
    }
  })

  it("keeps a mode that nobody knows yet, and passes over unknown keys", () => {
    const webhook = decode({ ...wire, mode: "merge", colour: "red" })
    assert.strictEqual(webhook.mode, "merge")
    assert.notProperty(webhook, "colour")
    assert.strictEqual(encode(webhook).mode, "merge")
  })

  it("is unusable without a field that every answer has", () => {
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

  it("is unusable with values of another type, or integers that a number cannot hold exactly", () => {
    assert.deepStrictEqual(faults(Webhook.Webhook, { ...wire, id: "8", ds_id: 2 ** 53, name: "", origins: ["*"] }), [
      "id: expected an integer between -(2^53 - 1) and 2^53 - 1, received a string of 1 character",
      "name: expected a string of at least one character, received an empty string",
      "ds_id: expected an integer between -(2^53 - 1) and 2^53 - 1, received an integer beyond 2^53",
      "origins: expected a string or null, received a list of 1"
    ])
  })

  it.prop("survives the way there and back", [Webhook.Webhook], ([webhook]) => {
    assert.deepStrictEqual(plain(decode(encode(webhook))), plain(webhook))
  })
})

describe("a projection", () => {
  it("has exactly the fields that were asked for, whatever else the server sends", () => {
    const projected = Schema.decodeUnknownSync(Webhook.projection(["id", "name"]))(wire)
    assert.deepStrictEqual(projected, { id: Identifier.WebhookId.make(8), name: "test" })
    expectTypeOf(projected).toEqualTypeOf<{ readonly id: Identifier.WebhookId; readonly name: string }>()
    // @ts-expect-error this field was not asked for
    assert.isUndefined(projected.mode)
  })

  it("needs no field but those", () => {
    assert.deepStrictEqual(faults(Webhook.projection(["datasetId", "secret"]), { ds_id: 535 }), [])
    assert.deepStrictEqual(faults(Webhook.projection(["datasetId"]), wire), [])
    assert.deepStrictEqual(faults(Webhook.projection(["datasetId"]), { datasetId: 535 }), [
      "ds_id: expected an integer between -(2^53 - 1) and 2^53 - 1, received nothing"
    ])
  })

  it("is written with exactly those fields", () => {
    const schema = Webhook.projection(["datasetId", "uri"])
    const written: unknown = Schema.encodeUnknownSync(schema)(decode(wire))
    assert.deepStrictEqual(written, { ds_id: 535, uri: "/webhook/data/nHC1zIl97JzgDMopgcfpOgLV" })
  })

  it("of each single field holds that field", () => {
    for (const field of WebhookField.all) {
      assert.deepStrictEqual(Object.keys(Schema.decodeUnknownSync(Webhook.projection([field]))(wire)), [field])
    }
  })

  it("of all fields is the webhook, in the types too", () => {
    assert.deepStrictEqual(
      plain(Schema.decodeUnknownSync(Webhook.projection(WebhookField.all))(wire)),
      plain(decode(wire))
    )
    expectTypeOf<Webhook.Projected<WebhookField.WebhookField>>().toEqualTypeOf<Webhook.Webhook>()
    expectTypeOf<Webhook.Projected<"origins">>().toEqualTypeOf<{ readonly origins: string | null }>()
    expectTypeOf<Webhook.Projected<WebhookField.Minimal>>().not.toHaveProperty("origins")
  })

  const Some = Webhook.projection(["name", "uri", "secret"])
  it.prop("survives the way there and back", [Some], ([webhook]) => {
    assert.deepStrictEqual(plain(Schema.decodeUnknownSync(Some)(Schema.encodeSync(Some)(webhook))), plain(webhook))
  })
})

it("details are a webhook, or the fields of one that were asked for", () => {
  const details = Schema.decodeUnknownSync(Webhook.details(["id"]))({ webhook: wire })
  assert.deepStrictEqual(details, { webhook: { id: Identifier.WebhookId.make(8) } })
  expectTypeOf(details).toEqualTypeOf<Webhook.Details<"id">>()
  assert.deepStrictEqual(faults(Webhook.details(["id"]), { webhook: {} }), [
    "webhook.id: expected an integer between -(2^53 - 1) and 2^53 - 1, received nothing"
  ])
  assert.deepStrictEqual(faults(Webhook.details(["id"]), []), ["expected an object, received an empty list"])
})

describe("the mode of a webhook", () => {
  it("is told by the guards, and an unknown one is neither", () => {
    const modes = ["combine", "replace", "merge"].map((mode) => decode({ ...wire, mode }))
    assert.deepStrictEqual(modes.map(Webhook.isCombine), [true, false, false])
    assert.deepStrictEqual(modes.map(Webhook.isReplace), [false, true, false])
  })

  it("is proved in the types by a guard alone", () => {
    const webhook = decode(wire)
    if (Webhook.isReplace(webhook)) expectTypeOf(webhook).toExtend<Webhook.ReplaceWebhook>()
    if (Webhook.isCombine(webhook)) expectTypeOf(webhook.mode).toEqualTypeOf<"combine">()
    expectTypeOf<Webhook.Webhook>().not.toExtend<Webhook.CombineWebhook>()
    expectTypeOf<Webhook.Webhook & { readonly mode: "combine" }>().not.toExtend<Webhook.CombineWebhook>()
    expectTypeOf<Webhook.ReplaceWebhook>().not.toExtend<Webhook.CombineWebhook>()
    expectTypeOf<Webhook.CombineWebhook>().toExtend<Webhook.Webhook>()
  })

  it("as a literal decides the type of what is created", () => {
    expectTypeOf<Webhook.OfMode<"combine">>().toEqualTypeOf<Webhook.CombineWebhook>()
    expectTypeOf<Webhook.OfMode<"replace">>().toEqualTypeOf<Webhook.ReplaceWebhook>()
    expectTypeOf<Webhook.OfMode<"combine" | "replace">>().toEqualTypeOf<Webhook.Webhook>()
    expectTypeOf<Webhook.OfMode<undefined>>().toEqualTypeOf<Webhook.Webhook>()
  })
})
