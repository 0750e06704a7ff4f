import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import * as Charts from "../src/calls/Charts.js"
import * as Figures from "../src/calls/Figures.js"
import * as Report from "../src/calls/Report.js"
import * as Page from "../src/harness/Page.js"

interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const root = fileURLToPath(new URL("..", import.meta.url))

/** Runs the benchmark as a child process, as a user does. */
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

/** The timeout of tests that read the smoke run. The first of these tests waits until the run has ended. */
const slow = { timeout: 240_000 }

/** Runs all benchmarks once, as a smoke run. The tests share this run's output. */
const smoke = Effect.runSync(Effect.cached(bench("--smoke")))

describe("bench", slow, () => {
  it.effect("runs all benchmarks in a smoke run, without judging the targets", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* smoke
      assert.strictEqual(code, 0, stderr)
      for (const start of [
        "ingest: rows",
        "outbox: rows per second",
        "calls: each side calls",
        "size: bundles for browsers"
      ]) {
        assert.match(stdout, new RegExp(`^${start}`, "m"))
      }
      assert.notMatch(stdout, /missed|reached/)
    })
  )

  it.effect(
    "fails if an argument is wrong, and names this argument in the message",
    () =>
      Effect.gen(function* () {
        for (const [args, reason] of [
          [["ingest", "--rows", "many"], "--rows: expected an integer from 1 to 999999999, received 'many'"],
          [["everything"], "unknown benchmark 'everything'. Use one of: ingest, outbox, calls, size"],
          [
            ["calls", "--keep", "--smoke"],
            "--keep cannot be used with --smoke, because a smoke run is too short for reliable figures. Remove one of the flags"
          ]
        ] as const) {
          const outcome = yield* bench(...args)
          assert.strictEqual(outcome.code, 1)
          assert.include(outcome.stderr, `bench: ${reason}`)
          assert.strictEqual(outcome.stdout, "")
        }
      }),
    60_000
  )
})

describe("bench ingest", slow, () => {
  it.effect("prints a row for each comparison", () =>
    Effect.gen(function* () {
      const { stdout } = yield* smoke
      for (const target of ["bare sink", "emulator"]) {
        for (const [sends, line] of [
          ["one document each", "0.8"],
          ["batches of 500", "0.9"]
        ]) {
          for (const rows of ["10", "1,000"]) {
            const measured = String.raw`( +[\d,.]+){3} +≥ ${line} +not judged( +[\d.]+){4}( +\d+ MiB){2}`
            assert.match(stdout, new RegExp(`^${target} +${sends} +${rows}${measured}$`, "m"))
          }
          const growth = String.raw`peak RSS, 10 → 1,000 rows +SDK [+−]\d+ MiB +undici [+−]\d+ MiB +< 64 MiB`
          assert.match(stdout, new RegExp(`^${target} +${sends} +${growth} +not judged$`, "m"))
          const slowdown = String.raw`time per row, 10 → 1,000 rows +SDK × [\d.]+ +undici × [\d.]+ +≤ 1`
          assert.match(stdout, new RegExp(`^${target} +${sends} +${slowdown} +not judged$`, "m"))
        }
      }
    })
  )
})

describe("bench outbox", slow, () => {
  it.effect("compares the outbox with a plain loop on each database, and measures claims", () =>
    Effect.gen(function* () {
      const { stdout } = yield* smoke
      for (const what of ["offer, one by one", "offerAll, 500 each", "delivery, one document each"]) {
        assert.match(stdout, new RegExp(String.raw`^SQLite +${what}( +[\d,.]+){3}$`, "m"))
      }
      assert.match(stdout, /^SQLite +end to end, batched( +[\d,.]+){3} +≥ 0\.7 +not judged$/m)
      assert.match(stdout, /^SQLite +[\d.]+ ms at 100, [\d.]+ ms at 1,000 +× [\d.]+ +≤ 1\.5 +not judged$/m)
    })
  )
})

describe("bench calls", slow, () => {
  it.effect("prints a figure for every client and every call, or the reason why a client is missing", () =>
    Effect.gen(function* () {
      const { stdout } = yield* smoke
      const measured = Figures.sideNames.filter(
        (side) => side !== "hey-api" || !stdout.includes(`${Figures.sides[side]} is missing: `)
      )
      const tables = stdout.slice(stdout.indexOf("calls: each side calls")).split("\n\n")
      const rowsOf = (head: string) =>
        tables
          .find((table) => table.startsWith(head))
          ?.split("\n")
          .slice(1) ?? []
      for (const [head, cells] of [
        ...Figures.caseNames.map((name) => [`${Figures.cases[name]} `, 6] as const),
        ["KiB allocated per call", 6],
        ["start and heap", 5],
        ["lists of 50 per second", 3],
        ["µs per page", 2]
      ] as const) {
        const rows = rowsOf(head)
        assert.deepStrictEqual(
          rows.map((row) => row.slice(0, row.indexOf("  "))),
          measured.map((side) => Figures.sides[side]),
          head
        )
        for (const row of rows) assert.match(row, new RegExp(String.raw`^\S.*?( +[\d,.]+){${cells}}$`))
      }
      for (const mode of ["one by one", "32 concurrent"]) {
        assert.strictEqual(
          rowsOf(`time / time of a peer, ${mode}`).length,
          Figures.lines.filter(({ peer }) => measured.includes(peer)).length
        )
      }
    })
  )
})

describe("bench size", slow, () => {
  it.effect("compares the start time of each program with a process that imports nothing", () =>
    Effect.gen(function* () {
      const { stdout } = yield* smoke
      const [, rows = ""] = /^a process of Node that imports .*\n((?:.+\n)+?)Measured with Node /m.exec(stdout) ?? []
      const ratios = rows
        .trim()
        .split("\n")
        .map((row) => Number(/ (\d+\.\d\d)$/.exec(row)?.[1]))
      assert.lengthOf(ratios, 4)
      assert.strictEqual(ratios[0], 1)
      for (const ratio of ratios.slice(1)) assert.isAbove(ratio, 1)
    })
  )
})

describe("docs/benchmarks.md", () => {
  const docs = new URL("../../../docs/", import.meta.url)

  it.effect("contains the figures and charts that `bench calls --keep` makes from docs/benchmarks/calls.json", () =>
    Effect.gen(function* () {
      const page = readFileSync(new URL("benchmarks.md", docs), "utf8")
      const figures = yield* Schema.decode(Schema.parseJson(Figures.Figures))(
        readFileSync(new URL("benchmarks/calls.json", docs), "utf8")
      )
      assert.strictEqual(yield* Page.revise(page, Report.parts(figures)), page)
      for (const [name, draw] of Object.entries(Charts.draws)) {
        assert.strictEqual(readFileSync(new URL(`benchmarks/${name}`, docs), "utf8"), draw(figures), name)
        assert.include(page, `(benchmarks/${name})`)
      }
    })
  )
})
