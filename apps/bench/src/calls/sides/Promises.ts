/** Makes a side whose calls are promises. */
import type { CaseName } from "../Figures.js"
import { large, pageSize, small, spec, webhookId, webhookKey, workspaceId, wrongProjectId } from "../Work.js"
import { checkPage, checkWebhook, type Page, projectOf, type Query, type Side, type Webhook } from "./Side.js"

/** The operations of the side's library. */
export interface Client {
  readonly list: (projectId: number, query: Query) => Promise<Page>
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

/** Makes a side from a client. To read all pages, the side requests one page after the other. */
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

/** Sends a GET, or a POST if there is a body, and reads the response. Fails unless the status is 2xx. */
interface Send {
  readonly json: <A>(path: string, body?: unknown) => Promise<A>
  readonly text: (path: string, body?: unknown) => Promise<string>
}

/** Makes a hand-written client that does not check responses. */
export const byHand = ({ json, text }: Send): Client => {
  const projects = `/workspaces/${workspaceId}/projects`
  const webhook = async (path: string, body?: unknown): Promise<Webhook> =>
    (await json<{ readonly webhook: Webhook }>(path, body)).webhook
  return {
    list: (projectId, { limit, offset }) =>
      json(`${projects}/${projectId}/webhooks?limit=${limit}${offset === undefined ? "" : `&offset=${offset}`}`),
    getDetails: (id) => webhook(`${projects}/1/webhooks/${id}`),
    create: (body) => webhook(`${projects}/1/webhooks`, body),
    addData: (body) => text(`/webhooks/data/${webhookKey}`, body)
  }
}
