/** The side that uses `HttpClient` over `fetch`. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Bare from "./Bare.js"
import type { Open } from "./Side.js"

export const open: Open = Bare.open(FetchHttpClient.layer)
