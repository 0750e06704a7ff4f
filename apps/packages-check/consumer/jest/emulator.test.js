/** The recipe for Jest of docs/emulator.md. `matrix/Jest.test.ts` runs it. */
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals"
import { makeClient } from "@mammoth-effect/client/promise"
import { startEmulator } from "@mammoth-effect/emulator/promise"

/** The code under test. It pushes an order, and returns "written" or "unknown". */
const pushOrder = async (mammoth, orders, order) => {
  try {
    await mammoth.addData(orders, order)
    return "written"
  } catch (error) {
    if (error.delivery === "Unknown") return "unknown"
    throw error
  }
}

const settings = { workspaceId: 4, projectId: 4, mode: "combine" }

// Unit tests use an emulator without a port. Integration tests use an emulator that listens, as the real server does.
let emulator, mammoth, server, client

beforeAll(async () => {
  emulator = await startEmulator({ listen: false })
  const { baseUrl, credentials, fetch } = emulator
  mammoth = makeClient({ baseUrl, credentials, fetch })
  server = await startEmulator()
  client = makeClient({ env: server.env })
})
afterEach(() => {
  emulator.reset()
  server.reset()
})
afterAll(() => Promise.all([mammoth, emulator, client, server].map((each) => each.close())))

test("pushOrder writes an order after the server responds with 429", async () => {
  const orders = await mammoth.ensure("orders", settings)
  emulator.fail({ operation: "addData", status: 429, headers: { "retry-after": "0" } })
  expect(await pushOrder(mammoth, orders, { id: 1 })).toBe("written")
  expect(emulator.rows(orders)).toEqual([{ id: 1 }])
})

test("pushOrder returns unknown after a lost response, and sends the order once", async () => {
  const orders = await client.ensure("orders", settings)
  server.fail({ operation: "addData", fault: "lostResponse" })
  expect(await pushOrder(client, orders, { id: 1 })).toBe("unknown")
  expect(server.rows(orders)).toEqual([{ id: 1 }])
  expect(server.requests.filter(({ operation }) => operation === "addData")).toHaveLength(1)
})
