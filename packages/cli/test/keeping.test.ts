import { spawnSync } from "node:child_process"
import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { Effect, Schedule } from "effect"
import { bin, create, emulator, ended, folder, run, type Running, start } from "./support/cli.js"

const ndjson = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `{"id":${from + index}}\n`).join("")

/** Makes a folder, an emulator and a webhook. */
const setUp = Effect.gen(function* () {
  const server = yield* emulator({ arraysAreRows: true })
  const webhook = yield* create(server, { name: "orders" })
  const cwd = yield* folder
  return { server, webhook, options: { env: server.env, cwd }, at: (name: string) => join(cwd, name) }
})

/** Waits until the server has received the given number of pushes. */
const pushesBegun = (server: Running, count: number) =>
  Effect.repeat(server.requests, {
    until: (all) => all.filter(({ operation }) => operation === "addData").length >= count,
    schedule: Schedule.spaced("10 millis")
  })

const slowly = (delayBefore: `${number} ${"seconds" | "millis"}`) =>
  Fault.make({ _tag: "Status", status: 200 }, { operation: "addData", times: "every", delayBefore })

describe("a source", () => {
  it.scopedLive("makes the command fail with a clear error if its gzip data is damaged or incomplete", () =>
    Effect.gen(function* () {
      const { at, options, server } = yield* setUp
      // Delay the lookup of the webhook's name, so that the decompression fails during the lookup.
      yield* server.inject({ ...Fault.status(503, { delayBefore: "300 millis" }), times: 1 })
      const random = Array.from({ length: 20_000 }, (_, id) => `{"id":${(id * 7919) % 100_003}}\n`).join("")
      const whole = gzipSync(random)
      const cut = whole.subarray(0, 5000)
      const damaged = Buffer.concat([whole.subarray(0, 3000), Buffer.from("damage"), whole.subarray(3000, 6000)])
      writeFileSync(at("cut.gz"), cut)
      writeFileSync(at("damaged.gz"), damaged)
      const all = [
        yield* run(["ingest", "orders", "cut.gz"], options),
        yield* run(["ingest", "orders", "-"], { ...options, stdin: cut }),
        yield* run(["ingest", "orders", "damaged.gz"], options),
        yield* run(["replay", "orders", "cut.gz"], options),
        yield* run(["ingest", "orders", "cut.gz", "--dead-letters", "dead.ndjson"], options)
      ]
      for (const { code, stderr } of all) {
        expect(stderr).toMatch(/^mammoth-webhooks: .*the gzip data (ends too early|is damaged).*\n$/)
        expect([1, 9]).toContain(code)
      }
    })
  )

  it.scopedLive("is read even if it has only one byte", () =>
    Effect.gen(function* () {
      const { options } = yield* setUp
      const open = yield* run(["ingest", "orders", "-"], { ...options, stdin: "{" })
      expect(open.code).toBe(1)
      expect(open.stderr).toContain("line 1")
      expect((yield* run(["ingest", "orders", "-"], { ...options, stdin: "\n" })).code).toBe(0)
    })
  )

  it.scopedLive("is closed immediately after a signal if it is a pipe without a writer", () =>
    Effect.gen(function* () {
      const { at, options } = yield* setUp
      expect(spawnSync("mkfifo", [at("pipe")]).status).toBe(0)
      const child = start(["ingest", "orders", "pipe"], options)
      const end = yield* Effect.fork(ended(child))
      yield* Effect.sleep("2 seconds")
      child.kill("SIGTERM")
      expect((yield* end).code).toBe(143)
    })
  )

  it.scopedLive("makes the command exit with code 2 if --from-row skips more rows than the source has", () =>
    Effect.gen(function* () {
      const { options } = yield* setUp
      const beyond = yield* run(["ingest", "orders", "-", "--from-row", "4"], { ...options, stdin: ndjson(0, 3) })
      expect(beyond.code).toBe(2)
      expect(beyond.stderr).toContain("the source has 3 rows")
      expect((yield* run(["ingest", "orders", "-", "--from-row", "3"], { ...options, stdin: ndjson(0, 3) })).code).toBe(
        0
      )
    })
  )

  it.scopedLive("makes the command show how to correct a bad line and how to resume", () =>
    Effect.gen(function* () {
      const { options } = yield* setUp
      const args = ["ingest", "orders", "-", "--concurrency", "1"]
      const { code, stderr } = yield* run(args, { ...options, stdin: `${ndjson(0, 2)}{bad\n${ndjson(2, 4)}` })
      expect(code).toBe(9)
      expect(stderr).toMatch(
        /line 3: .*; Correct the line, or .* --dead-letters FILE\. Resume with: .* --from-row 2 .*\n$/
      )
    })
  )
})

