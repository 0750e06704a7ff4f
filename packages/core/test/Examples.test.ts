import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Examples, type Operation, Operations, Webhook, WebhookPage, WebhooksApi } from "../src/index.js"
import { faults } from "./support.js"

/** Returns the parameters in a request's path. Fails if the path does not match the operation's route. */
const parametersOf = (operation: Operation.Operation, pathname: string): Readonly<Record<string, string>> => {
  const route = new RegExp(`^${operation.route.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`)
  return route.exec(pathname)?.groups ?? assert.fail(`${pathname} does not match ${operation.route}`)
}

/** Returns the schema of the response to a request with this query. */
const responseOf = (operation: Operation.Operation, query: unknown): Schema.Schema.AnyNoContext => {
  const { fields } = Schema.decodeUnknownSync(Operations.getDetails.query)(query)
  return typeof fields === "object" && operation.projection !== undefined
    ? operation.projection(fields)
    : operation.success
}

describe("Examples", () => {
  it("include a successful call of every operation", () => {
    for (const operation of Object.values(Operations)) {
      assert.isTrue(
        Examples.all.some((each) => each.operation === operation.name && each.response.status === operation.status),
        operation.name
      )
    }
  })

  for (const { operation: name, request, response, title } of Examples.all) {
    it(`match the contract: ${name}, ${title}`, () => {
      const operation: Operation.Operation =
        Object.values(Operations).find((each) => each.name === name) ?? assert.fail(`there is no operation ${name}`)
      const { pathname, searchParams } = new URL(request.path, "http://localhost")
      const query = Object.fromEntries(searchParams)
      assert.strictEqual(request.method, operation.method)
      assert.deepStrictEqual(faults(operation.path, parametersOf(operation, pathname)), [])
      assert.deepStrictEqual(faults(operation.query, query), [])
      if (response.status < 300) {
        assert.strictEqual(response.status, operation.status)
        if (operation.body !== undefined) assert.deepStrictEqual(faults(operation.body, request.body), [])
        if (operation.errors.includes("MammothDecodeError")) {
          assert.deepStrictEqual(faults(responseOf(operation, query), response.body), [])
        }
      } else if (response.status === 400) {
        assert.deepStrictEqual(faults(WebhooksApi.BadRequestBody, response.body), [])
      }
    })
  }

  it("include a valid webhook and a valid page for stubs", () => {
    assert.isTrue(Schema.is(Webhook.Webhook)(Examples.webhook) && Webhook.isCombine(Examples.webhook))
    assert.isTrue(Schema.is(WebhookPage.WebhookPage)(Examples.page))
  })
})
