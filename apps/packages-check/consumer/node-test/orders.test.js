/** The recipe for node:test of docs/emulator.md. `test/Install.test.ts` runs it. */
import assert from "node:assert/strict"
import { after, afterEach, test } from "node:test"
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

// Unit tests use an emulator that opens no port.
const emulator = await startEmulator({ listen: false })
const { baseUrl, credentials, fetch } = emulator
const mammoth = makeClient({ baseUrl, credentials, fetch })
afterEach(() => emulator.reset())
after(() => Promise.all([mammoth.close(), emulator.close()]))

test("pushOrder writes an order after the server responds with 429", async () => {
  const orders = await mammoth.ensure("orders", settings)
  emulator.fail({ operation: "addData", status: 429, headers: { "retry-after": "0" } })
  assert.equal(await pushOrder(mammoth, orders, { id: 1 }), "written")
  assert.deepEqual(emulator.rows(orders), [{ id: 1 }])
})

// The integration test uses an emulator that listens on a port, as the real server does.
test("pushOrder returns unknown after a lost response, and sends the order once", async (t) => {
  const server = await startEmulator()
  t.after(() => server.close())
  const client = makeClient({ env: server.env })
  t.after(() => client.close())
  const orders = await client.ensure("orders", settings)
  server.fail({ operation: "addData", fault: "lostResponse" })
  assert.equal(await pushOrder(client, orders, { id: 1 }), "unknown")
  assert.deepEqual(server.rows(orders), [{ id: 1 }])
  assert.equal(server.requests.filter(({ operation }) => operation === "addData").length, 1)
})
