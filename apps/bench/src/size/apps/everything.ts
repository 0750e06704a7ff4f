/** An app that contains everything in the client, and therefore everything in core, including the `HttpApi`. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as client from "@mammoth-effect/client"
import * as promise from "@mammoth-effect/client/promise"
console.log(client, promise, FetchHttpClient)
