import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { text } from "../scripts/document.js"
import { Operations, WebhooksApi } from "../src/index.js"
import { faults } from "./support.js"

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly description?: string
  readonly schema: Record<string, unknown>
}

interface Described {
  readonly operationId: string
  readonly parameters: ReadonlyArray<Parameter>
  readonly responses: Record<string, unknown>
  readonly security?: unknown
}

interface Document {
  readonly servers: unknown
  readonly security: unknown
  readonly paths: Record<string, Record<string, Described>>
  readonly components: {
    readonly schemas: Record<string, unknown>
    readonly securitySchemes: Record<string, { readonly name: string; readonly in: string }>
  }
}

const document: Document = JSON.parse(text)

const described = (operation: { readonly route: string; readonly method: string }): Described => {
  const found = document.paths[operation.route]?.[operation.method.toLowerCase()]
  assert.isDefined(found)
  return found
}

it("openapi.json matches the contract", () => {
  assert.isTrue(
    readFileSync(new URL("../openapi.json", import.meta.url), "utf8") === text,
    "openapi.json is stale. Refresh it: npx -y pnpm@12 --filter @mammoth-effect/core openapi"
  )
})

describe("The OpenAPI document", () => {
  it("describes each operation with its published id and its statuses", () => {
    for (const operation of Object.values(Operations)) {
      const { operationId, responses, security } = described(operation)
      assert.strictEqual(operationId, operation.operationId)
      assert.sameMembers(Object.keys(responses), [
        String(operation.status),
        "400",
        "401",
        "404",
        ...(operation.name === "addData" ? ["413"] : [])
      ])
      assert.isUndefined(security)
    }
  })

  it("requires both API-key headers together", () => {
    assert.deepStrictEqual(document.security, [{ apiKey: [], apiSecret: [] }])
    assert.deepStrictEqual(
      Object.values(document.components.securitySchemes).map((each) => `${each.in} ${each.name}`),
      ["header X-API-KEY", "header X-API-SECRET"]
    )
    assert.deepStrictEqual(document.servers, [{ url: "/api/v2" }])
  })

  it("gives each parameter its bounds and a description", () => {
    const ofList = described(Operations.list).parameters
    assert.deepStrictEqual(
      ofList.map((each) => `${each.in} ${each.name}${each.required ? "" : "?"}`),
      [
        "path workspace_id",
        "path project_id",
        "query fields?",
        "query id?",
        "query name?",
        "query ds_id?",
        "query mode?",
        "query limit?",
        "query offset?",
        "query sort?"
      ]
    )
    const limit = ofList.find((each) => each.name === "limit")?.schema ?? {}
    assert.deepInclude(limit, { type: "integer", minimum: 0, maximum: 100, default: 50 })
    for (const operation of Object.values(Operations)) {
      for (const parameter of described(operation).parameters) {
        assert.match(parameter.description ?? "", /^[A-Z].*\.$/, `${operation.name} ${parameter.name}`)
      }
    }
  })

  it("has only components of the contract, and contains no internal names of Effect", () => {
    assert.sameMembers(Object.keys(document.components.schemas), [
      "BadRequest",
      "Json",
      "Webhook",
      "WebhookChange",
      "WebhookDetails",
      "WebhookPage",
      "WebhookPatch",
      "WebhookSpec"
    ])
    for (const trace of ["redacted", "$id", "minItems(", "HttpApiDecodeError"]) assert.notInclude(text, trace)
  })
})

it("The schema `BadRequestBody` accepts the published bodies of a 400", () => {
  const valid: ReadonlyArray<unknown> = [
    { status_code: 400, detail: "no" },
    { status_code: 400, detail: "no", extra: null },
    { status_code: 400, detail: "no", extra: { field: "limit" } },
    { status_code: 400, detail: "no", extra: [{ field: "limit" }] }
  ]
  for (const body of valid) {
    assert.deepStrictEqual<unknown>(Schema.decodeUnknownSync(WebhooksApi.BadRequestBody)(body), body)
  }
  assert.deepStrictEqual(faults(WebhooksApi.BadRequestBody, { status_code: 400.5, extra: "no" }).length, 3)
})

it("The middlewares `ApiKey` and `ApiSecret` name the published headers", () => {
  assert.strictEqual(WebhooksApi.ApiKey.security.apiKey.key, "X-API-KEY")
  assert.strictEqual(WebhooksApi.ApiSecret.security.apiSecret.key, "X-API-SECRET")
})
