/** A side whose calls are promises. */
import { checkPage, checkWebhook, type Page, projectOf, type Side, type Webhook } from "./Side.js"
import { type CaseName, large, pageSize, small, spec, webhookId, wrongProjectId } from "./Work.js"

/** The operations, each as the side's library has it. */
export interface Client {
  readonly list: (projectId: number, query: { readonly limit: number; readonly offset?: number }) => Promise<Page>
  readonly getDetails: (webhookId: number) => Promise<Webhook>
  readonly create: (body: typeof spec) => Promise<Webhook>
  readonly addData: (body: typeof small | typeof large) => Promise<unknown>
  readonly close?: () => Promise<void>
}

const cases = (client: Client): Readonly<Record<CaseName, () => Promise<unknown>>> => ({
  list50: async () => checkPage(await client.list(projectOf(50), { limit: 50 }), 50),
  list100: async () => checkPage(await client.list(projectOf(100), { limit: 100 }), 100),
  getDetails: async () => checkWebhook(await client.getDetails(webhookId)),
  create: async () => checkWebhook(await client.create(spec)),
  addSmall: () => client.addData(small),
  addLarge: () => client.addData(large)
})

/** A side of a client; reading all pages is a loop, as one would write it. */
export const side = (client: Client): Side => {
  const calls = cases(client)
  return {
    run: async (name, concurrency, more) => {
      const call = calls[name]
      const worker = async (): Promise<void> => {
        while (more()) await call()
      }
      await Promise.all(Array.from({ length: concurrency }, worker))
    },
    readAll: async (projectId) => {
      let count = 0
      for (;;) {
        const { webhooks } = await client.list(projectId, { limit: pageSize, offset: count })
        if (webhooks.length === 0) return count
        count += webhooks.length
      }
    },
    refusesWrong: () =>
      client.list(wrongProjectId, { limit: pageSize }).then(
        () => false,
        () => true
      ),
    close: () => client.close?.() ?? Promise.resolve()
  }
}
