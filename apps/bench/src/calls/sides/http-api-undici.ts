/** The side that uses `HttpApiClient` over the platform's undici layer. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as HttpApi from "./HttpApi.js"
import type { Open } from "./Side.js"

export const open: Open = HttpApi.open(NodeHttpClient.layerUndici)
