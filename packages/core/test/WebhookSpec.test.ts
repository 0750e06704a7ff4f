import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { WebhookSpec } from "../src/index.js"
import { plain, refusals } from "./support.js"

const encode = Schema.encodeSync(WebhookSpec.WebhookSpec)
const decode = Schema.decodeSync(WebhookSpec.WebhookSpec)
const refused = (spec: unknown) => refusals(WebhookSpec.WebhookSpec, spec)

describe("The schema of a specification", () => {
  it("encodes to the published names, and leaves out settings that are not given", () => {
    const spec = {
      name: "orders",
      mode: "combine",
      origins: "*",
      isSecure: true,
      folderResourceId: "label_1363"
    } as const
    const wire = {
      name: "orders",
      mode: "combine",
      origins: "*",
      is_secure: true,
      folder_resource_id: "label_1363"
    } as const
    assert.deepStrictEqual(encode(spec), wire)
    assert.deepStrictEqual(decode(wire), spec)
    assert.deepStrictEqual(encode({}), {})
    assert.deepStrictEqual(decode({}), {})
    assert.deepStrictEqual(encode({ folderResourceId: null }), { folder_resource_id: null })
  })

  it.prop("decodes what it encoded", [WebhookSpec.WebhookSpec], ([spec]) => {
    assert.deepStrictEqual(plain(decode(encode(spec))), plain(spec))
  })

  it("refuses an empty name, an unknown mode, and values of another type", () => {
    assert.deepStrictEqual(
      refused({ name: "", mode: "merge", origins: ["*"], isSecure: "yes", folderResourceId: 1363 }),
      [
        "name: expected a well-formed name of at least one character, received an empty string",
        'mode: expected "replace" or "combine", received a string of 5 characters',
        "origins: expected a string, received a list of 1",
        "isSecure: expected a boolean, received a string of 3 characters",
        "folderResourceId: expected a folder's resource id or null, received a positive integer"
      ]
    )
  })

  it("refuses an unknown key, such as a wire name", () => {
    assert.deepStrictEqual(refused({ name: "orders", is_secure: true }), [
      "is_secure: expected no property with this name, received a boolean"
    ])
  })
})
