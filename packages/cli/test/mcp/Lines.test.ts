import { assert, describe, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { Effect } from "effect"
import {
  all,
  callOf,
  create,
  initialize,
  initialized,
  type Message,
  prepare,
  raw,
  requestsOf,
  until
} from "./support/harness.js"

const list: Message = { jsonrpc: "2.0", id: "tools", method: "tools/list" }

const toolsOf = (message: Message) =>
  (message["result"] as { readonly tools: ReadonlyArray<{ readonly name: string } & Message> }).tools

/** Returns the error of a tool, or `undefined`. */
const toolErrorOf = (message: Message) => {
  const { content, isError } = message["result"] as {
    readonly content: ReadonlyArray<{ readonly text: string }>
    readonly isError?: boolean
  }
  return isError === true ? (JSON.parse(content[0]?.text ?? "") as { readonly error: Message }).error : undefined
}

describe("the server", () => {
  it.scopedLive(
    "continues to respond after invalid lines and unknown methods, and exits with code 0 when its input ends",
    () =>
      Effect.gen(function* () {
        const server = yield* raw(yield* prepare({ flags: [] }))
        yield* server.send("this is no JSON")
        yield* server.send(initialize)
        yield* server.reply("first")
        yield* server.send(initialized)
        yield* server.send("{")
        yield* server.send(`{"jsonrpc":"2.0"}`)
        yield* server.send({ jsonrpc: "2.0", id: "unknown", method: "tools/destroy" })
        assert.deepInclude((yield* server.reply("unknown"))["error"], { code: -32601 })
        yield* server.send(callOf("a string", "check_setup", {}))
        assert.isUndefined(toolErrorOf(yield* server.reply("a string")))
        yield* server.send(callOf(0, "list_webhooks", {}))
        assert.isUndefined(toolErrorOf(yield* server.reply(0)))
        yield* server.end
        const { code, err } = yield* server.exit
        assert.deepStrictEqual({ code, err }, { code: 0, err: "" })
      })
  )

  it.scopedLive("exits with code 1 and shows the reason if a line is too long", () =>
    Effect.gen(function* () {
      const server = yield* raw(yield* prepare({ flags: [] }))
      yield* server.send(initialize)
      yield* server.reply("first")
      yield* Effect.fork(server.send(`{"jsonrpc":"2.0","id":1,"method":"${"x".repeat(10_100_000)}"}`))
      const { code, err } = yield* server.exit
      assert.strictEqual(code, 1)
      assert.match(err, /^mammoth-webhooks: stdin: a message is longer than 10,000,000 bytes; .*\n$/)
    })
  )

  it.scopedLive("responds to all lines that arrived before the end of its input", () =>
    Effect.gen(function* () {
      const started = yield* prepare({ flags: [] })
      yield* started.emulator.inject(Fault.delay({ operation: "list", delayBefore: "300 millis" }))
      const server = yield* raw(started)
      yield* server.send(initialize)
      yield* server.send(callOf("slow", "list_webhooks", {}))
      yield* server.end
      const { code, out } = yield* server.exit
      assert.strictEqual(code, 0)
      assert.include(out, `"structuredContent":{"webhooks":[]}`)
    })
  )

  it.scopedLive("exits soon after its input ends, and immediately after SIGTERM, even if a push stalls", () =>
    Effect.gen(function* () {
      const started = yield* prepare({ flags: ["--allow-write"] })
      const { emulator } = started
      const orders = yield* create(emulator, "orders", "combine")
      yield* emulator.inject(Fault.stall("start", { operation: "addData", times: "every" }))
      const stalled = (expected: number) =>
        Effect.gen(function* () {
          const server = yield* raw(started)
          yield* server.send(initialize)
          yield* server.send(callOf(1, "push_rows", { id: orders.id, rows: [{ order: 1 }] }))
          yield* until(Effect.map(requestsOf(emulator, "addData"), ({ length }) => length === expected))
          return server
        })
      const atEnd = yield* stalled(1)
      yield* atEnd.end
      const killed = yield* stalled(2)
      yield* killed.kill("SIGTERM")
      // Check only the time here. Other tests check the exit code after a signal.
      yield* Effect.timeout(killed.exit, "2 seconds")
      const byEnd = yield* Effect.timeout(atEnd.exit, "5 seconds")
      assert.strictEqual(byEnd.code, 0)
    })
  )

  it.scopedLive("lists and runs only the tools that its flags allow", () =>
    Effect.gen(function* () {
      const read = ["list_webhooks", "get_webhook", "plan_webhook", "check_setup"]
      const write = ["ensure_webhook", "push_rows"]
      const destructive = ["replace_rows", "delete_webhook"]
      const cases: ReadonlyArray<readonly [ReadonlyArray<string>, ReadonlyArray<string>, number]> = [
        [[], read, 800],
        [["--allow-write"], [...read, ...write], 1700],
        [["--allow-destructive"], [...read, ...destructive], 1700],
        [all, [...read, ...write, ...destructive], 1700]
      ]
      for (const [flags, expected, most] of cases) {
        const started = yield* prepare({ flags })
        const server = yield* raw(started)
        yield* server.send(initialize)
        yield* server.send(list)
        const reply = yield* server.reply("tools")
        const tools = toolsOf(reply)
        assert.deepStrictEqual(
          tools.map(({ name }) => name),
          expected
        )
        assert.isAtMost(Buffer.byteLength(JSON.stringify(reply["result"])) / 4, most)
        for (const { annotations, inputSchema, name, outputSchema } of tools) {
          assert.deepStrictEqual(annotations, {
            readOnlyHint: read.includes(name),
            destructiveHint: destructive.includes(name),
            idempotentHint: name !== "push_rows",
            openWorldHint: true
          })
          for (const schema of [inputSchema, outputSchema]) {
            assert.deepInclude(schema, { type: "object", additionalProperties: false })
          }
        }
        const refused = [...write, ...destructive].filter((name) => !tools.some((tool) => tool.name === name))
        for (const name of refused) {
          yield* server.send(callOf(name, name, { id: 1, name: "orders", mode: "combine", rows: [{ order: 1 }] }))
          assert.deepInclude((yield* server.reply(name))["error"], { code: -32602 })
        }
        assert.deepStrictEqual(yield* started.emulator.requests, [])

        // Try to set the mode `replace`, with which each push replaces all rows.
        if (tools.some(({ name }) => name === "ensure_webhook") && !flags.includes("--allow-destructive")) {
          yield* create(started.emulator, "orders", "combine")
          yield* server.send(callOf("mode", "ensure_webhook", { name: "orders", mode: "replace" }))
          assert.deepInclude(toolErrorOf(yield* server.reply("mode")), { code: "NotAllowed" })
          assert.deepStrictEqual(yield* requestsOf(started.emulator, "update"), [])
        }
      }
    })
  )

  it.scopedLive("takes at most one second longer to start than an empty process", () =>
    Effect.gen(function* () {
      const started = yield* prepare()
      const millisOf = <A>(self: Effect.Effect<A>) =>
        Effect.gen(function* () {
          const start = performance.now()
          yield* self
          return performance.now() - start
        })
      const empty = Effect.scoped(
        Effect.flatMap(raw({ ...started, command: { ...started.command, args: ["-e", ""] } }), ({ exit }) => exit)
      )
      const connect = Effect.scoped(
        Effect.gen(function* () {
          const server = yield* raw(started)
          yield* server.send(initialize)
          yield* server.reply("first")
        })
      )
      const pairs = yield* Effect.replicateEffect(Effect.zip(millisOf(empty), millisOf(connect)), 2)
      // Allow more time on a busy machine, where even an empty process is slow.
      assert.isTrue(pairs.some(([before, after]) => after - before < Math.max(1000, 10 * before)))
    })
  )
})

const modern = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": { elicitation: {} }
}

