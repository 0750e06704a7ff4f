/** Wraps the official MCP clients of both major versions, so that they have the same interface. */
import { Client as Client2 } from "@modelcontextprotocol/client"
import { StdioClientTransport as Stdio2 } from "@modelcontextprotocol/client/stdio"
import { Client as Client1 } from "@modelcontextprotocol/sdk/client/index.js"
import { StdioClientTransport as Stdio1 } from "@modelcontextprotocol/sdk/client/stdio.js"
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js"
import { Effect, type Scope } from "effect"
import type { Started } from "./harness.js"

export interface Result {
  readonly isError: boolean
  readonly structured: unknown
  readonly text: string
}

export interface Answer {
  readonly action: "accept" | "decline" | "cancel"
  readonly content?: { readonly confirm: boolean }
}

interface CallOptions {
  readonly signal?: AbortSignal
  readonly onprogress?: (progress: { progress: number; total?: number | undefined }) => void
}

export interface Session {
  readonly listTools: () => Promise<ReadonlyArray<{ readonly name: string } & Record<string, unknown>>>
  readonly call: (name: string, args?: Record<string, unknown>, options?: CallOptions) => Promise<Result>
  /** The questions that the user received. */
  readonly questions: Array<string>
  /** The progress that the server sent, even after the result. The client itself drops progress after the result. */
  readonly progress: Array<string>
  readonly stderr: () => string
  readonly instructions: () => string | undefined
  readonly version: () => string | undefined
  readonly pid: () => number | null
}

/** Connects a client. `answer` answers the server's questions. Without `answer`, the client does not support elicitation. */
export type Connect = (
  started: Started,
  answer?: (question: string) => Answer | Promise<Answer>
) => Effect.Effect<Session, never, Scope.Scope>

const toResult = (result: Record<string, unknown>): Result => {
  const [content] = result["content"] as ReadonlyArray<{ readonly text: string }>
  return {
    isError: result["isError"] === true,
    structured: result["structuredContent"],
    text: content?.text ?? ""
  }
}

/** Records the progress that arrives over a transport, before the client handles it. */
const recordProgress = (transport: object): Array<string> => {
  const progress: Array<string> = []
  const { onmessage } = transport as { onmessage?: (message: object) => void }
  const record = (message: object) => {
    const { method, params } = message as { method?: string; params?: { progress: number; total: number } }
    if (method === "notifications/progress") progress.push(`${params?.progress}/${params?.total}`)
    onmessage?.(message)
  }
  Object.assign(transport, { onmessage: record })
  return progress
}

const info = { name: "test", version: "1" }

const connect1: Connect = ({ command }, answer) =>
  Effect.gen(function* () {
    const questions: Array<string> = []
    const client = new Client1(info, { capabilities: answer === undefined ? {} : { elicitation: {} } })
    if (answer !== undefined) {
      client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
        questions.push(params.message)
        return { ...(await answer(params.message)) }
      })
    }
    const transport = new Stdio1({ ...command, stderr: "pipe" })
    let stderr = ""
    transport.stderr?.on("data", (chunk) => (stderr += String(chunk)))
    yield* Effect.acquireRelease(
      Effect.promise(() => client.connect(transport as Parameters<typeof client.connect>[0])),
      () => Effect.promise(() => client.close())
    )
    return {
      progress: recordProgress(transport),
      listTools: async () => (await client.listTools()).tools,
      call: async (name, args = {}, options) =>
        toResult(await client.callTool({ name, arguments: args }, undefined, options)),
      questions,
      stderr: () => stderr,
      instructions: () => client.getInstructions(),
      version: () => client.getServerVersion()?.version,
      pid: () => transport.pid
    }
  })

const connect2 =
  (mode: "legacy" | "auto"): Connect =>
  ({ command }, answer) =>
    Effect.gen(function* () {
      const questions: Array<string> = []
      const client = new Client2(info, {
        capabilities: answer === undefined ? {} : { elicitation: {} },
        versionNegotiation: { mode }
      })
      if (answer !== undefined) {
        client.setRequestHandler("elicitation/create", async ({ params }) => {
          questions.push(params.message)
          const { action, content } = await answer(params.message)
          return content === undefined ? { action } : { action, content: { ...content } }
        })
      }
      const transport = new Stdio2({ ...command, stderr: "pipe" })
      let stderr = ""
      transport.stderr?.on("data", (chunk) => (stderr += String(chunk)))
      yield* Effect.acquireRelease(
        Effect.promise(() => client.connect(transport)),
        () => Effect.promise(() => client.close())
      )
      return {
        progress: recordProgress(transport),
        listTools: async () => (await client.listTools()).tools,
        call: async (name, args = {}, options) => toResult(await client.callTool({ name, arguments: args }, options)),
        questions,
        stderr: () => stderr,
        instructions: () => client.getInstructions(),
        version: () => client.getServerVersion()?.version,
        pid: () => transport.pid
      }
    })

/** The official clients, and the revisions of the protocol that they speak. */
export const clients: Readonly<Record<string, Connect>> = {
  "client 1 (2025)": connect1,
  "client 2 (2025)": connect2("legacy"),
  "client 2 (2026)": connect2("auto")
}
