/** Clients that see what is really on the wire. */
import * as Net from "node:net"
import type { Operation } from "@mammoth-effect/core"
import { Effect, Redacted } from "effect"
import type { Emulator } from "../src/index.js"

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export const keys = (emulator: Emulator.Service) => ({
  "x-api-key": Redacted.value(emulator.apiKey),
  "x-api-secret": Redacted.value(emulator.apiSecret)
})

interface Options {
  readonly headers?: Record<string, string>
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer>
}

/** A call with the account's keys, unless `headers` are given. */
export const call = (emulator: Emulator.Service, method: string, path: string, options: Options = {}) =>
  Effect.promise(async (signal): Promise<Answer> => {
    const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
    const response = await fetch(`${emulator.baseUrl}${path}`, {
      method,
      headers: options.headers ?? keys(emulator),
      redirect: "manual",
      signal,
      ...(body === undefined ? {} : { body })
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  })

export const json = (answer: Answer) => JSON.parse(answer.text)

export interface Seen {
  /** What came before the connection ended, or before nothing more came. */
  readonly text: string
  readonly end: "closed" | "stalled" | (string & {})
}

/** Sends the text and reads what comes until the connection ends, or is silent for so many milliseconds. */
export const exchange = (emulator: Emulator.Service, request: string, silence = 30_000) =>
  Effect.async<Seen>((resume) => {
    const { hostname, port } = new URL(emulator.baseUrl)
    const socket = Net.connect(Number(port), hostname, () => socket.write(request))
    let text = ""
    const finish = (end: string) => {
      socket.destroy()
      resume(Effect.succeed({ text, end }))
    }
    socket.setTimeout(silence, () => finish("stalled"))
    socket.setEncoding("utf8")
    socket.on("data", (chunk) => (text += chunk))
    socket.on("end", () => finish("closed"))
    socket.on("error", (error: NodeJS.ErrnoException) => finish(error.code ?? error.message))
    return Effect.sync(() => socket.destroy())
  })

/** The text of a request after which the server is to close the connection. */
export const requestText = (emulator: Emulator.Service, method: string, path: string, body = "") =>
  [
    `${method} ${new URL(emulator.baseUrl).pathname}${path} HTTP/1.1`,
    "Host: localhost",
    "Connection: close",
    ...Object.entries(keys(emulator)).map(([name, value]) => `${name.toUpperCase()}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    "",
    body
  ].join("\r\n")

export const inProject = (projectId: number, rest = "") => `/workspaces/1/projects/${projectId}/webhooks${rest}`

/** A path of an operation, with 1 for every parameter that is not given. */
export const pathOf = (operation: Operation.Operation, parameters: Record<string, string | number>) =>
  operation.route.replace(/\{(\w+)\}/g, (_, name) => String(parameters[name] ?? 1))

/** Creates a webhook and gives it as the server describes it, with its key. */
export const create = (emulator: Emulator.Service, projectId: number, spec: unknown = {}) =>
  Effect.map(call(emulator, "POST", inProject(projectId), { body: spec }), (answer) => {
    const { webhook } = json(answer)
    const key: string = webhook.uri.split("/").at(-1)
    return { ...webhook, data: `/webhooks/data/${key}` }
  })

/** Real time, also where a test's clock stands still. */
export const wait = (millis: number) => Effect.promise(() => new Promise((resolve) => setTimeout(resolve, millis)))
