/** Writes `openapi.json` from the contract. */
import { writeFileSync } from "node:fs"
import * as OpenApi from "@effect/platform/OpenApi"
import { WebhooksApi } from "../src/WebhooksApi.js"

const document = OpenApi.fromApi(WebhooksApi, { additionalPropertiesStrategy: "allow" })
writeFileSync(new URL("../openapi.json", import.meta.url), `${JSON.stringify(document, null, 2)}\n`)
