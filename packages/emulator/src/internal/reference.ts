/** The API reference, made from the contract. Loaded when somebody asks for it, as all of Swagger UI is in it. */
import * as HttpApiSwagger from "@effect/platform/HttpApiSwagger"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as WebhooksApi from "@mammoth-effect/core/WebhooksApi"

export const make = HttpLayerRouter.toHttpEffect(
  HttpApiSwagger.layerHttpLayerRouter({ api: WebhooksApi.WebhooksApi, path: "/docs" })
)
