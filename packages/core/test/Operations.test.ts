import { assert, describe, it } from "@effect/vitest"
import { Redacted, Schema } from "effect"
import { Identifier, Operations, WebhookField, WebhookKey } from "../src/index.js"
import { faults, plain, refusals } from "./support.js"

const inProject = "/workspaces/{workspace_id}/projects/{project_id}/webhooks"
const ofWebhook = `${inProject}/{webhook_id}`
const ofKey = "/webhooks/data/{webhook_uri}"

it("The seven operations have the published ids, methods, routes and statuses", () => {
  const declared = Object.entries(Operations).map(([key, each]) => {
    assert.strictEqual(each.name, key)
    return [each.name, each.operationId, each.method, each.route, each.status, each.repeat, each.errors]
  })
  assert.sameDeepMembers(declared, [
    ["list", "ListWebhooks", "GET", inProject, 200, "read", ["MammothDecodeError"]],
    ["create", "CreateAWebhook", "POST", inProject, 201, "once", ["MammothDecodeError"]],
    ["getDetails", "GetWebhookDetails", "GET", ofWebhook, 200, "read", ["MammothDecodeError"]],
    ["delete", "DeleteWebhook", "DELETE", ofWebhook, 204, "idempotent", []],
    ["update", "UpdateWebhookConfigurations", "PATCH", ofWebhook, 200, "idempotent", ["MammothDecodeError"]],
    ["addDataUsingGet", "AddDataToWebhookUsingGetMethod", "GET", ofKey, 200, "once", []],
    ["addData", "AddDataToWebhook", "POST", ofKey, 201, "once", ["MammothPayloadTooLarge"]]
  ])
})

it("Three operations have a body, and their method is POST or PATCH", () => {
  const withBody = Object.values(Operations).filter((each) => each.body !== undefined)
  assert.sameMembers(
    withBody.map((each) => each.name),
    ["create", "update", "addData"]
  )
  assert.isTrue(withBody.every((each) => each.method === "POST" || each.method === "PATCH"))
})

it("The parameters in each route are the wire names of the operation's path schema", () => {
  const key = WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa")
  const ids = {
    workspaceId: Identifier.WorkspaceId.make(4),
    projectId: Identifier.ProjectId.make(5),
    webhookId: Identifier.WebhookId.make(-8)
  }
  for (const each of Object.values(Operations)) {
    const wire: unknown = Schema.encodeUnknownSync(Schema.asSchema(each.path))({ ...ids, key })
    const filled = each.route.replace(/\{(\w+)\}/g, (_, name: string) => String(Reflect.get(Object(wire), name)))
    assert.include(
      [
        "/workspaces/4/projects/5/webhooks",
        "/workspaces/4/projects/5/webhooks/-8",
        "/webhooks/data/g7rHe3mUqUGPEpnc4XxeDWJa"
      ],
      filled
    )
    assert.strictEqual(Object.keys(Object(wire)).length, each.route.split("{").length - 1)
  }
})

describe("The schema of a path", () => {
  it("refuses a workspace or project id below 1, and a webhook id that is not an exact integer", () => {
    assert.deepStrictEqual(
      refusals(Operations.getDetails.path, { workspaceId: 0, projectId: -1, webhookId: 2 ** 53 }),
      [
        "workspaceId: expected an integer from 1 to 2^53 - 1, received zero",
        "projectId: expected an integer from 1 to 2^53 - 1, received a negative integer",
        "webhookId: expected an integer between -(2^53 - 1) and 2^53 - 1, received an integer beyond 2^53"
      ]
    )
    assert.deepStrictEqual(refusals(Operations.list.path, {}), [
      "workspaceId: expected an integer from 1 to 2^53 - 1, received nothing",
      "projectId: expected an integer from 1 to 2^53 - 1, received nothing"
    ])
  })

  it("decodes ids from decimal digits, and refuses an id that is not an exact integer", () => {
    const read = Schema.decodeSync(Operations.delete.path)({ workspace_id: "4", project_id: "5", webhook_id: "-8" })
    assert.deepStrictEqual(plain(read), { workspaceId: 4, projectId: 5, webhookId: -8 })
    assert.strictEqual(
      faults(Operations.delete.path, { workspace_id: "0", project_id: "1e3", webhook_id: "9007199254740993" }).length,
      3
    )
  })

  it("redacts the key when it decodes the path of a push", () => {
    const read = Schema.decodeSync(Operations.addData.path)({ webhook_uri: "g7rHe3mUqUGPEpnc4XxeDWJa" })
    assert.strictEqual(Redacted.value(read.key), "g7rHe3mUqUGPEpnc4XxeDWJa")
    assert.strictEqual(JSON.stringify(read), '{"key":"<redacted>"}')
  })
})

it("An operation without query parameters has a query schema that refuses every key as an excess property", () => {
  for (const each of [Operations.create, Operations.update, Operations.delete, Operations.addData]) {
    assert.deepStrictEqual(refusals(each.query, {}), [])
    assert.deepStrictEqual(refusals(each.query, { limit: 1 }), [
      "limit: expected no property with this name, received a positive integer"
    ])
  }
})

it("The two operations with the parameter `fields` can decode a response to the selected fields", () => {
  const wire = { id: 8, name: "test", mode: "replace", uri: "/webhook/data/nHC1zIl97JzgDMopgcfpOgLV", ds_id: 535 }
  const fields: ReadonlyArray<WebhookField.WebhookField> = ["datasetId"]
  const list = Operations.list.projection?.(fields) ?? Schema.Never
  const getDetails = Operations.getDetails.projection?.(fields) ?? Schema.Never
  assert.deepStrictEqual(plain(Schema.decodeUnknownSync(Schema.asSchema(list))({ webhooks: [wire], next: "" })), {
    webhooks: [{ datasetId: 535 }],
    limit: null,
    offset: null,
    next: ""
  })
  assert.deepStrictEqual(plain(Schema.decodeUnknownSync(Schema.asSchema(getDetails))({ webhook: wire })), {
    webhook: { datasetId: 535 }
  })
  assert.deepStrictEqual(Schema.encodeSync(Operations.getDetails.query)({ fields: "min" }), { fields: "__min" })
  for (const each of [Operations.create, Operations.update, Operations.delete, Operations.addData]) {
    assert.isUndefined(each.projection)
  }
})
