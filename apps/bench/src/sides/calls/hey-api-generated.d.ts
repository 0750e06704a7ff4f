/** As much as is used of what Hey API generates, which is there only when the benchmark runs. */
declare module "hey-api-generated" {
  import type { Page, Webhook } from "./Side.js"

  interface Client {
    readonly setConfig: (config: object) => unknown
  }

  export const createClient: (config: {
    readonly baseUrl: string
    readonly throwOnError: true
    readonly responseStyle: "data"
    readonly headers: Readonly<Record<string, string>>
    readonly auth: (auth: { readonly name?: string }) => string
  }) => Client

  interface ProjectPath {
    readonly workspace_id: number
    readonly project_id: number
  }

  export const listWebhooks: (options: {
    readonly client: Client
    readonly path: ProjectPath
    readonly query: { readonly limit: number; readonly offset?: number }
  }) => Promise<Page>

  export const getWebhookDetails: (options: {
    readonly client: Client
    readonly path: ProjectPath & { readonly webhook_id: number }
  }) => Promise<{ readonly webhook: Webhook }>

  export const createAWebhook: (options: {
    readonly client: Client
    readonly path: ProjectPath
    readonly body: object
  }) => Promise<{ readonly webhook: Webhook }>

  export const addDataToWebhook: (options: {
    readonly client: Client
    readonly path: { readonly webhook_uri: string }
    readonly body: object
  }) => Promise<unknown>
}
