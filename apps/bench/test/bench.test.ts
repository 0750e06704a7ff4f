import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const root = fileURLToPath(new URL("..", import.meta.url))

/** Runs the benchmark as a child process, as a user would. */
const bench = (...args: ReadonlyArray<string>) =>
  Effect.async<Outcome>((resume) => {
    const child = spawn(process.execPath, ["--import", "tsx", "src/main.ts", ...args], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"]
    })
    let [stdout, stderr] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => child.kill())
  })

describe("ingest", () => {
  it.effect(
    "runs each comparison, and prints a line for each",
    () =>
      Effect.gen(function* () {
        const { code, stderr, stdout } = yield* bench("ingest", "--smoke")
        assert.strictEqual(code, 0, stderr)
        const verdict = "not judged"
        for (const target of ["bare sink", "emulator"]) {
          for (const [sends, line] of [
            ["one document each", "0.8"],
            ["batches of 500", "0.9"]
          ]) {
            for (const rows of ["10", "1,000"]) {
              const measured = String.raw`( +[\d,.]+){3} +≥ ${line} +${verdict}( +[\d.]+){4}( +\d+ MiB){2}`
              assert.match(stdout, new RegExp(`^${target} +${sends} +${rows}${measured}$`, "m"))
            }
            const growth = String.raw`peak RSS, 10 → 1,000 rows +SDK [+−]\d+ MiB +undici [+−]\d+ MiB +< 64 MiB`
            assert.match(stdout, new RegExp(`^${target} +${sends} +${growth} +${verdict}$`, "m"))
            const slowdown = String.raw`time per row, 10 → 1,000 rows +SDK × [\d.]+ +undici × [\d.]+ +≤ 1`
            assert.match(stdout, new RegExp(`^${target} +${sends} +${slowdown} +${verdict}$`, "m"))
          }
        }
      }),
    120_000
  )

  it.effect(
    "says what is wrong with its arguments",
    () =>
      Effect.gen(function* () {
        const outcome = yield* bench("ingest", "--rows", "many")
        assert.strictEqual(outcome.code, 1)
        assert.include(outcome.stderr, "bench: --rows takes a number from 1 to 999999999, not 'many'")
        assert.strictEqual(outcome.stdout, "")
      }),
    60_000
  )
})

describe("outbox", () => {
  it.effect(
    "measures each store beside a plain loop, and what a claim costs",
    () =>
      Effect.gen(function* () {
        const { code, stderr, stdout } = yield* bench("outbox", "--smoke")
        assert.strictEqual(code, 0, stderr)
        for (const what of ["offer, one by one", "offerAll, 500 each", "delivery, one document each"]) {
          assert.match(stdout, new RegExp(String.raw`^SQLite +${what}( +[\d,.]+){3}$`, "m"))
        }
        assert.match(stdout, /^SQLite +end to end, batched( +[\d,.]+){3} +≥ 0\.7 +not judged$/m)
        assert.match(stdout, /^SQLite +[\d.]+ ms at 100, [\d.]+ ms at 1,000 +× [\d.]+ +≤ 1\.5 +not judged$/m)
      }),
    120_000
  )
})
