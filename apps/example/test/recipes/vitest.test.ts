/** The recipe for vitest of docs/emulator.md. `documented.test.ts` compares it with the guide. */
import { type Client, isMammothError, makeClient } from "@mammoth-effect/client/promise"
import type { Webhook } from "@mammoth-effect/client/Webhook"
import { startEmulator } from "@mammoth-effect/emulator/promise"
import { afterAll, afterEach, expect, onTestFinished, test } from "vitest"

/** The code under test. It pushes an order, and returns "written" or "unknown". */
const pushOrder = async (mammoth: Client, orders: Webhook, order: { id: number }): Promise<"written" | "unknown"> => {
  try {
    await mammoth.addData(orders, order)
    return "written"
  } catch (error) {
    if (isMammothError(error) && "delivery" in error && error.delivery === "Unknown") return "unknown"
    throw error
  }
}

const settings = { workspaceId: 4, projectId: 4, mode: "combine" } as const

// Unit tests use an emulator that opens no port.
const emulator = await startEmulator({ listen: false })
const { baseUrl, credentials, fetch } = emulator
const mammoth = makeClient({ baseUrl, credentials, fetch })
afterEach(() => emulator.reset())
afterAll(() => Promise.all([mammoth.close(), emulator.close()]))

test("pushOrder writes an order after the server responds with 429", async () => {
  const orders = await mammoth.ensure("orders", settings)
  emulator.fail({ operation: "addData", status: 429, headers: { "retry-after": "0" } })
  expect(await pushOrder(mammoth, orders, { id: 1 })).toBe("written")
  expect(emulator.rows(orders)).toEqual([{ id: 1 }])
})

// The integration test uses an emulator that listens on a port, as the real server does.
test("pushOrder returns unknown after a lost response, and sends the order once", async () => {
  const server = await startEmulator()
  onTestFinished(() => server.close())
  const client = makeClient({ env: server.env })
  onTestFinished(() => client.close())
  const orders = await client.ensure("orders", settings)
  server.fail({ operation: "addData", fault: "lostResponse" })
  expect(await pushOrder(client, orders, { id: 1 })).toBe("unknown")
  expect(server.rows(orders)).toEqual([{ id: 1 }])
  expect(server.requests.filter(({ operation }) => operation === "addData")).toHaveLength(1)
})
