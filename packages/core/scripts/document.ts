/** Makes the content of `openapi.json` from the contract. */
import * as OpenApi from "@effect/platform/OpenApi"
import { WebhooksApi } from "../src/WebhooksApi.js"

const document = OpenApi.fromApi(WebhooksApi, { additionalPropertiesStrategy: "allow" })

export const text = `${JSON.stringify(document, null, 2)}\n`