describe("a run with dead letters", () => {
  it.scopedLive("sends nothing if a file of dead letters is the source, even under another name", () =>
    Effect.gen(function* () {
      const { at, options, server } = yield* setUp
      yield* server.clearRequests
      const text = ndjson(0, 2)
      writeFileSync(at("rows.ndjson"), text)
      symlinkSync("rows.ndjson", at("symbolic"))
      linkSync(at("rows.ndjson"), at("hard"))
      copyFileSync(at("rows.ndjson"), at("dead.bad"))
      copyFileSync(at("rows.ndjson"), at("dead.unknown"))
      const cases = [
        ["ingest", "rows.ndjson", "rows.ndjson"],
        ["ingest", "rows.ndjson", "./rows.ndjson"],
        ["ingest", "rows.ndjson", "symbolic"],
        ["ingest", "hard", "rows.ndjson"],
        ["ingest", "dead.bad", "dead"],
        ["replay", "dead.unknown", "./dead"],
        ["replay", "./rows.ndjson", "rows.ndjson"]
      ] as const
      for (const [command, source, dead] of cases) {
        const { code, stderr } = yield* run([command, "orders", source, "--dead-letters", dead], options)
        expect([source, dead, code]).toEqual([source, dead, 2])
        expect(stderr).toContain("is the file that the command reads")
      }
      const line = `"${process.execPath}" "${bin}" ingest orders - --dead-letters rows.ndjson < rows.ndjson`
      const redirected = spawnSync("sh", ["-c", line], { cwd: options.cwd, env: server.env, encoding: "utf8" })
      expect(redirected.status).toBe(2)
      expect(yield* server.requests.pipe(Effect.map((all) => all.filter(({ method }) => method === "POST")))).toEqual(
        []
      )
      expect(readFileSync(at("rows.ndjson"), "utf8")).toBe(text)
      expect(existsSync(at("dead"))).toBe(false)
    })
  )

  it.scopedLive("stops if the disk is full, and shows how to resume at the first row that was not written", () =>
    Effect.gen(function* () {
      const { at, options, server, webhook } = yield* setUp
      writeFileSync(at("rows.ndjson"), ndjson(0, 100))
      symlinkSync("/dev/full", at("full.ndjson"))
      yield* server.inject(Fault.status(200, { operation: "addData", times: 2 }))
      yield* server.inject(Fault.status(400, { operation: "addData" }))
      const args = ["ingest", "orders", "rows.ndjson", "--concurrency", "1", "--dead-letters"]
      const stopped = yield* run([...args, "full.ndjson"], options)
      expect(stopped.code).toBe(9)
      expect(stopped.stderr).toMatch(
        /^mammoth-webhooks: row 2 \(line 3\) could not be written to full\.ndjson \(the disk is full\)\. .*\n$/
      )
      expect(stopped.stderr).toContain(" --from-row 2 ")
      // Expect few pushes: after the failure, only the requests in flight finish.
      expect((yield* server.requests).filter(({ operation }) => operation === "addData").length).toBeLessThan(6)
      yield* server.clearFaults
      const before = (yield* server.rows(webhook)).length
      expect((yield* run([...args, "dead.ndjson", "--from-row", "2"], options)).code).toBe(0)
      expect((yield* server.rows(webhook)).length - before).toBe(98)
    })
  )

  it.scopedLive("exits with code 8 if a row that may have arrived cannot be written to its file", () =>
    Effect.gen(function* () {
      const { at, options, server } = yield* setUp
      symlinkSync("/dev/full", at("dead.unknown"))
      yield* server.inject(Fault.reset("start", { operation: "addData", acts: true }))
      const args = ["ingest", "orders", "-", "--dead-letters", "dead", "--concurrency", "1", "--json"]
      const { code, stderr } = yield* run(args, { ...options, stdin: ndjson(0, 3) })
      expect(code).toBe(8)
      expect(JSON.parse(stderr)).toMatchObject({
        error: { code: "Undelivered", delivery: "Unknown", message: expect.stringContaining("row 0 (line 1)") }
      })
    })
  )

  it.scopedLive("stops if a bad line cannot be written to its file", () =>
    Effect.gen(function* () {
      const { at, options } = yield* setUp
      symlinkSync("/dev/full", at("dead.bad"))
      const args = ["ingest", "orders", "-", "--dead-letters", "dead"]
      const { code, stderr } = yield* run(args, { ...options, stdin: `{bad\n${ndjson(0, 3)}` })
      expect(code).toBe(9)
      expect(stderr).toContain("line 1 could not be written to dead.bad (the disk is full)")
    })
  )

  it.scopedLive("stops before any push if one of the files for dead letters cannot be opened", () =>
    Effect.gen(function* () {
      const { at, options, server } = yield* setUp
      yield* server.clearRequests
      for (const name of ["a", "b.unknown", "c.bad"]) mkdirSync(at(name))
      for (const name of ["a", "b", "c"]) {
        const ended = yield* run(["ingest", "orders", "-", "--dead-letters", name], { ...options, stdin: ndjson(0, 1) })
        expect(ended.code).toBe(2)
        expect(ended.stderr).toContain("it is a folder")
        expect(existsSync(at(name))).toBe(name === "a")
      }
      expect((yield* server.requests).filter(({ method }) => method === "POST")).toEqual([])
    })
  )

  it.scopedLive("leaves no files for dead letters if it delivers every row", () =>
    Effect.gen(function* () {
      const { at, options } = yield* setUp
      const args = ["ingest", "orders", "-", "--dead-letters", "dead"]
      expect((yield* run(args, { ...options, stdin: ndjson(0, 2) })).code).toBe(0)
      for (const name of ["dead", "dead.unknown", "dead.bad"]) expect(existsSync(at(name))).toBe(false)
    })
  )
})

