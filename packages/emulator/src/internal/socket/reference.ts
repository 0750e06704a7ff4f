/**
 * Makes the API reference from the contract. This module is loaded on the first request, because it contains all of
 * Swagger UI.
 */
import * as HttpApiSwagger from "@effect/platform/HttpApiSwagger"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as WebhooksApi from "@mammoth-effect/core/WebhooksApi"
import * as Effect from "effect/Effect"

/** Inverts the page's colours in the dark scheme, because Swagger UI has only light colours. */
const dark = `<style>
  @media (prefers-color-scheme: dark) {
    html { background: #1c1c1c; color-scheme: dark }
    #swagger-ui { color-scheme: light; filter: invert(0.89) hue-rotate(180deg) }
  }
</style>`

const darkened = (page: HttpServerResponse.HttpServerResponse): HttpServerResponse.HttpServerResponse =>
  page.body._tag === "Uint8Array"
    ? HttpServerResponse.html(new TextDecoder().decode(page.body.body).replace("</head>", () => `${dark}</head>`))
    : page

export const make = HttpLayerRouter.toHttpEffect(
  HttpApiSwagger.layerHttpLayerRouter({ api: WebhooksApi.WebhooksApi, path: "/docs" })
).pipe(Effect.map(Effect.map(darkened)))
