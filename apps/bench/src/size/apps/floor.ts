/** The app to compare with. It sends one request with the platform's client over `fetch`, without this SDK. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"

const program = Effect.flatMap(
  HttpClient.get("https://app.mammoth.io/api/v2/workspaces/4/projects/4/webhooks"),
  (response) => response.json
)

void Effect.runPromise(Effect.provide(program, FetchHttpClient.layer)).then(console.log)
