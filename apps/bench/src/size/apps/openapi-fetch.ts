/** `openapi-fetch`: types, and no validation. */
import createClient from "openapi-fetch"

interface Paths {
  readonly "/workspaces/{workspace_id}/projects/{project_id}/webhooks": {
    readonly get: {
      readonly parameters: { readonly path: { readonly workspace_id: number; readonly project_id: number } }
      readonly responses: { readonly 200: { readonly content: { readonly "application/json": unknown } } }
    }
  }
}

const client = createClient<Paths>({
  baseUrl: "https://app.mammoth.io/api/v2",
  headers: { "x-api-key": "key", "x-api-secret": "secret" }
})

void client
  .GET("/workspaces/{workspace_id}/projects/{project_id}/webhooks", {
    params: { path: { workspace_id: 4, project_id: 4 } }
  })
  .then(console.log)
