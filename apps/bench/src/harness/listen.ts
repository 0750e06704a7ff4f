import type { Server } from "node:http"

/** The path of every server's base URL. */
export const basePath = "/api/v2"

/** Listens on a free port, and prints the base URL. */
export const listen = (server: Server): void => {
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    if (typeof address !== "object" || address === null) return
    console.log(`MAMMOTH_BASE_URL=http://127.0.0.1:${address.port}${basePath}`)
  })
}
