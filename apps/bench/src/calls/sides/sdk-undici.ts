/** The side that uses this SDK over the platform's undici layer. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Sdk from "./Sdk.js"
import type { Open } from "./Side.js"

export const open: Open = Sdk.open(NodeHttpClient.layerUndici)
