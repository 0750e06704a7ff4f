/** This SDK over its own layer of undici. */
import * as UndiciHttpClient from "@mammoth-effect/client/UndiciHttpClient"
import * as Sdk from "./Sdk.js"
import type { Open } from "./Side.js"

export const open: Open = Sdk.open(UndiciHttpClient.layer())
