/** The Model Context Protocol server on stdin and stdout. It offers the tools that the user allows. */
import process from "node:process"
import type { InProject, Webhooks } from "@mammoth-effect/client/Webhooks"
import { McpServer } from "@modelcontextprotocol/server"
import { serveStdio } from "@modelcontextprotocol/server/stdio"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as FiberSet from "effect/FiberSet"
import * as HashSet from "effect/HashSet"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import type { ProtocolError } from "../shell/errors.js"
import * as Confirm from "./confirm.js"
import { interruptedBy } from "./signal.js"
import type { Host, Tool } from "./tool.js"
import * as Destructive from "./tools/destructive.js"
import * as Read from "./tools/read.js"
import * as Write from "./tools/write.js"
import * as Wire from "./wire.js"

/** Options of the server. */
export interface Options extends InProject {
  /** If `true`, the server offers the tools that write. */
  readonly allowWrite: boolean
  /** If `true`, the server offers the tools that replace or delete. The option `allowWrite` does not include these tools. */
  readonly allowDestructive: boolean
  /** The version that clients see. Default: `0.0.0`. */
  readonly version?: string | undefined
}

const toolsOf = ({ allowDestructive, allowWrite, projectId, workspaceId }: Options): ReadonlyArray<Tool> => {
  const project = { workspaceId, projectId }
  return [
    ...Read.make(project),
    ...(allowWrite ? Write.make(project, allowDestructive) : []),
    ...(allowDestructive ? Destructive.make(project) : [])
  ]
}

const instructionsOf = ({ allowDestructive, allowWrite, projectId, workspaceId }: Options): string =>
  [
    `Webhooks of Mammoth Analytics: JSON pushed to a webhook becomes rows of its dataset. All tools act in project ${projectId} of workspace ${workspaceId}.`,
    ...(allowWrite ? [] : ["Writing is not allowed. To allow it, the user can start this server with --allow-write."]),
    ...(allowDestructive
      ? []
      : [
          "Replacing rows and deleting webhooks are not allowed. To allow both, the user can start this server with --allow-destructive."
        ]),
    "An error says if the API acted (delivery), and if the call may be repeated (retryable). Never repeat a push whose delivery is Unknown."
  ].join(" ")

/**
 * A validator that rejects every value. The MCP SDK does not use the validator here, because the SDK validates only the
 * client's responses to requests of the server. This server sends no requests.
 */
const noValidator = {
  getValidator: () => () => ({ valid: false as const, data: undefined, errorMessage: "not supported" })
}

/**
 * The time limit of a call. Clients give up after a minute, so the server must stop a call sooner. Otherwise nobody would
 * learn which rows were delivered.
 */
const timeLimit = Duration.seconds(45)

const makeServer = (options: Options, host: Omit<Host, "server">): McpServer => {
  const server = new McpServer(
    { name: "mammoth-webhooks", version: options.version ?? "0.0.0" },
    {
      capabilities: { tools: { listChanged: false } },
      instructions: instructionsOf(options),
      jsonSchemaValidator: noValidator
    }
  )
  for (const tool of toolsOf(options)) tool.register({ ...host, server })
  return server
}

/**
 * Sends all logs to stderr, because stdout carries the protocol. Replaces every logger, because any logger may write to
 * stdout.
 */
const logToStderr = Effect.locallyWith(FiberRef.currentLoggers, (_others) =>
  HashSet.make(Logger.withConsoleError(Logger.logfmtLogger))
)

/**
 * Runs the server on stdin and stdout. The server stops when the input ends, when the output is closed, or when this effect
 * is interrupted. After the end of the input, the server first waits up to 3 seconds for the calls in flight. The server
 * then interrupts the remaining calls, and waits until all of them have ended.
 */
export const serve = (options: Options): Effect.Effect<void, ProtocolError, Webhooks> =>
  Effect.gen(function* () {
    const confirmations = yield* Confirm.make
    const fork = yield* FiberSet.makeRuntimePromise<Webhooks>()
    const run: Host["run"] = (round, signal) => fork(Effect.raceFirst(round, interruptedBy(signal)))
    const { closed, transport } = yield* Wire.make(process.stdin, process.stdout)
    yield* Effect.acquireRelease(
      Effect.sync(() => serveStdio(() => makeServer(options, { confirmations, run, timeLimit }), { transport })),
      (served) => Effect.promise(() => served.close())
    )
    yield* closed
  }).pipe(
    Effect.scoped,
    logToStderr,
    // Do not log the errors of fibers. An error can contain a message of the API, and the API can repeat secrets of other
    // webhooks.
    Effect.withUnhandledErrorLogLevel(Option.none())
  )
