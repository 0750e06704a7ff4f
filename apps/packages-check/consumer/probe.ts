/** Calls a server that has a different fault for each path, and collects the SDK's outcomes. Every runtime runs this program. */
import { type Client, makeClient } from "@mammoth-effect/client/promise"

const project = { workspaceId: 4, projectId: 4 }

const writes: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
  addData: (client) => client.addData("key", { n: 1 }),
  addDataUsingGet: (client) => client.addDataUsingGet("key", { n: 1 }),
  create: (client) => client.create({ ...project, name: "orders" }),
  ensure: (client) => client.ensure("orders", project),
  update: (client) => client.update({ ...project, webhookId: 8, origins: "*" }),
  delete: (client) => client.delete({ ...project, webhookId: 8 })
}

const twice = (call: (client: Client) => Promise<unknown>) => (client: Client) => call(client).then(() => call(client))

const push = (client: Client) => client.addData("key", { n: 1 })

const calls: Readonly<Record<string, (client: Client) => Promise<unknown>>> = {
  // List webhooks before each write, to leave an open connection that the write can reuse.
  ...Object.fromEntries(
    Object.entries(writes).map(([name, write]) => [
      `reset/${name}`,
      (client: Client) => client.list(project).then(() => write(client))
    ])
  ),
  redirect: push,
  stall: push,
  gzip: (client) => client.list({ ...project, fields: ["name"] }).then(({ webhooks }) => webhooks[0]?.name),
  "cached/list": twice((client) => client.list(project)),
  "cached/ensure": twice((client) => client.ensure("orders", project)),
  "cached/addDataUsingGet": twice((client) => client.addDataUsingGet("key", { n: 1 })),
  agent: push
}

interface Failure {
  readonly _tag?: string
  readonly delivery?: string
  readonly message: string
  readonly reason?: string
}

/** Describes an error by its tag and its delivery. For a transport error, adds the reason. */
export const describe = ({ _tag, delivery, message, reason }: Failure): string =>
  _tag === undefined ? message : [_tag, ...(_tag === "MammothTransportError" ? [reason] : []), delivery].join(" ")

export const told = (call: Promise<unknown>): Promise<string> =>
  call.then((value) => (typeof value === "string" ? value : "success"), describe)

/** The addresses that the probe calls. */
export interface Origins {
  /** A server with a path for each fault. */
  readonly server: string
  /** An address at which no server listens. */
  readonly nobody: string
  /** A server that resets the connection at the first write, and then stops. */
  readonly leaving: string
}

/** Collects the SDK's outcome for each fault. */
export const probe = async ({ leaving, nobody, server }: Origins): Promise<Record<string, string>> => {
  const outcomes: Record<string, string> = {}
  const run = async (fault: string, baseUrl: string, call: (client: Client) => Promise<unknown>) => {
    const client = makeClient({
      baseUrl,
      credentials: { apiKey: "the-key", apiSecret: "the-secret" },
      userAgent: "shop/1.0",
      timeout: fault === "stall" ? "1 second" : "20 seconds",
      retry: false
    })
    outcomes[fault] = await told(call(client))
    await client.close()
  }
  await run("refused", nobody, push)
  await run("leaving", leaving, (client) => client.list(project).then(() => client.addDataUsingGet("key", { n: 1 })))
  for (const [fault, call] of Object.entries(calls)) await run(fault, `${server}/${fault}`, call)
  return outcomes
}
