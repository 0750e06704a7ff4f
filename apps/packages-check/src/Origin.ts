/** One origin for a page and the emulator: files of a folder, and under `/api/v2` the installed emulator's command. */
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { createServer, request } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join, normalize } from "node:path"

export interface Origin {
  readonly url: string
  readonly close: () => void
}

const types: Readonly<Record<string, string>> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" }

/** Starts the emulator that a project has installed, and waits for the address that it prints. */
const startEmulator = (directory: string) =>
  new Promise<{ readonly baseUrl: URL; readonly key: string; readonly secret: string; readonly stop: () => void }>(
    (resolve, reject) => {
      const child = spawn(join(directory, "node_modules/.bin/mammoth-emulator"), ["--port", "0"], {
        stdio: ["ignore", "pipe", "inherit"]
      })
      let printed = ""
      const value = (name: string) => new RegExp(`${name}=["']?([^"'\\s]+)`).exec(printed)?.[1]
      child.on("error", reject)
      child.on("close", () => reject(new Error(`the emulator ended: ${printed}`)))
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text
        const [baseUrl, key, secret] = [
          value("MAMMOTH_BASE_URL"),
          value("MAMMOTHANALYTICS_API_KEY"),
          value("MAMMOTHANALYTICS_API_SECRET")
        ]
        if (baseUrl !== undefined && key !== undefined && secret !== undefined) {
          resolve({ baseUrl: new URL(baseUrl), key, secret, stop: () => child.kill() })
        }
      })
    }
  )

export const serve = async (directory: string): Promise<Origin> => {
  const emulator = await startEmulator(directory)
  const server = createServer((incoming, outgoing) => {
    const path = new URL(incoming.url ?? "/", "http://localhost").pathname
    if (path.startsWith("/api/v2/")) {
      const { hostname, port } = emulator.baseUrl
      const headers = { ...incoming.headers, "x-api-key": emulator.key, "x-api-secret": emulator.secret }
      const onward = request({ hostname, port, path: incoming.url, method: incoming.method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      })
      onward.on("error", () => outgoing.writeHead(502).end())
      incoming.pipe(onward)
      return
    }
    const file = normalize(join(directory, path.endsWith("/") ? `${path}index.html` : path))
    if (path === "/favicon.ico" || !file.startsWith(directory)) {
      outgoing.writeHead(204).end()
      return
    }
    outgoing.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" })
    outgoing.end(readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address: AddressInfo | string | null = server.address()
  const port = typeof address === "object" ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections()
      server.close()
      emulator.stop()
    }
  }
}
