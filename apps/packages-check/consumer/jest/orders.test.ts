/** `matrix/Jest.test.ts` runs these tests with Jest. */
import { expect, test } from "@jest/globals"
import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
import { isMammothError, makeClient } from "@mammoth-effect/client/promise"
import * as InProcess from "@mammoth-effect/emulator/InProcess"
import { Effect, Layer } from "effect"

const WebhooksTest = Webhooks.layer.pipe(
  Layer.provide([Credentials.layerConfig(), MammothConfig.layerConfig()]),
  Layer.provideMerge(InProcess.layer())
)

test("Webhooks.addData pushes an order", () =>
  Effect.gen(function* () {
    const orders = yield* Webhooks.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })
    yield* Webhooks.addData(orders, { order: 1, at: new Date(0), tags: ["a"] })
    const emulator = yield* InProcess.Emulator
    expect(yield* emulator.rows(orders.id)).toEqual([{ order: 1, at: "1970-01-01T00:00:00.000Z", tags: ["a"] }])
  }).pipe(Effect.provide(WebhooksTest), Effect.runPromise))

test("Effect.catchTag catches a MammothNotFound", async () => {
  const missing = Webhooks.getDetails({ workspaceId: 4, projectId: 4, webhookId: 99 }).pipe(
    Effect.as("found"),
    Effect.catchTag("MammothNotFound", (error) => Effect.succeed(error.delivery)),
    Effect.provide(WebhooksTest)
  )
  expect(await Effect.runPromise(missing)).toBe("Rejected")
})

test("mammoth.addData rejects with an error of the SDK if the address is invalid", async () => {
  const mammoth = makeClient({ credentials: { apiKey: "key-of-a-test", apiSecret: "secret-of-a-test" } })
  const error: unknown = await mammoth.addData("no address", { order: 1 }).catch((reason: unknown) => reason)
  await mammoth.close()
  expect(isMammothError(error) && error._tag).toBe("MammothInvalidRequest")
})
