/** Runs every operation against every fault. Counts the requests that the server received, and notes the caller's error. */
import type { Webhook } from "@mammoth-effect/core"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Effect, type Layer, Schedule } from "effect"
import { RetryPolicy, Webhooks } from "../../src/index.js"
import * as Server from "./Server.js"

const every = { times: "every" } as const

const faults: ReadonlyArray<readonly [what: string, fault: Fault.Fault]> = [
  ["400", Fault.status(400, every)],
  ["401", Fault.status(401, every)],
  ["403", Fault.status(403, every)],
  ["404", Fault.status(404, every)],
  ["408", Fault.status(408, every)],
  ["409", Fault.status(409, every)],
  ["413", Fault.status(413, every)],
  ["421", Fault.status(421, every)],
  ["425", Fault.status(425, every)],
  ["429", Fault.status(429, every)],
  ["429 with a Retry-After of 61 s", Fault.status(429, { ...every, headers: { "retry-after": "61" } })],
  ["500", Fault.status(500, every)],
  ["502 with an HTML page", Fault.html({ ...every, status: 502 })],
  ["503", Fault.status(503, every)],
  ["504", Fault.status(504, every)],
  ["302", Fault.status(302, { ...every, headers: { location: "https://elsewhere.example/" } })],
  ["307", Fault.status(307, { ...every, headers: { location: "/elsewhere" } })],
  ["reset before the first byte", Fault.reset("start", every)],
  ["reset after acting, before the first byte", Fault.reset("start", { ...every, acts: true })],
  ["reset after the headers", Fault.reset("headers", every)],
  ["reset in the body", Fault.reset("body", every)],
  ["closed in the body", Fault.truncated(every)],
  ["stalled before the first byte", Fault.stall("start", every)],
  ["stalled after the headers", Fault.stall("headers", every)],
  ["stalled in the body", Fault.stall("body", every)],
  ["200 with an HTML page", Fault.html(every)],
  ["200 with unexpected JSON", Fault.wrongJson(every)],
  ["200 with incomplete JSON", Fault.cutJson(every)],
  ["200 with another content type", Fault.contentType("text/plain", every)]
]

type Call = (
  webhook: Webhook.Webhook
) => Effect.Effect<unknown, { readonly _tag: string; readonly delivery: string }, Webhooks.Webhooks>

const calls: ReadonlyArray<readonly [name: string, call: Call]> = [
  ["list", () => Server.api.list()],
  ["create", () => Server.api.create({})],
  ["getDetails", ({ id }) => Server.api.getDetails({ webhookId: id })],
  ["update", ({ id }) => Server.api.update({ webhookId: id, origins: "*" })],
  ["delete", ({ id }) => Server.api.delete({ webhookId: id })],
  ["addDataUsingGet", (webhook) => Webhooks.addDataUsingGet(webhook, { n: 1 })],
  ["addData", (webhook) => Webhooks.addData(webhook, { n: 1 })]
]

const cell = (fault: Fault.Fault, call: Call) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator.Emulator
    const webhook = yield* Server.api.create({})
    yield* emulator.clearRequests
    yield* emulator.inject(fault)
    const outcome = yield* Effect.match(call(webhook), {
      onSuccess: () => "success",
      onFailure: ({ _tag, delivery }) => `${_tag.replace(/^Mammoth/, "")} ${delivery}`
    })
    const attempts = (yield* emulator.requests).length
    yield* emulator.clearFaults
    return `${attempts} ${outcome}`
  })

const row = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`

const names = calls.map(([name]) => name)

/** Makes a layer with a new emulator and a client of the emulator. */
type MakeLayer = (
  options: Pick<Server.Options, "config" | "retry">
) => Layer.Layer<Emulator.Emulator | Webhooks.Webhooks, unknown>

/** Makes the matrix as a Markdown table. The policy is the standard policy, but with short waits and no retry budget. */
export const matrix = (makeLayer: MakeLayer) =>
  Effect.forEach(
    faults,
    ([what, fault]) =>
      Effect.forEach(calls, ([, call]) => cell(fault, call)).pipe(
        Effect.map((cells) => row([what, ...cells])),
        Effect.provide(
          makeLayer({
            config: { timeout: fault.answer._tag === "Stall" ? "600 millis" : "20 seconds" },
            retry: RetryPolicy.make({ schedule: Schedule.spaced("1 millis"), budget: "unlimited" })
          })
        )
      ),
    { concurrency: 5 }
  ).pipe(Effect.map((rows) => [row(["fault", ...names]), row(["---", ...names.map(() => "---")]), ...rows].join("\n")))

/** The page that shows the matrix. */
export const page = Effect.map(
  matrix(Server.layer),
  (table) => `# Fault matrix

This page shows the result of each operation if every request meets the same fault. Each cell shows the number of requests
that the server received, and the outcome. The outcome is \`success\`, or the error and its \`delivery\`.
[Errors and delivery](errors.md) explains the errors and the deliveries.

- The policy is \`RetryPolicy.standard\`, but with shorter waits between the attempts, and without a retry budget.
- "Stalled" means that the server stops sending. The timeout then ends the attempt.
- "After acting" means that the server carries out the operation before the reset.
- After a 421, Node's fetch itself sends the request again. So the server receives two requests for each attempt.

The command \`npx -y pnpm@12 faults\` measures the results and writes this page. The command uses the emulator, a real socket
and Node's fetch. A test compares this page with a new run.

${table}
`
)
