/** A side whose calls are effects, and run in the fibers of one program, as in an app. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Scope from "effect/Scope"
import { checkPage, checkWebhook, type Open, type Page, projectOf, type Webhook } from "./Side.js"
import { type CaseName, large, pageSize, small, spec, webhookId, wrongProjectId } from "./Work.js"

/** The operations, each as the side's library has it. */
export interface Client {
  readonly list: (
    projectId: number,
    query: { readonly limit: number; readonly offset?: number }
  ) => Effect.Effect<Page, unknown>
  readonly getDetails: (webhookId: number) => Effect.Effect<Webhook, unknown>
  readonly create: (body: typeof spec) => Effect.Effect<Webhook, unknown>
  readonly addData: (body: typeof small | typeof large) => Effect.Effect<unknown, unknown>
  /** Where the library reads all pages itself. */
  readonly readAll?: (projectId: number) => Effect.Effect<number, unknown>
}

const cases = (client: Client): Readonly<Record<CaseName, Effect.Effect<unknown, unknown>>> => ({
  list50: Effect.map(
    Effect.suspend(() => client.list(projectOf(50), { limit: 50 })),
    (page) => checkPage(page, 50)
  ),
  list100: Effect.map(
    Effect.suspend(() => client.list(projectOf(100), { limit: 100 })),
    (page) => checkPage(page, 100)
  ),
  getDetails: Effect.map(
    Effect.suspend(() => client.getDetails(webhookId)),
    checkWebhook
  ),
  create: Effect.map(
    Effect.suspend(() => client.create(spec)),
    checkWebhook
  ),
  addSmall: Effect.suspend(() => client.addData(small)),
  addLarge: Effect.suspend(() => client.addData(large))
})

const loop = (client: Client) => (projectId: number) =>
  Effect.gen(function* () {
    let count = 0
    for (;;) {
      const { webhooks } = yield* client.list(projectId, { limit: pageSize, offset: count })
      if (webhooks.length === 0) return count
      count += webhooks.length
    }
  })

/** Opens a side of a client, which is made once. */
export const open =
  (make: (baseUrl: string) => Effect.Effect<Client, unknown, Scope.Scope>): Open =>
  async (baseUrl) => {
    const runtime = ManagedRuntime.make(Layer.scope)
    const client = await runtime.runPromise(make(baseUrl))
    const calls = cases(client)
    const readAll = client.readAll ?? loop(client)
    return {
      run: (name, concurrency, more) => {
        const worker = Effect.whileLoop({ while: more, body: () => calls[name], step: () => {} })
        return runtime.runPromise(
          Effect.forEach(Array.from({ length: concurrency }), () => worker, { concurrency: "unbounded", discard: true })
        )
      },
      readAll: (projectId) => runtime.runPromise(readAll(projectId)),
      refusesWrong: () => runtime.runPromise(Effect.isFailure(client.list(wrongProjectId, { limit: pageSize }))),
      close: () => runtime.dispose()
    }
  }
