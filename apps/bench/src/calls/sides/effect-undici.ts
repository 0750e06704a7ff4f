/** The side that uses `HttpClient` over the platform's undici layer. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Bare from "./Bare.js"
import type { Open } from "./Side.js"

export const open: Open = Bare.open(NodeHttpClient.layerUndici)
