import type { Server } from "node:http"

/** The path in the base URL of every server. */
export const basePath = "/api/v2"

/** Makes the server listen on a free port, and prints its base URL. */
export const listen = (server: Server): void => {
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    if (typeof address !== "object" || address === null) return
    console.log(`MAMMOTH_BASE_URL=http://127.0.0.1:${address.port}${basePath}`)
  })
}
