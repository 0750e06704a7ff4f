/** Starts emulators on a socket and in process, and shows their responses exactly as a caller gets them. */
import * as Http from "node:http"
import * as Net from "node:net"
import { HttpBody, type HttpClientError, HttpClientRequest, HttpClientResponse, HttpMethod } from "@effect/platform"
import type { Operation } from "@mammoth-effect/core"
import { Effect, Layer, Predicate, Redacted, type Scope, Stream, TestClock } from "effect"
import { Emulator, InProcess } from "../src/index.js"

export interface Form {
  readonly make: (options?: InProcess.Options) => Effect.Effect<Emulator.Service, never, Scope.Scope>
  readonly layer: Layer.Layer<Emulator.Emulator>
  /** Advances the emulator's clock. */
  readonly pass: (millis: number) => Effect.Effect<void>
}

/** Waits in real time, even if the clock of the test stands still. */
export const wait = (millis: number) => Effect.promise(() => new Promise((resolve) => setTimeout(resolve, millis)))

export const forms: Readonly<Record<string, Form>> = {
  "on a socket": {
    make: (options) => Effect.orDie(Emulator.make(options)),
    layer: Layer.orDie(Emulator.layer()),
    pass: wait
  },
  "in process": {
    make: InProcess.make,
    layer: InProcess.layer(),
    pass: TestClock.adjust
  }
}

const isInProcess = (emulator: Emulator.Service): emulator is InProcess.Service => "client" in emulator

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
  /** The body, which is sent unchanged. */
  readonly raw?: string | Uint8Array<ArrayBuffer>
}

/** Calls an operation. Sends the account's keys unless `headers` are given. Fails with a defect if the response breaks. */
export const call = (
  emulator: Emulator.Service,
  method: string,
  path: string,
  options: Options = {}
): Effect.Effect<Answer> => {
  const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body))
  if (isInProcess(emulator)) {
    return send(emulator, method, `${emulator.baseUrl}${path}`, options.headers ?? keys(emulator), toBody(body)).pipe(
      Effect.flatMap((response) =>
        Effect.map(response.text, (text) => ({
          status: response.status,
          headers: new Headers(response.headers),
          text
        }))
      ),
      Effect.orDie
    )
  }
  return Effect.promise(async (signal): Promise<Answer> => {
    const response = await fetch(`${emulator.baseUrl}${path}`, {
      method,
      headers: options.headers ?? keys(emulator),
      redirect: "manual",
      signal,
      ...(body === undefined ? {} : { body })
    })
    return { status: response.status, headers: response.headers, text: await response.text() }
  })
}

const toBody = (body: Options["raw"]): HttpBody.HttpBody =>
  body === undefined ? HttpBody.empty : Predicate.isString(body) ? HttpBody.text(body) : HttpBody.uint8Array(body)

const send = (
  { client }: InProcess.Service,
  method: string,
  url: string,
  headers: Record<string, string>,
  body: HttpBody.HttpBody
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> =>
  HttpMethod.isHttpMethod(method)
    ? client.execute(HttpClientRequest.make(method)(url, { headers, body }))
    : Effect.dieMessage(`HTTP has no method ${method}`)

/** Calls an operation with the account's keys. Sends the body in pieces, without content-length. Returns the status. */
export const callInPieces = (emulator: Emulator.Service, path: string, pieces: ReadonlyArray<Uint8Array>) =>
  isInProcess(emulator)
    ? send(
        emulator,
        "POST",
        `${emulator.baseUrl}${path}`,
        keys(emulator),
        HttpBody.stream(Stream.fromIterable(pieces))
      ).pipe(
        Effect.map(({ status }) => status),
        Effect.orDie
      )
    : Effect.async<number>((resume) => {
        const request = Http.request(`${emulator.baseUrl}${path}`, { method: "POST", headers: keys(emulator) })
        request.on("response", (response) => {
          response.resume()
          resume(Effect.succeed(response.statusCode ?? 0))
        })
        for (const piece of pieces) request.write(piece)
        request.end()
      })

export const json = (answer: Answer) => JSON.parse(answer.text)

export interface Seen {
  /** The part of the response that arrived before the connection ended or fell silent. */
  readonly text: string
  readonly end: "closed" | "stalled" | (string & {})
}

/** Sends a request, written as a string. Reads until the connection ends, or is silent for the given milliseconds. */
export const exchange = (emulator: Emulator.Service, request: string, silence = 30_000) =>
  isInProcess(emulator) ? exchangeInProcess(emulator, request, silence) : exchangeOnSocket(emulator, request, silence)

/** Returns the code of a failed connection, or `closed` for a connection that was closed normally. */
const endOf = (error: HttpClientError.HttpClientError): Seen["end"] => {
  if (error.reason === "EmptyBody") return "closed"
  const { cause } = error
  const code = Predicate.hasProperty(cause, "code") ? String(cause.code) : error.message
  return code === "UND_ERR_SOCKET" ? "closed" : code
}

/** Does the work of `exchange` in process: parses the request, and returns the response as a string. */
const exchangeInProcess = (emulator: InProcess.Service, request: string, silence: number): Effect.Effect<Seen> =>
  Effect.suspend(() => {
    const [head = "", body = ""] = request.split("\r\n\r\n")
    const [line = "", ...lines] = head.split("\r\n")
    const [method = "", target = ""] = line.split(" ")
    const headers = lines
      .map((each) => each.split(": "))
      .flatMap(([name = "", value = ""]) => (/^(host|connection|content-length)$/i.test(name) ? [] : [[name, value]]))
    const url = new URL(target, emulator.baseUrl).href
    const decoder = new TextDecoder()
    let text = ""
    const read = send(emulator, method, url, Object.fromEntries(headers), toBody(body === "" ? undefined : body)).pipe(
      Effect.tap(({ headers, status }) => {
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
        text = `HTTP/1.1 ${status} ${Http.STATUS_CODES[status] ?? "unknown"}\r\n${lines.join("")}\r\n`
      }),
      HttpClientResponse.stream,
      Stream.runForEach((chunk) => Effect.sync(() => (text += decoder.decode(chunk)))),
      Effect.match({ onFailure: endOf, onSuccess: () => "closed" })
    )
    return Effect.map(Effect.raceFirst(read, Effect.as(wait(silence), "stalled")), (end) => ({ text, end }))
  })

const exchangeOnSocket = (emulator: Emulator.Service, request: string, silence: number) =>
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

/** Writes a request as a string. The request asks the server to close the connection. */
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

/** Makes the path of an operation. Each parameter that is not given is 1. */
export const pathOf = (operation: Operation.Operation, parameters: Record<string, string | number>) =>
  operation.route.replace(/\{(\w+)\}/g, (_, name) => String(parameters[name] ?? 1))

/** Creates a webhook. Returns the webhook from the response, and the path for pushes as `data`. */
export const create = (emulator: Emulator.Service, projectId: number, spec: unknown = {}) =>
  Effect.map(call(emulator, "POST", inProject(projectId), { body: spec }), (answer) => {
    const { webhook } = json(answer)
    const key: string = webhook.uri.split("/").at(-1)
    return { ...webhook, data: `/webhooks/data/${key}` }
  })
