/**
 * The server of the benchmark of calls: answers that were made before, in the emulator's shapes, to requests that are
 * just what they should be. Any other is refused, which fails the side that sent it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { isDeepStrictEqual } from "node:util"
import {
  apiKey,
  apiSecret,
  large,
  pageSize,
  small,
  spec,
  webhook,
  webhookId,
  webhookKey,
  workspaceId,
  wrongProjectId
} from "./Work.js"

const base = "/api/v2"

interface Answer {
  readonly status: number
  readonly body: Buffer
}

const answer = (status: number, value: unknown): Answer => ({ status, body: Buffer.from(JSON.stringify(value)) })

const projectPath = (projectId: number) => `${base}/workspaces/${workspaceId}/projects/${projectId}/webhooks`

const page = (projectId: number, limit: number, offset: number): Answer => {
  const total = projectId * pageSize
  const count = Math.max(0, Math.min(limit, total - offset))
  const next = offset + count < total ? `${projectPath(projectId)}?limit=${limit}&offset=${offset + count}` : ""
  return answer(200, {
    webhooks: Array.from({ length: count }, (_, index) => webhook(offset + index + 1)),
    limit,
    offset,
    next
  })
}

const details = { webhook: webhook(webhookId) }

/** Each answer is made once. */
const gets = new Map<string, Answer>([
  [`${projectPath(1)}/${webhookId}`, answer(200, details)],
  [
    `${projectPath(wrongProjectId)}?limit=${pageSize}`,
    answer(200, { webhooks: [{ ...webhook(1), id: "1" }], limit: pageSize, offset: 0, next: "" })
  ]
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

interface Post {
  readonly answer: Answer
  readonly documents: ReadonlyArray<unknown>
  /** Bodies that were found to be one of the documents; each library writes them in one way. */
  readonly known: Array<Buffer>
}

const posts = new Map<string, Post>([
  [projectPath(1), { answer: answer(201, details), documents: [spec], known: [] }],
  [`${base}/webhooks/data/${webhookKey}`, { answer: answer(201, {}), documents: [small, large], known: [] }]
])

const isExpected = (post: Post, body: Buffer): boolean => {
  if (post.known.some((known) => known.equals(body))) return true
  const document: unknown = JSON.parse(body.toString())
  if (!post.documents.some((expected) => isDeepStrictEqual(expected, document))) return false
  post.known.push(body)
  return true
}

let requests = 0

const send = (response: ServerResponse, { body, status }: Answer): void => {
  response.writeHead(status, { "content-type": "application/json", "content-length": body.length })
  response.end(body)
}

const refuse = (request: IncomingMessage, response: ServerResponse, reason: string): void =>
  send(response, answer(400, { status_code: 400, detail: `${request.method} ${request.url}: ${reason}` }))

const server = createServer((request, response) => {
  const { headers, method, url = "" } = request
  if (url === "/requests") {
    send(response, answer(200, requests))
    requests = 0
    return
  }
  requests += 1
  if (headers["x-api-key"] !== apiKey || headers["x-api-secret"] !== apiSecret) {
    refuse(request, response, "the credentials are missing")
    return
  }
  if (method === "GET") {
    const found = get(url)
    if (found === undefined) refuse(request, response, "no such request is expected")
    else send(response, found)
    return
  }
  const post = method === "POST" ? posts.get(url) : undefined
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
    if (post === undefined) refuse(request, response, "no such request is expected")
    else if (!/^application\/json\b/.test(headers["content-type"] ?? "")) refuse(request, response, "not sent as JSON")
    else if (body === undefined || !isExpected(post, body)) refuse(request, response, "another document is expected")
    else send(response, post.answer)
  })
})

// sides wait for their turns, and find their connections as they left them
server.keepAliveTimeout = 600_000

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object" && address !== null) {
    console.log(`MAMMOTH_BASE_URL=http://127.0.0.1:${address.port}${base}`)
  }
})
