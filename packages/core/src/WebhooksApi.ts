/**
 * The operations as an `HttpApi`, from which the OpenAPI document is made.
 *
 * @since 0.1.0
 */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import type * as HttpApiError from "@effect/platform/HttpApiError"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpApiMiddleware from "@effect/platform/HttpApiMiddleware"
import * as HttpApiSchema from "@effect/platform/HttpApiSchema"
import * as HttpApiSecurity from "@effect/platform/HttpApiSecurity"
import * as OpenApi from "@effect/platform/OpenApi"
import * as Array from "effect/Array"
import * as Order from "effect/Order"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { component } from "./internal/component.js"
import type * as Operation from "./Operation.js"
import * as Operations from "./Operations.js"

/**
 * The body of a 400 response.
 *
 * Source: published API description, the 400 responses of CreateAWebhook and others.
 *
 * @example
 * import { WebhooksApi } from "@mammoth-effect/core"
 *
 * const body: WebhooksApi.BadRequestBody = { status_code: 400, detail: "limit must be at most 100" }
 *
 * @since 0.1.0
 * @category schemas
 */
export const BadRequestBody: Schema.Struct<{
  status_code: Schema.propertySignature<Schema.filter<typeof Schema.Number>>
  detail: Schema.propertySignature<typeof Schema.String>
  extra: Schema.optional<Schema.NullOr<Schema.Union<[typeof Schema.Object, Schema.Array$<typeof Schema.Unknown>]>>>
}> = Schema.Struct({
  status_code: Schema.propertySignature(
    Schema.Number.pipe(
      Schema.filter((n) => Number.isSafeInteger(n), { description: "an integer", jsonSchema: { type: "integer" } })
    )
  ).annotations({ description: "The HTTP status code." }),
  detail: Schema.propertySignature(Schema.String).annotations({ description: "A description of the error." }),
  extra: Schema.optional(
    Schema.NullOr(Schema.Union(Schema.Object, Schema.Array(Schema.Unknown))).annotations({
      jsonSchema: { anyOf: [{ type: "object" }, { type: "array" }, { type: "null" }] },
      arbitrary: () => (fc) => fc.option(fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())))
    })
  ).annotations({ description: "Further details." })
}).annotations({ ...component("BadRequest"), description: "The request is invalid" })

/**
 * The body of the response to an invalid request.
 *
 * @since 0.1.0
 * @category models
 */
export interface BadRequestBody extends Schema.Schema.Type<typeof BadRequestBody> {}

/**
 * The API key, in the header `X-API-KEY`. Required together with {@link ApiSecret}.
 *
 * @example
 * import { WebhooksApi } from "@mammoth-effect/core"
 *
 * console.log(WebhooksApi.ApiKey.security.apiKey.key) // X-API-KEY
 *
 * @since 0.1.0
 * @category middlewares
 */
export class ApiKey extends HttpApiMiddleware.Tag<ApiKey>()("@mammoth-effect/core/ApiKey", {
  security: {
    /** The header. Its value is a credential. */
    apiKey: HttpApiSecurity.apiKey({ key: "X-API-KEY" })
  }
}) {}

/**
 * The API secret, in the header `X-API-SECRET`. Required together with {@link ApiKey}.
 *
 * @example
 * import { WebhooksApi } from "@mammoth-effect/core"
 *
 * console.log(WebhooksApi.ApiSecret.security.apiSecret.key) // X-API-SECRET
 *
 * @since 0.1.0
 * @category middlewares
 */
export class ApiSecret extends HttpApiMiddleware.Tag<ApiSecret>()("@mammoth-effect/core/ApiSecret", {
  security: {
    /** The header. Its value is a credential. */
    apiSecret: HttpApiSecurity.apiKey({ key: "X-API-SECRET" })
  }
}) {}

const refusal = (status: 401 | 404 | 413, description: string) =>
  HttpApiSchema.Empty(status).annotations({ description })

