/**
 * The bare sink: a server that reads each body and responds with 200. A GET returns a summary of the requests since the
 * previous GET.
 */
import { createServer, type IncomingMessage } from "node:http"
import { listen } from "./listen.js"
import type { Seen } from "./Seen.js"

const nothing: Seen = { requests: 0, bytes: 0, headers: {} }

let seen = nothing

const headersOf = ({ headers, method, url }: IncomingMessage): Seen["headers"] => {
  const { "content-length": _, ...others } = headers
  return { ...others, request: `${method} ${url}` }
}

const server = createServer((request, response) => {
  let bytes = 0
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length
  })
  request.on("end", () => {
    response.setHeader("content-type", "application/json")
    if (request.method === "GET") {
      response.end(JSON.stringify(seen))
      seen = nothing
      return
    }
    seen = {
      requests: seen.requests + 1,
      bytes: seen.bytes + bytes,
      headers: seen.requests === 0 ? headersOf(request) : seen.headers
    }
    response.end("{}")
  })
})

listen(server)
