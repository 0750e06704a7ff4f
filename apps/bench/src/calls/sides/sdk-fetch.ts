/** The side that uses this SDK over `fetch`. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Sdk from "./Sdk.js"
import type { Open } from "./Side.js"

export const open: Open = Sdk.open(FetchHttpClient.layer)
