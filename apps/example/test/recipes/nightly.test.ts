/** Runs the nightly job of docs/promises.md on a file with broken lines. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { startEmulator } from "@mammoth-effect/emulator/promise"
import { afterAll, assert, it, onTestFinished } from "vitest"
import { start } from "../Run.js"

const folder = mkdtempSync(join(tmpdir(), "nightly-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** The lines of the file. Every twentieth is broken: in turns a field is missing, or the total. */
const lines = Array.from({ length: 400 }, (_, index) => {
  const id = index + 1
  if (id % 40 === 0) return `${id},Ada`
  return id % 20 === 0 ? `${id},Ada,` : `${id},"Ada, Countess",${id / 2}`
})

it("tells by its line number what became of each of 20 broken lines", async () => {
  const emulator = await startEmulator()
  onTestFinished(() => emulator.close())
  const file = join(folder, "orders.csv")
  writeFileSync(file, ["id,customer,total", ...lines].join("\n"))

  const { code, stderr, stdout } = await (
    await start("test/recipes/nightly.js", { env: emulator.env, args: [file] })
  ).ended
  assert.strictEqual(stderr, "")
  assert.strictEqual(code, 1)

  const told = stdout.trimEnd().split("\n")
  // the header is line 1
  const expected = Array.from(
    { length: 20 },
    (_, index) => `line ${index * 20 + 21}: ${index % 2 === 0 ? "refused" : "skipped"}`
  )
  assert.sameMembers(
    told.slice(0, -1).map((line) => /^line \d+: \w+/.exec(line)?.[0] ?? line),
    expected
  )
  assert.match(told.at(-1) ?? "", /^380 of 400 lines were accepted/)
  assert.sameDeepMembers(
    [...emulator.rows({ id: 1 })],
    lines.flatMap((_, index) => {
      const id = index + 1
      return id % 20 === 0 ? [] : [{ id, customer: "Ada, Countess", total: id / 2 }]
    })
  )
}, 60_000)
