import { assert, describe, it } from "@effect/vitest"
import { Webhooks } from "@mammoth-effect/client"
import { Fault } from "@mammoth-effect/emulator"
import { Effect } from "effect"
import { type Answer, clients } from "./support/clients.js"
import { create, managing, prepare, project, requestsOf, until } from "./support/harness.js"

const errorOf = (text: string): Record<string, unknown> => {
  const { error } = JSON.parse(text) as { readonly error: Record<string, unknown> }
  return error
}

for (const [name, connect] of Object.entries(clients)) {
  describe(`the server with ${name}`, () => {
    it.scopedLive("reads, creates and updates webhooks, and pushes rows that arrive in the dataset", () =>
      Effect.gen(function* () {
        const started = yield* prepare({ flags: ["--allow-write"] })
        const { emulator } = started
        const session = yield* connect(started)
        assert.match(session.version() ?? "", /^\d+\.\d+\.\d+$/)
        assert.include(session.instructions() ?? "", "project 7 of workspace 4")
        const call = (...parameters: Parameters<typeof session.call>) =>
          Effect.promise(() => session.call(...parameters))

        const wanted = { name: "orders", mode: "combine", origins: "https://shop.example" }
        const planned = yield* call("plan_webhook", wanted)
        assert.deepStrictEqual(planned.structured, { action: "create", changes: [] })
        assert.strictEqual((yield* requestsOf(emulator, "create")).length, 0)
        const ensured = yield* call("ensure_webhook", wanted)
        const { webhook } = ensured.structured as { readonly webhook: { readonly id: number } }
        assert.deepStrictEqual(ensured.structured, {
          action: "create",
          webhook: { ...wanted, id: webhook.id, datasetId: (webhook as { datasetId?: number }).datasetId }
        })
        assert.deepStrictEqual(JSON.parse(ensured.text), ensured.structured)
        const again = yield* call("ensure_webhook", { ...wanted, origins: "*" })
        assert.deepInclude(again.structured, { action: "update" })

        const rows = Array.from({ length: 25 }, (_, order) => ({
          order,
          note: null,
          items: ["tea"],
          ["__proto__"]: "a column like others"
        }))
        const pushed = yield* call("push_rows", { id: webhook.id, rows }, { onprogress: () => {} })
        assert.deepStrictEqual(pushed, { isError: false, structured: { accepted: 25 }, text: `{"accepted":25}` })
        const stored = (yield* emulator.rows(webhook.id)) as ReadonlyArray<(typeof rows)[number]>
        assert.deepStrictEqual(
          stored.toSorted((a, b) => a.order - b.order),
          rows
        )
        assert.deepStrictEqual(
          session.progress,
          rows.map((_, index) => `${index + 1}/25`)
        )

        yield* create(emulator, "prices", "replace")
        const listed = yield* call("list_webhooks", { mode: "combine" })
        assert.deepStrictEqual(listed.structured, {
          webhooks: [(again.structured as typeof ensured & { webhook: unknown }).webhook]
        })
        const paged = yield* call("list_webhooks", { limit: 1 })
        assert.deepInclude(paged.structured, { nextOffset: 1 })
        const last = yield* call("list_webhooks", { limit: 1, offset: 1 })
        assert.notProperty(last.structured, "nextOffset")
        const got = yield* call("get_webhook", { id: webhook.id })
        assert.deepInclude(got.structured, { id: webhook.id, name: "orders", origins: "*" })
        const checked = yield* call("check_setup")
        assert.deepInclude(checked.structured, { ok: true, ...project })
        assert.strictEqual(session.stderr(), "")
      })
    )

    it.scopedLive("replaces rows and deletes webhooks only if the user confirms", () =>
      Effect.gen(function* () {
        const started = yield* prepare({ arraysAreRows: true })
        const { emulator } = started
        const prices = yield* create(emulator, "prices", "replace")
        const orders = yield* create(emulator, "orders", "combine")
        const answers = [
          { action: "decline" },
          { action: "cancel" },
          { action: "accept", content: { confirm: false } }
        ] as const
        let answer: Answer = answers[0]
        const asked = yield* connect(started, () => answer)
        const mute = yield* connect(started)
        const calls = [
          ["replace_rows", { id: prices.id, rows: [{ price: 3 }] }],
          ["delete_webhook", { id: prices.id }],
          ["ensure_webhook", { name: "orders", mode: "replace" }]
        ] as const
        const expectRefusals = (session: typeof asked, code: string) =>
          Effect.forEach(calls, ([tool, args]) =>
            Effect.map(
              Effect.promise(() => session.call(tool, args)),
              ({ isError, text }) => {
                assert.isTrue(isError)
                assert.deepInclude(errorOf(text), { code, delivery: "NotSent", retryable: false })
              }
            )
          )
        for (const each of answers) {
          answer = each
          yield* expectRefusals(asked, "NotConfirmed")
        }
        assert.strictEqual(asked.questions.length, answers.length * calls.length)
        yield* expectRefusals(mute, "CannotConfirm")
        for (const operation of ["addData", "delete", "update"]) {
          assert.deepStrictEqual(yield* requestsOf(emulator, operation), [])
        }
        const left = yield* Webhooks.getDetails({ ...project, webhookId: orders.id }).pipe(
          Effect.provide(managing(emulator))
        )
        assert.strictEqual(left.mode, "combine")

        answer = { action: "accept", content: { confirm: true } }
        asked.questions.length = 0
        const call = (...parameters: Parameters<typeof asked.call>) => Effect.promise(() => asked.call(...parameters))
        const replaced = yield* call("replace_rows", { id: prices.id, rows: [{ price: 3 }, { price: 4 }] })
        assert.deepStrictEqual(replaced.structured, { accepted: 2 })
        assert.deepStrictEqual(yield* emulator.rows(prices.id), [{ price: 3 }, { price: 4 }])
        yield* emulator.inject(Fault.status(503, { operation: "addData", acts: true }))
        const lost = errorOf((yield* call("replace_rows", { id: prices.id, rows: [{ price: 5 }] })).text)
        assert.deepInclude(lost, { code: "MammothServerError", delivery: "Unknown", retryable: false })
        asked.questions.pop()
        const deleted = yield* call("delete_webhook", { id: prices.id })
        assert.deepStrictEqual(deleted.structured, { deleted: prices.id })
        assert.strictEqual((yield* Effect.flip(emulator.rows(prices.id)))._tag, "MammothUnknownWebhook")
        const set = yield* call("ensure_webhook", { name: "orders", mode: "replace" })
        assert.deepInclude(set.structured, { action: "update" })
        assert.deepStrictEqual(asked.questions, [
          `Replace ALL rows of dataset ${prices.datasetId} through webhook "prices" (id ${prices.id}) with 2 rows? The current rows will be lost.`,
          `Delete webhook "prices" (id ${prices.id}), which feeds dataset ${prices.datasetId}? Its address stops working for all senders.`,
          `Set webhook ${orders.id} to mode replace? Each push to it will then replace all rows.`
        ])
      })
    )

    it.scopedLive("stops a slow push when the client cancels the push, and continues to serve", () =>
      Effect.gen(function* () {
        const started = yield* prepare({ flags: ["--allow-write"] })
        const { emulator } = started
        const orders = yield* create(emulator, "orders", "combine")
        const session = yield* connect(started)
        yield* emulator.inject(Fault.stall("start", { operation: "addData", times: "every" }))
        const controller = new AbortController()
        const rows = Array.from({ length: 100 }, (_, order) => ({ order }))
        const pushing = session.call("push_rows", { id: orders.id, rows }, { signal: controller.signal })
        const failed = pushing.then(
          () => false,
          () => true
        )
        const arrived = Effect.map(requestsOf(emulator, "addData"), ({ length }) => length)
        yield* until(Effect.map(arrived, (count) => count === 8))
        const open = yield* emulator.openSockets
        controller.abort()
        assert.isTrue(yield* Effect.promise(() => failed))
        // Wait until the requests in flight have lost their connections.
        yield* until(Effect.map(emulator.openSockets, (count) => count <= open - 8))
        yield* emulator.clearFaults
        const listed = yield* Effect.promise(() => session.call("list_webhooks"))
        assert.isFalse(listed.isError)
        assert.strictEqual(yield* arrived, 8)
        assert.deepStrictEqual(yield* emulator.rows(orders.id), [])
      })
    )
  })
}