const endpoint = (operation: Operation.Operation): HttpApiEndpoint.HttpApiEndpoint.Any => {
  const path = operation.route.slice(1).replace(/\{(\w+)\}/g, ":$1")
  const bodiless = HttpApiEndpoint.make(operation.method)(operation.name, `/${path}`)
    .annotate(OpenApi.Identifier, operation.operationId)
    .annotate(OpenApi.Summary, operation.summary)
    .setPath(operation.path)
    .setUrlParams(operation.query)
    .addSuccess(operation.success, { status: operation.status })
    .addError(BadRequestBody, { status: 400 })
    .addError(refusal(401, "The credentials are not accepted"))
    .addError(refusal(404, "The workspace, project or webhook does not exist"))
  const complete = operation.body === undefined ? bodiless : bodiless.setPayload(operation.body)
  return operation.errors.includes("MammothPayloadTooLarge")
    ? complete.addError(refusal(413, "The document is larger than the server accepts"))
    : complete
}

/**
 * The only group of {@link WebhooksApi}.
 *
 * @since 0.1.0
 * @category models
 */
export type Group = HttpApiGroup.HttpApiGroup<"webhooks", HttpApiEndpoint.HttpApiEndpoint.Any, never>

const byName = Order.mapInput(Order.string, (operation: Operation.Operation) => operation.name)

/**
 * The OpenAPI components with which `@effect/platform` describes its own 400 body. The published API does not have
 * these components.
 */
const platformOnly = ["HttpApiDecodeError", "Issue", "PropertyKey"]

const isPlatformRef = (u: unknown) =>
  Predicate.hasProperty(u, "$ref") && u.$ref === `#/components/schemas/${platformOnly[0]}`

/**
 * Changes the OpenAPI document of `@effect/platform` to match the published description. Before this change, the document
 * lists the two security middlewares as alternatives, and exempts each operation from these middlewares. It also
 * contains the 400 body of `@effect/platform`.
 */
const asPublished = (document: Record<string, unknown>): Record<string, unknown> => {
  const revised: unknown = JSON.parse(JSON.stringify(document), (key, value: unknown) => {
    if (key === "security" || platformOnly.includes(key)) return undefined
    if (key !== "schema" || !Predicate.hasProperty(value, "anyOf") || !globalThis.Array.isArray(value.anyOf))
      return value
    const published: ReadonlyArray<unknown> = value.anyOf.filter((each) => !isPlatformRef(each))
    return published.length === 1 ? published[0] : value
  })
  return { ...(Predicate.isRecord(revised) ? revised : document), security: [{ apiKey: [], apiSecret: [] }] }
}

/**
 * The operations as an `HttpApi`. Its only group, `webhooks`, has an endpoint for each of {@link Operations}. The base
 * path is `/api/v2`.
 *
 * The endpoints are assembled from the operations when the module is loaded, so their types are general. For the
 * exact types, use the operations.
 *
 * @example
 * import { WebhooksApi } from "@mammoth-effect/core"
 * import { OpenApi } from "@effect/platform"
 *
 * console.log(OpenApi.fromApi(WebhooksApi.WebhooksApi).openapi) // 3.1.0
 *
 * @since 0.1.0
 * @category api
 */
export const WebhooksApi: HttpApi.HttpApi<
  "mammoth-webhooks",
  Group,
  HttpApiError.HttpApiDecodeError,
  ApiKey | ApiSecret
> = HttpApi.make("mammoth-webhooks")
  .add(
    // Sort the operations by name, because runtimes list the exports of a module in different orders.
    Array.sort(Object.values(Operations), byName)
      .map(endpoint)
      .reduce<Group>(
        (group, each) => group.add(each),
        HttpApiGroup.make("webhooks").annotate(OpenApi.Title, "Webhooks")
      )
  )
  .middleware(ApiKey)
  .middleware(ApiSecret)
  .annotate(OpenApi.Title, "Mammoth Analytics webhooks")
  .annotate(OpenApi.Version, "2")
  .annotate(OpenApi.Servers, [{ url: "/api/v2" }])
  .annotate(OpenApi.Transform, asPublished)
