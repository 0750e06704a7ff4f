/**
 * The server of the calls benchmark. It sends prepared responses in the same format as the emulator. It responds
 * with 400 to every unexpected request. That response ends the benchmark.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { isDeepStrictEqual } from "node:util"
import { basePath, listen } from "../harness/listen.js"
import * as Work from "./Work.js"

interface Answer {
  readonly status: number
  readonly body: Buffer
}

const answer = (status: number, value: unknown): Answer => ({ status, body: Buffer.from(JSON.stringify(value)) })

const webhooksOf = (projectId: number) => `${basePath}/workspaces/${Work.workspaceId}/projects/${projectId}/webhooks`

const page = (projectId: number, limit: number, offset: number): Answer => {
  const total = projectId * Work.pageSize
  const count = Math.max(0, Math.min(limit, total - offset))
  const webhooks = Array.from({ length: count }, (_, index) => Work.webhook(offset + index + 1))
  const next = offset + count < total ? `${webhooksOf(projectId)}?limit=${limit}&offset=${offset + count}` : ""
  return answer(200, { webhooks, limit, offset, next })
}

const details = { webhook: Work.webhook(Work.webhookId) }

const wrongPage = { webhooks: [{ ...Work.webhook(1), id: "1" }], limit: Work.pageSize, offset: 0, next: "" }

/** The prepared responses to GET requests, by URL. The function `get` adds each page of a list when the page is first requested. */
const gets = new Map<string, Answer>([
  [`${webhooksOf(1)}/${Work.webhookId}`, answer(200, details)],
  [`${webhooksOf(Work.wrongProjectId)}?limit=${Work.pageSize}`, answer(200, wrongPage)]
])

const get = (url: string): Answer | undefined => {
  const made = gets.get(url)
  if (made !== undefined) return made
  const list = /^\/api\/v2\/workspaces\/4\/projects\/(\d+)\/webhooks\?limit=(50|100)(?:&offset=(\d+))?$/.exec(url)
  if (list === null) return undefined
  const fresh = page(Number(list[1]), Number(list[2]), Number(list[3] ?? 0))
  gets.set(url, fresh)
  return fresh
}

/**
 * Returns a function that checks a body. If the body equals one of `documents`, the function returns a response that
 * carries `value`. Otherwise the function returns `undefined`.
 */
const post = (documents: ReadonlyArray<unknown>, value: unknown) => {
  const made = answer(201, value)
  // Remember each accepted body, so that the same bytes are not parsed again. A library writes a document with the same
  // bytes each time.
  const known: Array<Buffer> = []
  return (body: Buffer): Answer | undefined => {
    if (known.some((each) => each.equals(body))) return made
    const document: unknown = JSON.parse(body.toString())
    if (!documents.some((expected) => isDeepStrictEqual(expected, document))) return undefined
    known.push(body)
    return made
  }
}

const posts = new Map([
  [webhooksOf(1), post([Work.spec], details)],
  [`${basePath}/webhooks/data/${Work.webhookKey}`, post([Work.small, Work.large], {})]
])

/** Returns the response to a request, or `undefined` if the request is unexpected. */
const find = ({ headers, method, url = "" }: IncomingMessage, body: Buffer): Answer | undefined => {
  if (headers["x-api-key"] !== Work.apiKey || headers["x-api-secret"] !== Work.apiSecret) return undefined
  if (method === "GET") return get(url)
  const isJson = /^application\/json\b/.test(headers["content-type"] ?? "")
  return method === "POST" && isJson ? posts.get(url)?.(body) : undefined
}

const send = (response: ServerResponse, { body, status }: Answer): void => {
  response.writeHead(status, { "content-type": "application/json", "content-length": body.length })
  response.end(body)
}

const refusal = ({ method, url }: IncomingMessage): Answer => {
  const detail = `${method} ${url}: the credentials, the path or the document is unexpected`
  return answer(400, { status_code: 400, detail })
}

const handle = (request: IncomingMessage, response: ServerResponse, body: Buffer): void =>
  send(response, find(request, body) ?? refusal(request))

const nothing = Buffer.alloc(0)

let requests = 0

const server = createServer((request, response) => {
  if (request.url === "/requests") {
    send(response, answer(200, requests))
    requests = 0
    return
  }
  requests += 1
  if (request.method === "GET") {
    handle(request, response, nothing)
    return
  }
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const [first = nothing] = chunks
    handle(request, response, chunks.length > 1 ? Buffer.concat(chunks) : first)
  })
})

// Keep idle connections open for ten minutes, because a side sends nothing while other sides have their turns.
server.keepAliveTimeout = 600_000
listen(server)