describe("a signal", () => {
  it.scopedLive("stops new requests, and lets the requests in flight finish", () =>
    Effect.gen(function* () {
      const { at, options, server } = yield* setUp
      writeFileSync(at("rows.ndjson"), ndjson(0, 1000))
      yield* server.inject(slowly("1500 millis"))
      const child = start(["ingest", "orders", "rows.ndjson", "--concurrency", "3", "--json"], options)
      const end = yield* Effect.fork(ended(child))
      yield* pushesBegun(server, 3)
      child.kill("SIGINT")
      const { code, stderr, stdout } = yield* end
      expect(code).toBe(130)
      expect((yield* server.requests).filter(({ operation }) => operation === "addData")).toHaveLength(3)
      expect(JSON.parse(stdout)).toMatchObject({ data: { accepted: 3, unknown: 0, resumeAt: 3 } })
      expect(JSON.parse(stderr)).toMatchObject({
        error: { code: "Stopped", hint: expect.stringMatching(/Resume with: .* --from-row 3 /) }
      })
    })
  )

  it.scopedLive("ends a pause that the server requested", () =>
    Effect.gen(function* () {
      const { options, server } = yield* setUp
      yield* server.inject({
        ...Fault.status(429, { operation: "addData", headers: { "retry-after": "600" } }),
        times: "every"
      })
      const child = start(["ingest", "orders", "-", "--json"], options)
      child.stdin.end(ndjson(0, 20))
      const end = yield* Effect.fork(ended(child))
      yield* pushesBegun(server, 1)
      yield* Effect.sleep("500 millis")
      child.kill("SIGINT")
      const { code, stdout } = yield* end
      expect(code).toBe(130)
      expect(JSON.parse(stdout)).toMatchObject({ data: { accepted: 0, unknown: 0, resumeAt: 0 } })
    })
  )

  it.scopedLive("ends the command immediately after a second signal, and the error shows how to resume", () =>
    Effect.gen(function* () {
      const { options, server } = yield* setUp
      yield* server.inject(slowly("60 seconds"))
      const child = start(["ingest", "orders", "-", "--concurrency", "2", "--json"], options)
      child.stdin.write(ndjson(0, 5))
      const end = yield* Effect.fork(ended(child))
      yield* pushesBegun(server, 2)
      child.kill("SIGINT")
      yield* Effect.sleep("300 millis")
      child.kill("SIGINT")
      const { code, stderr } = yield* end
      expect(code).toBe(130)
      expect(JSON.parse(stderr)).toMatchObject({
        error: {
          code: "Stopped",
          delivery: "Unknown",
          message: expect.stringMatching(/^interrupted: 0 rows of \d delivered, 2 unknown/),
          hint: expect.stringMatching(/\. Resume with: mammoth-webhooks ingest orders - --from-row 2 /)
        }
      })
      yield* server.clearFaults
    })
  )
})
