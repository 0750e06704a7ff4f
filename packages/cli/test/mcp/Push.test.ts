import { assert, describe, it } from "@effect/vitest"
import { Webhooks } from "@mammoth-effect/client"
import { Webhook } from "@mammoth-effect/core"
import { type Emulator, Fault } from "@mammoth-effect/emulator"
import type { CallToolResult, McpServer } from "@modelcontextprotocol/server"
import { Duration, Effect, Runtime } from "effect"
import * as Confirm from "../../src/internal/mcp/confirm.js"
import type { ToolError } from "../../src/internal/mcp/failure.js"
import { push } from "../../src/internal/mcp/push.js"
import type { Host, Tool } from "../../src/internal/mcp/tool.js"
import * as Write from "../../src/internal/mcp/tools/write.js"
import { create, emulate, managing, project, requestsOf } from "./support/harness.js"

/** Registers a tool, and returns its handler. */
const handlerOf = (tools: ReadonlyArray<Tool>, name: string, host: Omit<Host, "server">) => {
  const handlers: Array<(input: unknown, context: unknown) => Promise<CallToolResult>> = []
  const server = {
    registerTool: (_name: string, _config: unknown, handler: (typeof handlers)[number]) => handlers.push(handler)
  } as unknown as McpServer
  for (const tool of tools) if (tool.name === name) tool.register({ ...host, server })
  return handlers[0] ?? assert.fail(`no ${name}`)
}

/** Calls a tool that writes, with a time limit, and returns the error in the result. */
const callWithin = (emulator: Emulator.Service, timeLimit: Duration.Duration, name: string, input: unknown) =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<Webhooks.Webhooks>()
    const call = handlerOf(Write.make(project, false), name, {
      confirmations: yield* Confirm.make,
      timeLimit,
      run: (round) => Runtime.runPromise(runtime)(round)
    })
    const { content } = yield* Effect.promise(() => call(input, { mcpReq: { signal: new AbortController().signal } }))
    const [first] = content
    return (JSON.parse(first?.type === "text" ? first.text : "{}") as { readonly error: ToolError }).error
  }).pipe(Effect.provide(managing(emulator)))

describe("a call", () => {
  it.scopedLive("gives the push the time that remains after the lookup, and reports which rows were delivered", () =>
    Effect.gen(function* () {
      const emulator = yield* emulate()
      const { id } = yield* create(emulator, "orders", "combine")
      const rows = Array.from({ length: 30 }, (_, order) => ({ order }))
      yield* emulator.inject(Fault.delay({ operation: "getDetails", delayBefore: "1500 millis" }))
      yield* emulator.inject(Fault.delay({ operation: "addData", times: 10 }))
      yield* emulator.inject(Fault.stall("start", { operation: "addData", times: "every" }))
      const [took, error] = yield* Effect.timed(callWithin(emulator, Duration.seconds(4), "push_rows", { id, rows }))
      assert.isBelow(Duration.toSeconds(took), 4)
      assert.deepInclude(error, { code: "TimeUp", delivery: "Unknown", retryable: false })
      assert.isAbove(error.rows?.accepted ?? 0, 0)
    })
  )

  it.scopedLive("ends at its time limit even if no single request times out", () =>
    Effect.gen(function* () {
      const emulator = yield* emulate()
      yield* emulator.inject(Fault.delay({ operation: "list", delayBefore: "700 millis", times: "every" }))
      yield* emulator.inject(Fault.stall("start", { operation: "create", times: "every" }))
      const [took, error] = yield* Effect.timed(
        callWithin(emulator, Duration.seconds(2), "ensure_webhook", { name: "orders", mode: "combine" })
      )
      assert.isBelow(Duration.toSeconds(took), 3)
      assert.deepInclude(error, { code: "TimeUp", delivery: "Unknown", retryable: true })
    })
  )
})

describe("push", () => {
  it.scopedLive("reports the outcome of each row when the call reaches its time limit", () =>
    Effect.gen(function* () {
      const emulator = yield* emulate()
      const { id } = yield* create(emulator, "orders", "combine")
      const rows = Array.from({ length: 30 }, (_, order) => ({ order }))
      // Let the server accept ten rows, and then stall.
      yield* emulator.inject(Fault.delay({ operation: "addData", times: 10 }))
      yield* emulator.inject(Fault.stall("start", { operation: "addData", times: "every" }))
      const error = yield* Effect.gen(function* () {
        const webhook = yield* Webhooks.getDetails({ ...project, webhookId: id })
        assert.isTrue(Webhook.isCombine(webhook))
        return Webhook.isCombine(webhook)
          ? yield* push(webhook, rows, {
              progress: () => Effect.void,
              timeLeft: Effect.succeed(Duration.millis(1500))
            })
          : { accepted: 0 }
      }).pipe(Effect.flip, Effect.provide(managing(emulator)))
      assert(error._tag === "ToolError")
      assert.deepInclude({ ...error }, { code: "TimeUp", delivery: "Unknown", retryable: false })
      const { accepted: count, notSent, refused, unknown } = error.rows ?? assert.fail("no rows")
      const stored = (yield* emulator.rows(id)).length
      assert.isAtMost(count, stored)
      assert.isAtMost(stored, count + unknown.length)
      assert.isAbove(count, 0)
      assert.deepStrictEqual(refused, [])
      assert.isAbove(unknown.length, 0)
      assert.isAbove(notSent.length, 0)
      assert.strictEqual(count + unknown.length + notSent.length, rows.length)
      // Check that the server received none of the unsent rows.
      const sent = (yield* requestsOf(emulator, "addData")).map(
        ({ body }) => (JSON.parse(body) as (typeof rows)[number]).order
      )
      assert.deepStrictEqual(
        notSent.filter((index) => sent.includes(index)),
        []
      )
    })
  )
})
