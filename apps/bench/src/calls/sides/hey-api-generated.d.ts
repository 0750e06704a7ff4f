/** Declares the parts of Hey API's client that the benchmark uses. The benchmark generates the client when it runs. */
declare module "hey-api-generated" {
  import type { Page, Webhook } from "./Side.js"

  type Call<Success> = (options: object) => Promise<Success>

  export const createClient: (config: {
    readonly baseUrl: string
    readonly throwOnError: true
    readonly responseStyle: "data"
    readonly headers: Readonly<Record<string, string>>
    readonly auth: (auth: { readonly name?: string }) => string
  }) => object

  export const listWebhooks: Call<Page>
  export const getWebhookDetails: Call<{ readonly webhook: Webhook }>
  export const createAWebhook: Call<{ readonly webhook: Webhook }>
  export const addDataToWebhook: Call<unknown>
}
