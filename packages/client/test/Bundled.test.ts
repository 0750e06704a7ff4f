/** Tests the bundles of `promise` in a process that can load no other package. `promise.test.ts` also runs on the bundles. */
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Emulator } from "@mammoth-effect/emulator"
import { Effect, Schema } from "effect"
import * as promise from "../src/promise.js"
import * as promiseNdjson from "../src/promiseNdjson.js"
import { project } from "./support/Server.js"

const program = `
import { assumeCombine, isMammothError, makeClient, reveal } from "./dist/bundled/promise.js"
import { ingestNdjson } from "./dist/bundled/promiseNdjson.js"

const { BASE_URL: baseUrl, PROJECT } = process.env
const credentials = { apiKey: "emulator-key", apiSecret: "emulator-secret" }
const mammoth = makeClient({ baseUrl, credentials })
const orders = await mammoth.ensure("orders", { ...JSON.parse(PROJECT), mode: "combine" })
await mammoth.addData(orders, { order: 1 })
await mammoth.ingest(orders, [{ order: 2 }])
const lines = new TextEncoder().encode('{"order":3}\\n{"order":4}')
const report = await ingestNdjson(mammoth, assumeCombine(reveal(orders.uri)), lines)
const error = await mammoth.addData("no key", {}).catch((error) => error)
await mammoth.close()
const exported = {
  promise: Object.keys(await import("./dist/bundled/promise.js")).sort(),
  promiseNdjson: Object.keys(await import("./dist/bundled/promiseNdjson.js"))
}
console.log(JSON.stringify({ id: orders.id, accepted: report.accepted.rows, isMammothError: isMammothError(error), exported }))
`

const Printed = Schema.parseJson(
  Schema.Struct({
    id: Schema.Number,
    accepted: Schema.Number,
    isMammothError: Schema.Boolean,
    exported: Schema.Record({ key: Schema.String, value: Schema.Array(Schema.String) })
  })
)

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bundled-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true, maxRetries: 3 }))
)

const run = (file: string, env: Readonly<Record<string, string>>) =>
  Effect.async<string>((resume) => {
    const child = execFile(process.execPath, [file], { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resume(error === null ? Effect.succeed(stdout) : Effect.die(new Error(`${error.message}${stderr}`)))
    )
    return Effect.sync(() => child.kill())
  })

describe("bundled/promise", () => {
  it.scoped("works in a process that cannot load effect or @effect/platform", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ seed: 1 })
      const directory = yield* folder
      for (const part of ["bundled", "internal/bundled"]) {
        cpSync(fileURLToPath(new URL(`../dist/${part}`, import.meta.url)), join(directory, "dist", part), {
          recursive: true
        })
      }
      writeFileSync(join(directory, "package.json"), '{ "type": "module" }')
      const file = join(directory, "main.js")
      writeFileSync(file, program)
      const text = yield* run(file, { BASE_URL: emulator.baseUrl, PROJECT: JSON.stringify(project) })
      const { id, ...printed } = yield* Schema.decode(Printed)(text)
      assert.deepStrictEqual(printed, {
        accepted: 2,
        isMammothError: true,
        exported: { promise: Object.keys(promise).toSorted(), promiseNdjson: Object.keys(promiseNdjson) }
      })
      const rows = yield* emulator.rows(id)
      assert.sameDeepMembers([...rows], [{ order: 1 }, { order: 2 }, { order: 3 }, { order: 4 }])
    })
  )
})
