import { assert, expectTypeOf, it } from "@effect/vitest"
import { Schema } from "effect"
import { WebhookField } from "../src/index.js"
import { faults, refusals } from "./support.js"

it("The schema `FromWire` encodes fields to the published names, and decodes these names", () => {
  const wire = WebhookField.all.map((field) => Schema.encodeSync(WebhookField.FromWire)(field))
  assert.deepStrictEqual(wire, ["id", "name", "mode", "uri", "ds_id", "origins", "secret"])
  assert.deepStrictEqual(
    wire.map((name) => Schema.decodeSync(WebhookField.FromWire)(name)),
    WebhookField.all
  )
})

it("The schema `FromWire` refuses a published name when encoding, and a field name when decoding", () => {
  const known = "expected a webhook field: id, name, mode, uri, datasetId, origins or secret"
  const onWire = known.replace("datasetId", "ds_id")
  assert.deepStrictEqual(refusals(WebhookField.FromWire, "ds_id"), [`${known}, received a string of 5 characters`])
  assert.deepStrictEqual(faults(WebhookField.FromWire, "datasetId"), [`${onWire}, received a string of 9 characters`])
  assert.deepStrictEqual(faults(WebhookField.WebhookField, "url"), [`${known}, received a string of 3 characters`])
})

it("The list `minimal` has five of the seven fields", () => {
  assert.deepStrictEqual(WebhookField.minimal, ["id", "name", "mode", "uri", "datasetId"])
  expectTypeOf<(typeof WebhookField.minimal)[number]>().toEqualTypeOf<WebhookField.Minimal>()
})
