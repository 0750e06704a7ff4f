/** Starts the MCP server in a separate process, and an emulator for the server. */
import * as ChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"
import { FetchHttpClient } from "@effect/platform"
import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
import { Emulator } from "@mammoth-effect/emulator"
import { Effect, Layer, Redacted, type Scope } from "effect"

export const project = { workspaceId: 4, projectId: 7 }

/** The built command. */
const bin = fileURLToPath(new URL("../../../dist/bin.js", import.meta.url))

export const all = ["--allow-write", "--allow-destructive"] as const

export interface Started {
  readonly emulator: Emulator.Service
  readonly command: { readonly command: string; readonly args: Array<string>; readonly env: Record<string, string> }
}

interface Options extends Emulator.Options {
  readonly flags?: ReadonlyArray<string>
  readonly env?: Record<string, string>
}

export const emulate = (options?: Emulator.Options) =>
  Effect.orDie(Emulator.make({ apiKey: "the-key-of-the-account", apiSecret: "the-secret-of-the-account", ...options }))

/** Starts an emulator, and returns the command that starts the MCP server for it. */
export const prepare = ({ env = {}, flags = all, ...options }: Options = {}): Effect.Effect<
  Started,
  never,
  Scope.Scope
> =>
  Effect.gen(function* () {
    const emulator = yield* emulate(options)
    return {
      emulator,
      command: {
        command: process.execPath,
        args: [bin, "mcp", ...flags],
        env: {
          MAMMOTHANALYTICS_API_KEY: Redacted.value(emulator.apiKey),
          MAMMOTHANALYTICS_API_SECRET: Redacted.value(emulator.apiSecret),
          MAMMOTH_BASE_URL: emulator.baseUrl,
          MAMMOTH_WORKSPACE_ID: String(project.workspaceId),
          MAMMOTH_PROJECT_ID: String(project.projectId),
          // Use a folder that has no profile.
          XDG_CONFIG_HOME: fileURLToPath(new URL(".", import.meta.url)),
          ...env
        }
      }
    }
  })

/** The operations on the emulator's webhooks, to prepare tests and to check results. */
export const managing = (emulator: Emulator.Service): Layer.Layer<Webhooks.Webhooks> =>
  Webhooks.layer.pipe(
    Layer.provide([
      Credentials.layer({ apiKey: emulator.apiKey, apiSecret: emulator.apiSecret }),
      MammothConfig.layer({ baseUrl: emulator.baseUrl }),
      FetchHttpClient.layer
    ]),
    Layer.orDie
  )

export const create = (emulator: Emulator.Service, name: string, mode: "combine" | "replace", isSecure = false) =>
  Webhooks.create({ ...project, name, mode, isSecure }).pipe(Effect.orDie, Effect.provide(managing(emulator)))

/** Waits until a condition is true, for at most 5 seconds. */
export const until = (condition: Effect.Effect<boolean>): Effect.Effect<void> =>
  condition.pipe(
    Effect.delay("20 millis"),
    Effect.repeat({ until: (holds) => holds }),
    Effect.timeout("5 seconds"),
    Effect.orDie,
    Effect.asVoid
  )

export const requestsOf = (emulator: Emulator.Service, operation: string) =>
  Effect.map(emulator.requests, (requests) => requests.filter((request) => request.operation === operation))

export type Message = Readonly<Record<string, unknown>>

export interface Raw {
  /** Writes one line: a message as JSON, or a string unchanged. */
  readonly send: (line: Message | string) => Effect.Effect<void>
  /** Waits for the message with this id. */
  readonly reply: (id: string | number) => Effect.Effect<Message>
  readonly end: Effect.Effect<void>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly exit: Effect.Effect<{ readonly code: number | null; readonly out: string; readonly err: string }>
  /** Returns everything that was written so far. */
  readonly written: () => string
}

/** Starts the server, and exchanges lines with it without a client library. */
export const raw = ({ command }: Started): Effect.Effect<Raw, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = ChildProcess.spawn(command.command, command.args, { env: command.env })
      let out = ""
      let err = ""
      child.stdout.on("data", (chunk) => (out += String(chunk)))
      child.stderr.on("data", (chunk) => (err += String(chunk)))
      const closed = new Promise<number | null>((resolve) => child.on("close", resolve))
      const messages = () =>
        out
          .split("\n")
          .slice(0, -1)
          .map((line): Message => JSON.parse(line) as Message)
      const self: Raw = {
        send: (line) =>
          Effect.sync(() => void child.stdin.write(`${typeof line === "string" ? line : JSON.stringify(line)}\n`)),
        reply: (id) =>
          until(Effect.sync(() => messages().some((message) => message["id"] === id))).pipe(
            Effect.map(() => messages().find((message) => message["id"] === id) ?? {})
          ),
        end: Effect.sync(() => void child.stdin.end()),
        kill: (signal) => Effect.sync(() => void child.kill(signal)),
        exit: Effect.map(
          Effect.promise(() => closed),
          (code) => ({ code, out, err })
        ),
        written: () => out + err
      }
      return { self, child }
    }),
    ({ child }) => Effect.sync(() => void child.kill("SIGKILL"))
  ).pipe(Effect.map(({ self }) => self))

export const initialize: Message = {
  jsonrpc: "2.0",
  id: "first",
  method: "initialize",
  params: {
    protocolVersion: "2025-06-18",
    capabilities: { elicitation: {} },
    clientInfo: { name: "test", version: "1" }
  }
}

export const initialized: Message = { jsonrpc: "2.0", method: "notifications/initialized" }

export const callOf = (id: string | number, name: string, args: unknown, meta?: Message): Message => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args, ...(meta === undefined ? {} : { _meta: meta }) }
})