describe("a confirmation", () => {
  it.scopedLive("is valid for one call, with the arguments and the question that the user saw", () =>
    Effect.gen(function* () {
      const started = yield* prepare()
      const { emulator } = started
      const [orders, prices] = [
        yield* create(emulator, "orders", "combine"),
        yield* create(emulator, "prices", "replace")
      ]
      const server = yield* raw(started)
      let id = 0
      const remove = (webhookId: number, more: Message = {}) => {
        const message = callOf(++id, "delete_webhook", { id: webhookId }, modern)
        return Effect.zipRight(
          server.send({ ...message, params: { ...(message["params"] as Message), ...more } }),
          server.reply(id)
        )
      }
      const ask = (webhookId: number) =>
        Effect.map(remove(webhookId), (reply) => {
          const { requestState, resultType } = reply["result"] as Message
          assert.strictEqual(resultType, "input_required")
          return requestState
        })
      const inputResponses = { confirm: { action: "accept", content: { confirm: true } } }
      const codeOf = (reply: Message) => toolErrorOf(reply)?.["code"]

      // Send an answer without a question. The server treats the call as a first call, and asks.
      const unasked = yield* remove(orders.id, { inputResponses })
      assert.strictEqual((unasked["result"] as Message)["resultType"], "input_required")
      const invented = yield* remove(orders.id, { inputResponses, requestState: "invented" })
      assert.strictEqual(codeOf(invented), "ConfirmationExpired")

      const forOrders = yield* ask(orders.id)
      const other = yield* remove(prices.id, { inputResponses, requestState: forOrders })
      assert.strictEqual(codeOf(other), "ConfirmationChanged")
      const used = yield* remove(orders.id, { inputResponses, requestState: forOrders })
      assert.strictEqual(codeOf(used), "ConfirmationExpired")
      assert.deepStrictEqual(yield* requestsOf(emulator, "delete"), [])

      const seen = yield* ask(orders.id)
      assert.isUndefined(codeOf(yield* remove(orders.id, { inputResponses, requestState: seen })))
      assert.strictEqual((yield* requestsOf(emulator, "delete")).length, 1)
    })
  )
})
