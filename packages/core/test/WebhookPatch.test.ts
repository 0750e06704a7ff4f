import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Schema } from "effect"
import { WebhookPatch } from "../src/index.js"
import { faults, plain, refusals } from "./support.js"

const encode = Schema.encodeSync(WebhookPatch.WebhookPatch)
const decode = Schema.decodeSync(WebhookPatch.WebhookPatch)
const refused = (patch: unknown) => refusals(WebhookPatch.WebhookPatch, patch)

describe("A patch", () => {
  it("becomes a list on the wire, with one change for each setting", () => {
    assert.deepStrictEqual(encode({ isSecure: false, origins: "", mode: "replace" }), {
      patch: [
        { op: "replace", path: "mode", value: "replace" },
        { op: "replace", path: "origins", value: "" },
        { op: "replace", path: "is_secure", value: false }
      ]
    })
  })

  it("keeps explicit changes in the given order, even if two changes have the same path", () => {
    const patch = [
      { path: "isSecure", value: true },
      { path: "mode", value: "combine" },
      { path: "isSecure", value: false }
    ] as const
    const wire = {
      patch: [
        { op: "replace", path: "is_secure", value: true },
        { op: "replace", path: "mode", value: "combine" },
        { op: "replace", path: "is_secure", value: false }
      ]
    } as const
    assert.deepStrictEqual(encode({ patch }), wire)
    assert.deepStrictEqual(decode(wire), { patch })
  })

  it.prop("is the same after encoding and decoding", [WebhookPatch.WebhookPatch], ([patch]) => {
    const read = decode(encode(patch))
    assert.deepStrictEqual(plain(WebhookPatch.changes(read)), plain(WebhookPatch.changes(patch)))
    assert.deepStrictEqual(encode(read), encode(patch))
  })

  it("is refused if it changes nothing", () => {
    const expected = "expected at least one change: mode, origins or isSecure, received"
    assert.deepStrictEqual(refused({}), [`${expected} an object without keys`])
    assert.deepStrictEqual(refused({ patch: [] }), [`${expected} an object`])
    assert.deepStrictEqual(refused({ mode: undefined }), [`${expected} an object`])
    assert.deepStrictEqual(faults(WebhookPatch.WebhookPatch, { patch: [] }), [
      "patch: expected at least one change: mode, origins or is_secure, received an empty list"
    ])
  })

  it("is refused if it mixes settings with explicit changes, because their order is not known", () => {
    assert.deepStrictEqual(refused({ mode: "combine", patch: [{ path: "origins", value: "*" }] }), [
      "expected either `patch` or settings such as `mode`, not both, received an object"
    ])
  })

  it("is refused if a value does not fit its path", () => {
    assert.deepStrictEqual(
      refused({
        patch: [
          { path: "mode", value: "combine" },
          { path: "isSecure", value: "yes" }
        ]
      }),
      ["patch[1].value: expected a boolean, received a string of 3 characters"]
    )
    assert.deepStrictEqual(refused({ patch: [{ path: "mode", value: "merge" }] }), [
      'patch[0].value: expected "replace" or "combine", received a string of 5 characters'
    ])
    assert.deepStrictEqual(refused({ mode: "merge" }), [
      'mode: expected "replace" or "combine", received a string of 5 characters'
    ])
  })

  it("is refused if a setting is unknown", () => {
    assert.deepStrictEqual(refused({ name: "orders" }), [
      "name: expected no property with this name, received a string of 6 characters"
    ])
    assert.deepStrictEqual(refused({ patch: [{ path: "name", value: "orders" }] }), [
      'patch[0].path: expected "mode" or "origins" or "isSecure", received a string of 4 characters'
    ])
  })
})

it("The path of a change decides the type of its value", () => {
  expectTypeOf<{ path: "mode"; value: "combine" }>().toExtend<WebhookPatch.Change>()
  expectTypeOf<{ path: "mode"; value: "merge" }>().not.toExtend<WebhookPatch.Change>()
  expectTypeOf<{ path: "isSecure"; value: "yes" }>().not.toExtend<WebhookPatch.Change>()
  expectTypeOf<{ path: "is_secure"; value: boolean }>().not.toExtend<WebhookPatch.Change>()
})
