/** Serves the files of a folder over HTTP. `serveWithEmulator` also forwards `/api/v2` to the installed emulator. */
import { spawn } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { extname, join, normalize } from "node:path"

export interface Origin {
  readonly url: string
  readonly close: () => void
}

/** A running emulator: its address, its keys, and a function that stops it. */
interface Emulator {
  readonly baseUrl: URL
  readonly key: string
  readonly secret: string
  readonly stop: () => void
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml"
}

/** Starts the emulator that a project has installed, and waits for the address that it prints. */
export const startEmulator = (directory: string): Promise<Emulator> =>
  new Promise<Emulator>((resolve, reject) => {
    const child = spawn(join(directory, "node_modules/.bin/mammoth-emulator"), ["--port", "0"], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    let printed = ""
    const value = (name: string) => new RegExp(`${name}=["']?([^"'\\s]+)`).exec(printed)?.[1]
    child.on("error", reject)
    child.on("close", () =>
      reject(new Error(`the emulator ended before it printed its address and keys. It printed: ${printed}`))
    )
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
  })

const listen = (directory: string, answerFirst?: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean) =>
  new Promise<Origin>((resolve) => {
    const server = createServer((incoming, outgoing) => {
      if (answerFirst?.(incoming, outgoing) === true) return
      const path = decodeURIComponent(new URL(incoming.url ?? "/", "http://localhost").pathname)
      const file = normalize(join(directory, path.endsWith("/") ? `${path}index.html` : path))
      if (!file.startsWith(directory) || !existsSync(file)) {
        outgoing.writeHead(path === "/favicon.ico" ? 204 : 404).end()
        return
      }
      outgoing.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" })
      outgoing.end(readFileSync(file))
    })
    server.listen(0, "127.0.0.1", () => {
      const address: AddressInfo | string | null = server.address()
      const port = typeof address === "object" ? address?.port : undefined
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () => {
          server.closeAllConnections()
          server.close()
        }
      })
    })
  })

/** Serves the files of a folder. */
export const serve = (directory: string): Promise<Origin> => listen(directory)

/** Serves the files of a project, and forwards `/api/v2` to the emulator that the project has installed. */
export const serveWithEmulator = async (directory: string): Promise<Origin> => {
  const emulator = await startEmulator(directory)
  const origin = await listen(directory, (incoming, outgoing) => {
    if (incoming.url?.startsWith("/api/v2/") !== true) return false
    const { hostname, port } = emulator.baseUrl
    const headers = { ...incoming.headers, "x-api-key": emulator.key, "x-api-secret": emulator.secret }
    const onward = request({ hostname, port, path: incoming.url, method: incoming.method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on("error", () => outgoing.writeHead(502).end())
    incoming.pipe(onward)
    return true
  })
  return {
    url: origin.url,
    close: () => {
      origin.close()
      emulator.stop()
    }
  }
}
