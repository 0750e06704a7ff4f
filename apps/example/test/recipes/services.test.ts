/** Runs the services of docs/promises.md as processes, and stops them while a request is in flight. */
import { mkdtempSync, rmSync } from "node:fs"
import { Agent, type ClientRequest, request } from "node:http"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Emulator, startEmulator } from "@mammoth-effect/emulator/promise"
import { afterAll, assert, describe, it, onTestFinished } from "vitest"
import { start } from "../Run.js"

const folder = mkdtempSync(join(tmpdir(), "services-"))
afterAll(() => rmSync(folder, { recursive: true }))

interface Response {
  readonly status: number | undefined
  readonly body: unknown
}

/** An agent that keeps connections alive, so that only the service closes them. */
const agent = new Agent({ keepAlive: true })
afterAll(() => agent.destroy())

/** Starts a service on a free port. */
const serve = async (file: string, env: Readonly<Record<string, string>>) => {
  const running = await start(`test/recipes/${file}`, { env: { ...env, PORT: "0" } })
  onTestFinished(() => void running.kill("SIGKILL"))
  const port = Number(/\d+$/.exec(await running.printed(/listens on .+\d$/m))?.[0])
  return { ...running, url: new URL(`http://127.0.0.1:${port}/orders`) }
}

/** Sends the headers of a request. */
const begin = (url: URL) =>
  request(url, { agent, method: "POST", headers: { "content-type": "application/json", expect: "100-continue" } })

const responseTo = (sent: ClientRequest): Promise<Response> =>
  new Promise((resolve, reject) => {
    sent.on("error", reject)
    sent.on("response", (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
      response.on("end", () => resolve({ status: response.statusCode, body: JSON.parse(text) }))
    })
  })

const post = (url: URL, order: unknown): Promise<Response> => {
  const sent = begin(url)
  const response = responseTo(sent)
  sent.end(JSON.stringify(order))
  return response
}

/** Waits until a condition holds. */
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const isRefused = (url: URL): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(Number(url.port), url.hostname, () => resolve(false))
    socket.on("error", () => resolve(true)).on("connect", () => socket.destroy())
  })

const pushes = ({ requests }: Emulator) => requests.filter(({ operation }) => operation === "addData")

const webhook = { id: 1 }

describe("the Express service", () => {
  it("stores an order that is in flight when SIGTERM arrives, and delivers each order once", async () => {
    const emulator = await startEmulator()
    onTestFinished(() => emulator.close())
    const env = { ...emulator.env, OUTBOX_FILE: join(folder, "outbox.db") }
    const first = await serve("express.js", env)

    assert.deepStrictEqual(await post(first.url, { id: "a", total: 9.5 }), {
      status: 202,
      body: { isDuplicate: false }
    })
    assert.deepStrictEqual(await post(first.url, { id: "a", total: 9.5 }), { status: 202, body: { isDuplicate: true } })
    const refused = await post(first.url, { id: "b", total: -1 })
    assert.strictEqual(refused.status, 400)
    assert.include(JSON.stringify(refused.body), "total")

    const sent = begin(first.url)
    const response = responseTo(sent)
    const connection = new Promise((resolve) => sent.once("response", ({ headers }) => resolve(headers.connection)))
    // Wait for "100 Continue", which shows that the request has arrived.
    await new Promise((resolve) => sent.once("continue", resolve))
    first.kill("SIGTERM")
    await until(() => isRefused(first.url))
    sent.end(JSON.stringify({ id: "c", total: 1 }))
    assert.deepStrictEqual(await response, { status: 202, body: { isDuplicate: false } })
    assert.strictEqual(await connection, "close")
    const { code, stderr } = await first.ended
    assert.strictEqual(stderr, "")
    assert.strictEqual(code, 0)

    // Start the service again. It must deliver the order that was stored but not sent.
    const second = await serve("express.js", env)
    await until(() => pushes(emulator).length === 2)
    second.kill("SIGTERM")
    assert.strictEqual((await second.ended).code, 0)
    assert.sameDeepMembers(
      [...emulator.rows(webhook)],
      [
        { id: "a", total: 9.5 },
        { id: "c", total: 1 }
      ]
    )
  }, 60_000)
})

describe("the Fastify service", () => {
  it("responds to a request in flight when SIGTERM arrives, and reports for each order whether the order was written", async () => {
    const emulator = await startEmulator()
    onTestFinished(() => emulator.close())
    const service = await serve("fastify.ts", emulator.env)

    assert.deepStrictEqual(await post(service.url, { id: 1, total: 9.5 }), { status: 201, body: { written: "yes" } })
    assert.strictEqual((await post(service.url, { id: 2 })).status, 400)
    emulator.fail({ operation: "addData", fault: "lostResponse" })
    assert.deepStrictEqual(await post(service.url, { id: 3, total: 1 }), { status: 504, body: { written: "unknown" } })
    emulator.fail({ operation: "addData", status: 401 })
    assert.deepStrictEqual(await post(service.url, { id: 4, total: 1 }), { status: 503, body: { written: "no" } })

    emulator.fail({ operation: "addData", delayAfter: 500 })
    const response = post(service.url, { id: 5, total: 1 })
    await until(() => pushes(emulator).length === 4)
    service.kill("SIGTERM")
    await until(() => isRefused(service.url))
    assert.deepStrictEqual(await response, { status: 201, body: { written: "yes" } })
    assert.strictEqual((await service.ended).code, 0)
    assert.deepStrictEqual(emulator.rows(webhook), [
      { id: 1, total: 9.5 },
      { id: 3, total: 1 },
      { id: 5, total: 1 }
    ])
  }, 60_000)
})
