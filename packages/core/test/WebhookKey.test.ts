import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Either, Redacted, Schema } from "effect"
import { Issue, WebhookKey } from "../src/index.js"
import { faults, printed } from "./support.js"

const text = "nHC1zIl97JzgDMopgcfpOgLV"

const read = (uri: string | Redacted.Redacted): string =>
  Either.match(WebhookKey.fromUri(uri), { onLeft: Issue.format, onRight: Redacted.value })

describe("fromUri", () => {
  it("refuses the mask that JSON writes instead of a key, and says how to store the key", () => {
    for (const uri of [JSON.parse(JSON.stringify(WebhookKey.make("key"))), "/webhook/data/<redacted>"]) {
      assert.match(
        read(uri),
        /^expected a key or uri \(JSON\.stringify and logs write a mask; .*Redacted\.value.*the mask <redacted>$/
      )
    }
    assert.throws(() => WebhookKey.make("<redacted>"), TypeError)
  })

  it("reads the key from a path and an absolute URL, and accepts a bare key", () => {
    for (const uri of [
      `/webhook/data/${text}`,
      `/api/v2/webhooks/data/${text}`,
      `https://app.mammoth.io/api/v2/webhooks/data/${text}`,
      `http://127.0.0.1:4010/webhooks/data/${text}`,
      text
    ]) {
      assert.strictEqual(read(uri), text)
      assert.strictEqual(read(Redacted.make(uri)), text)
    }
  })

  it("accepts a uri with one slash at its end", () => {
    assert.strictEqual(read(`/webhook/data/${text}/`), text)
    assert.strictEqual(read(`https://app.mammoth.io/webhook/data/${text}/`), text)
  })

  it("does not decode a bare key", () => {
    for (const key of ["a%41", "100%", "abc:def"]) assert.strictEqual(read(key), key)
  })

  it("decodes percent-encoding in a path", () => {
    assert.strictEqual(read("/webhook/data/a%2Bb%C3%A9"), "a+bé")
  })

  it("refuses a string without a key, and does not show the string", () => {
    for (const uri of [
      "",
      "/",
      "//",
      `/${text}`,
      "/workspaces/4/projects/4/webhooks/8",
      "https://app.mammoth.io",
      "https://app.mammoth.io/",
      "/webhook/data",
      "/webhook/data/",
      "https://app.mammoth.io/api/v2/webhooks/data/",
      "/webhook/data//",
      "/webhook/data/..",
      "/webhook/data/.",
      `/webhook/data/${text}?secret=hunter2`,
      `/webhook/data/${text}#top`,
      "/webhook/data/a%2Fb",
      "/webhook/data/a%20b",
      "/webhook/data/a b",
      "/webhook/data/%E0%A4%A",
      "/webhook/data/%00",
      "/webhook/data/\ud800"
    ]) {
      assert.strictEqual(
        read(uri),
        `expected a webhook, its key, or its uri, which ends in /webhook/data/{key}, received ${Issue.shape(uri)}`,
        uri
      )
    }
  })
})

describe("A key", () => {
  it("is never printed", () => {
    const key = WebhookKey.make(text)
    assert.notInclude(printed(key), text)
    assert.strictEqual(JSON.stringify({ key }), '{"key":"<redacted>"}')
  })

  it("is encoded as a plain string", () => {
    const key = Schema.decodeUnknownSync(WebhookKey.WebhookKey)(text)
    assert.strictEqual(Redacted.value(key), text)
    assert.strictEqual(Schema.encodeSync(WebhookKey.WebhookKey)(key), text)
  })

  it("is refused if it is not one path segment, and the message does not show it", () => {
    const expected = "expected a webhook key: one path segment, such as the last segment of a webhook's uri, received"
    assert.deepStrictEqual(faults(WebhookKey.WebhookKey, "a/b"), [`${expected} a string of 3 characters`])
    assert.deepStrictEqual(faults(WebhookKey.WebhookKey, ""), [`${expected} an empty string`])
    assert.throws(() => WebhookKey.make("hunter2/"), TypeError, `WebhookKey.make: ${expected} a string of 8 characters`)
    assert.throws(() => WebhookKey.make("hunter2/"), /^(?!.*hunter2)/s)
  })

  it("has a type that refuses plain strings and other redacted strings", () => {
    expectTypeOf<string>().not.toExtend<WebhookKey.WebhookKey>()
    expectTypeOf<Redacted.Redacted>().not.toExtend<WebhookKey.WebhookKey>()
    expectTypeOf<WebhookKey.WebhookKey>().toExtend<Redacted.Redacted>()
  })

  it.prop(
    "is the same after encoding and decoding, and is read from the end of a uri",
    [WebhookKey.WebhookKey],
    ([key]) => {
      const wire = Schema.encodeSync(WebhookKey.WebhookKey)(key)
      assert.strictEqual(Redacted.value(Schema.decodeSync(WebhookKey.WebhookKey)(wire)), Redacted.value(key))
      assert.strictEqual(read(`/webhook/data/${encodeURIComponent(wire)}`), wire)
    }
  )
})
