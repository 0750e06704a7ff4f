/** An app that uses `openapi-fetch`, which has types but no validation. */
import createClient from "openapi-fetch"
import type { Paths } from "../../calls/sides/openapi-fetch.js"

const client = createClient<Paths>({
  baseUrl: "https://app.mammoth.io/api/v2",
  headers: { "x-api-key": "key", "x-api-secret": "secret" }
})

void client
  .GET("/workspaces/{workspace_id}/projects/{project_id}/webhooks", {
    params: { path: { workspace_id: 4, project_id: 4 } }
  })
  .then(console.log)
