import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Either, FastCheck as fc, Redacted, Schema } from "effect"
import {
  Delivery,
  Identifier,
  Issue,
  Json,
  Operations,
  Webhook,
  WebhookField,
  WebhookKey,
  WebhookMode,
  WebhookPage,
  WebhookPatch,
  WebhookQuery,
  WebhooksApi,
  WebhooksError,
  WebhookSpec
} from "../src/index.js"
import { plain } from "./support.js"

const models: Readonly<Record<string, Schema.Schema.AnyNoContext>> = {
  Delivery: Delivery.Delivery,
  WorkspaceId: Identifier.WorkspaceId,
  ProjectId: Identifier.ProjectId,
  WebhookId: Identifier.WebhookId,
  DatasetId: Identifier.DatasetId,
  Issue: Issue.Issue,
  Json: Json.Json,
  Flat: Json.Flat,
  Webhook: Webhook.Webhook,
  "Webhook.projection": Webhook.projection(["id", "secret"]),
  "Webhook.details": Webhook.details(["name", "uri"]),
  WebhookField: WebhookField.WebhookField,
  "WebhookField.FromWire": WebhookField.FromWire,
  WebhookKey: WebhookKey.WebhookKey,
  WebhookMode: WebhookMode.WebhookMode,
  "WebhookMode.Open": WebhookMode.Open,
  WebhookPage: WebhookPage.WebhookPage,
  "WebhookPage.projection": WebhookPage.projection(["id"]),
  WebhookPatch: WebhookPatch.WebhookPatch,
  WebhookQuery: WebhookQuery.WebhookQuery,
  "WebhookQuery.Fields": WebhookQuery.Fields,
  WebhookSpec: WebhookSpec.WebhookSpec,
  BadRequestBody: WebhooksApi.BadRequestBody,
  Attempt: WebhooksError.Attempt,
  ...Object.fromEntries(
    Object.values(WebhooksError).flatMap((exported) =>
      exported === WebhooksError.Attempt ? [] : [[exported.name, exported]]
    )
  ),
  ...Object.fromEntries(
    Object.entries(Operations).flatMap(([name, { body, errors, path, query, success }]) =>
      // Leave out a response that the client does not decode, because this response may be any value.
      Object.entries({
        path,
        query,
        body,
        success: errors.some((tag) => tag === "MammothDecodeError") ? success : undefined
      }).flatMap(([part, schema]) => (schema === undefined ? [] : [[`${name}.${part}`, schema]]))
    )
  )
}

/**
 * The schemas that do not return the original value after encoding and decoding. They return strings or a list of changes
 * instead of the original value.
 */
const changesForm = ["Flat", "addDataUsingGet.query", "WebhookPatch", "update.body"]

/** Returns true if the value is sent as JSON. Errors and their parts are not sent: they stay in the process. */
const isSent = (name: string, wire: unknown): boolean =>
  wire !== undefined && name !== "Issue" && !(name in WebhooksError)

describe("Arbitrary values", () => {
  for (const [name, schema] of Object.entries(models)) {
    it(`are the same after encoding and decoding: ${name}`, () => {
      const encode = Schema.encodeUnknownSync(schema)
      const decode = Schema.decodeUnknownSync(schema)
      fc.assert(
        fc.property(Arbitrary.make(schema), (value) => {
          const wire: unknown = encode(value)
          const back: unknown = decode(isSent(name, wire) ? JSON.parse(JSON.stringify(wire)) : wire)
          assert.deepStrictEqual(plain(encode(back)), plain(wire))
          if (!changesForm.includes(name)) assert.deepStrictEqual(plain(back), plain(value))
        }),
        { numRuns: 100, seed: 1 }
      )
    })
  }

  it("include a usable key and secret for webhooks", () => {
    fc.assert(
      fc.property(Arbitrary.make(Webhook.Webhook), ({ secret, uri }) => {
        assert.isTrue(Either.isRight(WebhookKey.fromUri(uri)))
        assert.isTrue(secret === null || /^[!-~]+$/.test(Redacted.value(secret)))
      })
    )
  })
})
