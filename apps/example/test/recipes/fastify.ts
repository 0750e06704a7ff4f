/** The Fastify service of docs/promises.md. `services.test.ts` runs it. `documented.test.ts` compares it with the guide. */
import { isMammothError, makeClient } from "@mammoth-effect/client/promise"
import Fastify from "fastify"

interface Order {
  readonly id: number
  readonly total: number
}

// Limits each call to 10 seconds, because the shutdown ends the process after 20 seconds.
const mammoth = makeClient({ timeout: "5 seconds", deadline: "10 seconds" })

const orders = await mammoth.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })

const app = Fastify()

const body = {
  type: "object",
  required: ["id", "total"],
  properties: { id: { type: "integer" }, total: { type: "number", minimum: 0 } }
}

app.post<{ Body: Order }>("/orders", { schema: { body } }, async (request, reply) => {
  await mammoth.addData(orders, request.body)
  return reply.code(201).send({ written: "yes" })
})

app.setErrorHandler((error, _request, reply) => {
  if (!isMammothError(error)) return reply.send(error)
  console.error(error)
  const isUnknown = "delivery" in error && error.delivery === "Unknown"
  return reply.code(isUnknown ? 504 : 503).send({ written: isUnknown ? "unknown" : "no" })
})

let isStopping = false

// Closes connections during the shutdown. Otherwise Fastify waits for them, for up to 72 seconds.
app.addHook("onSend", async (_request, reply) => {
  if (isStopping) reply.header("connection", "close")
})

const address = await app.listen({ port: Number(process.env["PORT"] ?? 3000) })
console.log(`listens on ${address}`)

const stop = async () => {
  isStopping = true
  // Ends the process with code 1 if the steps below take longer than 20 seconds.
  setTimeout(() => process.exit(1), 20_000).unref()
  // Stops accepting connections, and waits for the responses in flight.
  await app.close()
  await mammoth.close()
}

process.once("SIGTERM", stop)
process.once("SIGINT", stop)
