/** The side that uses `HttpApiClient` over `fetch`. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpApi from "./HttpApi.js"
import type { Open } from "./Side.js"

export const open: Open = HttpApi.open(FetchHttpClient.layer)
