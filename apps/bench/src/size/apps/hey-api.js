/** An app that uses Hey API's client, generated from our OpenAPI document. Zod schemas check requests and responses. */
import { createClient, listWebhooks } from "hey-api-generated"

const client = createClient({
  baseUrl: "https://app.mammoth.io/api/v2",
  auth: ({ name }) => (name === "X-API-KEY" ? "key" : "secret")
})

void listWebhooks({ client, path: { workspace_id: 4, project_id: 4 } }).then(console.log)
