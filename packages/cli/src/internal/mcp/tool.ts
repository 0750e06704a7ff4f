/** A tool: its name, schemas and annotations, and the effect that it runs. */
import type { Webhooks } from "@mammoth-effect/client/Webhooks"
import type { CallToolResult, InputRequiredResult, McpServer, ServerContext } from "@modelcontextprotocol/server"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Ask, Confirmations } from "./confirm.js"
import { ToolError } from "./failure.js"
import { type StructOf, toStandard } from "./standard.js"

/** The levels of rights that tools can need, from the lowest to the highest. */
export type Level = "read" | "write" | "destructive"

/** The functions that a tool can use during one call. */
export interface Call {
  /** Asks the user to confirm. Fails unless the user agrees. */
  readonly confirm: (question: string) => Effect.Effect<void, Ask | ToolError>
  /** Reports progress to the client, if the client requested progress reports. */
  readonly progress: (done: number, total: number) => Effect.Effect<void>
  /** Returns how long the tool can still work before it must return its result. */
  readonly timeLeft: Effect.Effect<Duration.Duration>
}

interface Definition<In, InEncoded, Out extends object, OutEncoded> {
  readonly name: string
  readonly level: Level
  readonly description: string
  /** `true` if a second call with the same arguments has no further effect. */
  readonly isIdempotent: boolean
  readonly input: StructOf<In, InEncoded>
  readonly output: StructOf<Out, OutEncoded>
  readonly run: (input: In, call: Call) => Effect.Effect<Out, ToolError | Ask, Webhooks>
}

/**
 * The response to one request of a call: the final result, or a question to the user. When the user has answered, the
 * client sends the next request of the call.
 */
type Round = CallToolResult | InputRequiredResult

/** The parts of the server that a tool uses. */
export interface Host {
  readonly server: McpServer
  readonly confirmations: Confirmations
  /** The longest time for one call with all its requests. */
  readonly timeLimit: Duration.Duration
  /** Runs the effect for one request of a call, until the effect ends or the signal is aborted. */
  readonly run: (round: Effect.Effect<Round, never, Webhooks>, signal: AbortSignal) => Promise<Round>
}

/** A tool, ready to be registered. */
export interface Tool {
  readonly name: string
  readonly level: Level
  readonly register: (host: Host) => void
}

const text = (value: unknown) => [{ type: "text" as const, text: JSON.stringify(value) }]

const toResult = ({ code, delivery, hint, message, retryable, rows }: ToolError): CallToolResult => ({
  content: text({ error: { code, message, delivery, retryable, hint, rows } }),
  isError: true
})

/** Makes the error for a defect in a tool. The error contains no internal details. */
const defect = (level: Level): ToolError =>
  new ToolError({
    code: "Defect",
    message: "The tool failed for an internal reason.",
    delivery: level === "read" ? "NotSent" : "Unknown",
    retryable: false,
    hint: "Report this to the maintainers of mammoth-webhooks, with the log of this server."
  })

/**
 * The last part of a call's time limit, which is reserved for the result. A push uses this time to report which rows were
 * delivered.
 */
const reserve = Duration.seconds(1)

/** Makes the error of a call that took too long. */
const timeUp = (level: Level, isIdempotent: boolean, limit: Duration.Duration): ToolError =>
  new ToolError({
    code: "TimeUp",
    message: `The call did not finish within ${Duration.format(limit)}.`,
    delivery: level === "read" ? "NotSent" : "Unknown",
    retryable: isIdempotent,
    ...(level === "read"
      ? {}
      : { hint: "The server may have acted. Check the webhook and its dataset before you repeat the call." })
  })

const progressOf =
  ({ mcpReq }: ServerContext): Call["progress"] =>
  (progress, total) => {
    const progressToken = mcpReq._meta?.progressToken
    return progressToken === undefined
      ? Effect.void
      : Effect.ignore(
          Effect.tryPromise(() =>
            mcpReq.notify({ method: "notifications/progress", params: { progressToken, progress, total } })
          )
        )
  }

/** Makes a tool from its definition. */
export const make = <In, InEncoded, Out extends object, OutEncoded>(
  tool: Definition<In, InEncoded, Out, OutEncoded>
): Tool => {
  const input = toStandard(tool.input)
  const output = toStandard(tool.output)
  return {
    name: tool.name,
    level: tool.level,
    register: ({ confirmations, run, server, timeLimit }) => {
      const round = (input: In, context: ServerContext): Effect.Effect<Round, never, Webhooks> =>
        Clock.currentTimeMillis.pipe(
          Effect.flatMap((start) =>
            tool.run(input, {
              confirm: (question) => confirmations.confirm({ tool: tool.name, input, question }, server, context),
              progress: progressOf(context),
              timeLeft: Effect.map(Clock.currentTimeMillis, (now) =>
                Duration.subtract(timeLimit, Duration.sum(reserve, Duration.millis(now - start)))
              )
            })
          ),
          Effect.timeoutFail({
            duration: timeLimit,
            onTimeout: () => timeUp(tool.level, tool.isIdempotent, timeLimit)
          }),
          Effect.map((output): Round => ({ content: text(output), structuredContent: { ...output } })),
          Effect.catchTags({
            Ask: ({ question }) => Effect.succeed<Round>(question),
            ToolError: (error) => Effect.succeed<Round>(toResult(error))
          }),
          Effect.catchAllCause((cause) =>
            Cause.isInterruptedOnly(cause)
              ? Effect.interrupt
              : Effect.as(Effect.logDebug(`a defect in ${tool.name}`, cause), toResult(defect(tool.level)))
          )
        )
      server.registerTool(
        tool.name,
        {
          description: tool.description,
          inputSchema: input,
          outputSchema: output,
          annotations: {
            readOnlyHint: tool.level === "read",
            destructiveHint: tool.level === "destructive",
            idempotentHint: tool.isIdempotent,
            openWorldHint: true
          }
        },
        (input, context) => run(round(input, context), context.mcpReq.signal)
      )
    }
  }
}
