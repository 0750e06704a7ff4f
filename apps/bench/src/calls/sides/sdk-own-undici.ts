/** The side that uses this SDK over its own undici layer. */
import * as UndiciHttpClient from "@mammoth-effect/client/UndiciHttpClient"
import * as Sdk from "./Sdk.js"
import type { Open } from "./Side.js"

export const open: Open = Sdk.open(UndiciHttpClient.layer())
