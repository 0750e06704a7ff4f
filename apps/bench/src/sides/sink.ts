/** The bare server: reads each body to its end, answers 200, and tells what it has seen since it was last asked. */
import { createServer } from "node:http"
import type { Seen } from "./Seen.js"

let requests = 0
let bytes = 0
/** Of the first request, but for the length of its body. */
let headers: Seen["headers"] = {}

const server = createServer((request, response) => {
  const isQuestion = request.method === "GET"
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length
  })
  request.on("end", () => {
    response.setHeader("content-type", "application/json")
    if (isQuestion) {
      const seen: Seen = { requests, bytes, headers }
      requests = 0
      bytes = 0
      headers = {}
      response.end(JSON.stringify(seen))
      return
    }
    requests += 1
    if (requests === 1) {
      const { "content-length": _, ...others } = request.headers
      headers = { ...others, request: `${request.method} ${request.url}` }
    }
    response.end("{}")
  })
})

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object" && address !== null) {
    console.log(`MAMMOTH_BASE_URL=http://127.0.0.1:${address.port}/api/v2`)
  }
})
