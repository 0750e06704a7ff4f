/** Writes docs/images/emulator.png, the screenshot of the emulator's page in README.md. Needs Chromium. */
import { fileURLToPath } from "node:url"
import { Effect, Redacted } from "effect"
import { launch } from "../browser.shared.js"
import { Emulator, Fault } from "../packages/emulator/src/index.js"

const path = fileURLToPath(new URL("../docs/images/emulator.png", import.meta.url))

const program = Effect.gen(function* () {
  const emulator = yield* Emulator.make({ seed: 1 })
  const call = (method: string, target: string, body: unknown) =>
    Effect.promise(() =>
      fetch(`${emulator.baseUrl}${target}`, {
        method,
        headers: {
          "content-type": "application/json",
          "x-api-key": Redacted.value(emulator.apiKey),
          "x-api-secret": Redacted.value(emulator.apiSecret)
        },
        body: JSON.stringify(body)
      })
    )
  const created = yield* call("POST", "/workspaces/4/projects/4/webhooks", { name: "orders", mode: "combine" })
  const { webhook } = yield* Effect.promise(() => created.json())
  const target = `/webhooks/data/${webhook.uri.split("/").at(-1)}`
  yield* call("POST", target, { order: 1, customer: "Ada", total: 9.5 })
  yield* emulator.inject(Fault.status(503, { operation: "addData" }))
  yield* call("POST", target, { order: 2, customer: "Grace", total: 12 })
  yield* call("POST", target, { order: 2, customer: "Grace", total: 12 })
  yield* call("POST", target, { order: 3, customer: "Alan", total: 7.25 })

  const browser = yield* Effect.acquireRelease(Effect.promise(launch), (browser) =>
    Effect.promise(() => browser.close())
  )
  yield* Effect.promise(async () => {
    const page = await browser.newPage({ viewport: { width: 1100, height: 860 } })
    await page.goto(new URL(emulator.baseUrl).origin)
    await page.locator("#rows").getByText("Alan").first().waitFor()
    await page.screenshot({ path })
  })
})

await Effect.runPromise(Effect.scoped(program))
