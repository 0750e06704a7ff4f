/** Makes a side whose calls are effects. The calls run in fibers of one program, as in an app. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import type * as Scope from "effect/Scope"
import type { CaseName } from "../Figures.js"
import { large, pageSize, small, spec, webhookId, wrongProjectId } from "../Work.js"
import { checkPage, checkWebhook, type Open, type Page, projectOf, type Query, type Webhook } from "./Side.js"

/** The operations of the side's library. */
export interface Client {
  readonly list: (projectId: number, query: Query) => Effect.Effect<Page, unknown>
  readonly getDetails: (webhookId: number) => Effect.Effect<Webhook, unknown>
  readonly create: (body: typeof spec) => Effect.Effect<Webhook, unknown>
  readonly addData: (body: typeof small | typeof large) => Effect.Effect<unknown, unknown>
  /** Reads all pages of a project, and returns the number of webhooks. Is missing if the library has no function for this. */
  readonly readAll?: (projectId: number) => Effect.Effect<number, unknown>
}

const cases = (client: Client): Readonly<Record<CaseName, Effect.Effect<unknown, unknown>>> => {
  const list = (limit: number) =>
    Effect.map(
      Effect.suspend(() => client.list(projectOf(limit), { limit })),
      (page) => checkPage(page, limit)
    )
  const webhook = (call: () => Effect.Effect<Webhook, unknown>) => Effect.map(Effect.suspend(call), checkWebhook)
  return {
    list50: list(50),
    list100: list(100),
    getDetails: webhook(() => client.getDetails(webhookId)),
    create: webhook(() => client.create(spec)),
    addSmall: Effect.suspend(() => client.addData(small)),
    addLarge: Effect.suspend(() => client.addData(large))
  }
}

const loop = (client: Client) => (projectId: number) =>
  Effect.gen(function* () {
    let count = 0
    for (;;) {
      const { webhooks } = yield* client.list(projectId, { limit: pageSize, offset: count })
      if (webhooks.length === 0) return count
      count += webhooks.length
    }
  })

/** Returns a function that opens a side. All calls of the side use one client. */
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
