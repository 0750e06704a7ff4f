/** The Express service of docs/promises.md. `services.test.ts` runs it. `documented.test.ts` compares it with the guide. */
import { makeClient } from "@mammoth-effect/client/promise"
import { isOutboxError, openOutbox } from "@mammoth-effect/outbox/promise"
import express from "express"
import { z } from "zod"

const mammoth = makeClient()

const orders = await openOutbox(
  { sqlite: process.env.OUTBOX_FILE ?? "outbox.db" },
  {
    name: "orders",
    webhook: () => mammoth.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" }),
    schema: z.object({ id: z.string().min(1), total: z.number().nonnegative() }),
    id: (order) => order.id
  }
)
await orders.start({ shutdownTimeout: "5 seconds" })

const app = express()
const inFlight = new Set()
let isStopping = false

/** Makes the connection close after the response, because a server that stops waits for open connections. */
const endConnection = (response) => response.headersSent || response.set("connection", "close")

app.use((_request, response, next) => {
  inFlight.add(response)
  response.once("close", () => inFlight.delete(response))
  if (isStopping) endConnection(response)
  next()
})

app.post("/orders", express.json(), async (request, response) => {
  const { isDuplicate } = await orders.offer(request.body)
  response.status(202).json({ isDuplicate })
})

// Keep all four parameters: they make this an error handler for Express.
app.use((error, _request, response, next) => {
  if (!isOutboxError(error)) return next(error)
  if (error._tag === "MammothRowRefused") return response.status(400).json({ error: error.message })
  console.error(error)
  response.status(503).json({ error: "the order was not stored: send it again" })
})

const server = app.listen(Number(process.env.PORT ?? 3000), (error) => {
  if (error) throw error
  console.log(`listens on port ${server.address().port}`)
})

const stop = async () => {
  isStopping = true
  // Ends the process with code 1 if the steps below take longer than 20 seconds.
  setTimeout(() => process.exit(1), 20_000).unref()
  // Stops accepting connections, and waits for the responses in flight.
  inFlight.forEach(endConnection)
  await new Promise((resolve) => server.close(resolve))
  // Waits for the deliveries in flight. The other rows stay in the file.
  await orders.close()
  await mammoth.close()
}

process.once("SIGTERM", stop)
process.once("SIGINT", stop)
