/**
 * The server of the benchmark of calls: sends prepared responses, in the emulator's shapes. It refuses any request that is
 * not exactly as expected, which fails the side that sent it.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { isDeepStrictEqual } from "node:util"
import * as Work from "./Work.js"

const base = "/api/v2"

interface Answer {
  readonly status: number
  readonly body: Buffer
}

const answer = (status: number, value: unknown): Answer => ({ status, body: Buffer.from(JSON.stringify(value)) })

const projectPath = (projectId: number) => `${base}/workspaces/${Work.workspaceId}/projects/${projectId}/webhooks`

const page = (projectId: number, limit: number, offset: number): Answer => {
  const total = projectId * Work.pageSize
  const count = Math.max(0, Math.min(limit, total - offset))
  const next = offset + count < total ? `${projectPath(projectId)}?limit=${limit}&offset=${offset + count}` : ""
  return answer(200, {
    webhooks: Array.from({ length: count }, (_, index) => Work.webhook(offset + index + 1)),
    limit,
    offset,
    next
  })
}

const details = { webhook: Work.webhook(Work.webhookId) }

/** Each answer is made once. */
const gets = new Map<string, Answer>([
  [`${projectPath(1)}/${Work.webhookId}`, answer(200, details)],
  [
    `${projectPath(Work.wrongProjectId)}?limit=${Work.pageSize}`,
    answer(200, { webhooks: [{ ...Work.webhook(1), id: "1" }], limit: Work.pageSize, offset: 0, next: "" })
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
  /** Bodies that were found to be one of the documents; each library writes a document in one way. */
  readonly known: Array<Buffer>
}

const posts = new Map<string, Post>([
  [projectPath(1), { answer: answer(201, details), documents: [Work.spec], known: [] }],
  [
    `${base}/webhooks/data/${Work.webhookKey}`,
    { answer: answer(201, {}), documents: [Work.small, Work.large], known: [] }
  ]
])

const isExpected = (post: Post, body: Buffer): boolean => {
  if (post.known.some((known) => known.equals(body))) return true
  const document: unknown = JSON.parse(body.toString())
  if (!post.documents.some((expected) => isDeepStrictEqual(expected, document))) return false
  post.known.push(body)
  return true
}

const send = (response: ServerResponse, { body, status }: Answer): void => {
  response.writeHead(status, { "content-type": "application/json", "content-length": body.length })
  response.end(body)
}

const refusal = ({ method, url }: IncomingMessage, reason: string): Answer =>
  answer(400, { status_code: 400, detail: `${method} ${url}: ${reason}` })

const respond = (request: IncomingMessage, body: Buffer): Answer => {
  const { headers, method, url = "" } = request
  if (headers["x-api-key"] !== Work.apiKey || headers["x-api-secret"] !== Work.apiSecret) {
    return refusal(request, "the credentials are missing")
  }
  const post = method === "POST" ? posts.get(url) : undefined
  const found = method === "GET" ? get(url) : post?.answer
  if (found === undefined) return refusal(request, "no such request is expected")
  if (post === undefined) return found
  if (!/^application\/json\b/.test(headers["content-type"] ?? "")) return refusal(request, "not sent as JSON")
  return isExpected(post, body) ? post.answer : refusal(request, "another document is expected")
}

let requests = 0

const nothing = Buffer.alloc(0)

const server = createServer((request, response) => {
  if (request.url === "/requests") {
    send(response, answer(200, requests))
    requests = 0
    return
  }
  requests += 1
  if (request.method === "GET") {
    send(response, respond(request, nothing))
    return
  }
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const [first = nothing] = chunks
    send(response, respond(request, chunks.length > 1 ? Buffer.concat(chunks) : first))
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
