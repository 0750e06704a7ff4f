/** Starts a server that has a different fault for each path, and checks the outcomes of a runtime that called all paths. */
import { readFileSync } from "node:fs"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { createServer as createNetServer, type Server } from "node:net"
import { gzipSync } from "node:zlib"
import { assert } from "vitest"

export interface Faults {
  readonly url: string
  /** An address at which no server listens. */
  readonly nobody: string
  /** The address of a server that responds to `list`. At the first write, the server resets the connection and stops listening. */
  readonly leaving: string
  /** Counts the requests below a path. Leaves out calls of `list` below `reset/`, because these calls only open a connection. */
  readonly sent: (path: string) => number
  /** Counts all requests. */
  readonly total: () => number
  /** Counts the webhooks that were created below a path. */
  readonly created: (path: string) => number
  /** Returns the `user-agent` header of the last request. */
  readonly agent: () => string | undefined
  readonly close: () => void
}

const listening = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`)
    })
  })

const webhook = (id: number) => ({ id, name: "orders", mode: "combine", uri: "/webhook/data/key", ds_id: 1 })

/** Makes a response body that every operation accepts: it holds the requested page of webhooks, and the newest webhook. */
const answer = (path: string, created: number): string =>
  JSON.stringify({
    webhooks: Array.from({ length: created }, (_, index) => webhook(index + 1)).slice(
      Number(new URL(path, "http://localhost").searchParams.get("offset"))
    ),
    webhook: webhook(Math.max(created, 1)),
    next: ""
  })

const isList = (line: string): boolean => /^GET .*\/webhooks(\?|$)/.test(line)

const isCreate = (line: string): boolean => /^POST .*\/webhooks$/.test(line)

/** Headers that let a page of another origin read the response. */
const crossOrigin = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" }

const makeLeaving = () => {
  const server = createServer((request, response) => {
    const path = request.url ?? ""
    request.resume().on("end", () => {
      if (request.method === "OPTIONS" || isList(`${request.method} ${path}`))
        return response.writeHead(200, crossOrigin).end(answer(path, 0))
      server.close()
      return request.socket.resetAndDestroy()
    })
  })
  return server
}

const respond = (request: IncomingMessage, response: ServerResponse, created: number): void => {
  const path = request.url ?? ""
  // Reset the connection instead of responding, so that the client cannot know if the server has acted.
  if (path.startsWith("/reset/") && !isList(`${request.method} ${path}`)) return void request.socket.resetAndDestroy()
  if (path.startsWith("/stall/")) return
  if (path.startsWith("/redirect/")) return void response.writeHead(307, { location: "/redirected" }).end()
  const isCached = path.startsWith("/cached/")
  const isCompressed = path.startsWith("/gzip/")
  response.writeHead(200, {
    "content-type": "application/json",
    ...(isCached ? { "cache-control": "public, max-age=3600" } : {}),
    ...(isCompressed ? { "content-encoding": "gzip" } : {})
  })
  response.end(isCompressed ? gzipSync(answer(path, 1)) : answer(path, created))
}

/** Returns the part of a path before its workspace. Each fault has its own part, and therefore its own webhooks. */
const projectOf = (path: string): string => path.slice(1).replace(/\/workspaces\/.*/, "")

/** Starts the server. The page at `/` runs the given script. */
export const start = async (script = ""): Promise<Faults> => {
  const seen: Array<string> = []
  let agent: string | undefined
  const server = createServer((request, response) => {
    const path = request.url ?? ""
    if (/^\/(\?|$)/.test(path))
      return void response
        .writeHead(200, { "content-type": "text/html" })
        .end(`<script type="module">${script}</script>`)
    if (path === "/favicon.ico") return void response.writeHead(204).end()
    seen.push(`${request.method} ${path}`)
    agent = request.headers["user-agent"]
    request.resume().on("end", () => respond(request, response, created(projectOf(path))))
  })
  const created = (path: string) => seen.filter((line) => line.startsWith(`POST /${path}/`) && isCreate(line)).length
  const leaving = makeLeaving()
  const unused = createNetServer()
  const nobody = await listening(unused)
  await new Promise((resolve) => unused.close(resolve))
  return {
    url: await listening(server),
    nobody,
    leaving: await listening(leaving),
    created,
    total: () => seen.length,
    sent: (path) =>
      seen.filter((line) => `${line}/`.includes(` /${path}/`) && (!path.startsWith("reset/") || !isList(line))).length,
    agent: () => agent,
    close: () => {
      for (const started of [server, leaving]) {
        started.closeAllConnections()
        started.close()
      }
    }
  }
}

const writes = ["addData", "addDataUsingGet", "create", "ensure", "update", "delete"]

/** Describes how often the runtime sent a write whose connection was reset. */
const repeats = (faults: Faults): string => {
  const more = writes.flatMap((name) => {
    const count = faults.sent(`reset/${name}`)
    return count === 1 ? [] : [{ name, count }]
  })
  if (more.length === 0) return "once"
  const names = more.map(({ name }) => `\`${name}\``)
  return more.length === writes.length ? "more than once" : `once, but ${names.join(", ")} twice`
}

/** Checks the outcomes that every runtime must have. Then returns the runtime's row for the table in docs/layers.md. */
export const toRow = (runtime: string, faults: Faults, outcomes: Readonly<Record<string, string>>): string => {
  for (const name of writes) assert.match(outcomes[`reset/${name}`] ?? "", /^MammothTransportError \w+ Unknown$/, name)
  assert.match(outcomes["leaving"] ?? "", /^MammothTransportError \w+ Unknown$/)
  assert.strictEqual(outcomes["redirect"], "MammothUnexpectedStatus Unknown")
  assert.strictEqual(outcomes["stall"], "MammothTimedOut Unknown")
  assert.strictEqual(outcomes["gzip"], "orders")
  assert.deepStrictEqual([faults.sent("redirected"), faults.sent("stall")], [0, 1])
  for (const name of ["cached/list", "cached/addDataUsingGet", "cached/ensure", "agent"])
    assert.strictEqual(outcomes[name], "success", name)
  assert.strictEqual(faults.created("cached/ensure"), 1)
  const refused = /^MammothTransportError (\w+) (\w+)$/.exec(outcomes["refused"] ?? "")
  assert.isNotNull(refused, outcomes["refused"])
  const isCached = ["cached/list", "cached/addDataUsingGet"].some((path) => faults.sent(path) !== 2)
  const cells = [
    `${refused?.[1]}, \`${refused?.[2]}\``,
    repeats(faults),
    isCached ? "asked" : "bypassed",
    faults.agent() === "shop/1.0" ? "yours" : "the runtime's"
  ]
  return `| ${[runtime, ...cells].join(" | ")} |`
}

const page = new URL("../../../docs/layers.md", import.meta.url)

const squeeze = (line: string): string => line.replace(/\s+/g, " ")

/** Returns the lines of docs/layers.md, to check that they include the row of a runtime. */
export const documented = (): ReadonlyArray<string> => readFileSync(page, "utf8").split("\n").map(squeeze)
