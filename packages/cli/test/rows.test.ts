import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer, type Server } from "node:http"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { describe, expect, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { Effect, Schedule, type Scope } from "effect"
import { apiKey, apiSecret, create, emulator, ended, folder, run, type Running, start } from "./support/cli.js"

const ids = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => ({ id: from + index }))

const ndjson = (rows: ReadonlyArray<unknown>): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("")

/** Returns the ids of the rows of a dataset, in ascending order. */
const idsOf = (rows: ReadonlyArray<unknown>): ReadonlyArray<number> =>
  rows.map((row) => Number((row as { readonly id: unknown }).id)).toSorted((a, b) => a - b)

/** Makes a folder, an emulator and a webhook. */
const setUp = Effect.gen(function* () {
  const server = yield* emulator({ arraysAreRows: true })
  const webhook = yield* create(server, { name: "orders" })
  const cwd = yield* folder
  const options = { env: server.env, cwd }
  return { server, webhook, cwd, options, at: (name: string) => join(cwd, name) }
})

/** Starts a server that forwards one request to the emulator, and then stops listening. Returns its address. */
const leavingAfterOne = ({ baseUrl }: Running): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.async<Server>((resume) => {
      const { origin } = new URL(baseUrl)
      const server = createServer((request, response) => {
        server.close()
        const pass = async () => {
          const headers = { "x-api-key": apiKey, "x-api-secret": apiSecret }
          const passed = await fetch(`${origin}${request.url ?? ""}`, { headers })
          response.writeHead(passed.status, { "content-type": "application/json", connection: "close" })
          response.end(await passed.text())
        }
        void pass()
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => void server.close())
  ).pipe(
    Effect.map((server) => {
      const url = new URL(baseUrl)
      const address = server.address()
      url.port = typeof address === "object" && address !== null ? String(address.port) : ""
      return url.href.replace(/\/$/, "")
    })
  )

describe("ingest", () => {
  it.scopedLive("reads NDJSON, CSV and JSON arrays, plain and in gzip, from files and stdin", () =>
    Effect.gen(function* () {
      const { at, options, server, webhook } = yield* setUp
      const csv = `id;text\n1;"a;\n""b"\n2;c\n`
      const json = JSON.stringify(
        [
          { id: 3, text: '[],{}"\\' },
          { id: 4, more: [1, { a: "]" }] }
        ],
        null,
        2
      )
      writeFileSync(at("a.csv"), csv)
      writeFileSync(at("b.json.gz"), gzipSync(json))
      const all = [
        yield* run(["ingest", "orders", "a.csv", "--delimiter", ";"], options),
        yield* run(["ingest", "orders", "b.json.gz"], options),
        yield* run(["ingest", "orders", "-"], { ...options, stdin: gzipSync(ndjson([{ id: 5 }])) }),
        yield* run(["ingest", "orders", "-"], { ...options, stdin: "\uFEFF[]" }),
        yield* run(["ingest", "orders", "-", "--format", "csv", "--batch", "2"], { ...options, stdin: "id\n6\n7\n8\n" })
      ]
      expect(all.map(({ code, stdout }) => [code, stdout.split("\t")[1]])).toEqual([
        [0, "2"],
        [0, "2"],
        [0, "1"],
        [0, "0"],
        [0, "3"]
      ])
      const rows = yield* server.rows(webhook)
      expect(rows.slice(0, 2)).toEqual(
        expect.arrayContaining([
          { id: "1", text: 'a;\n"b' },
          { id: "2", text: "c" }
        ])
      )
      expect(rows).toContainEqual({ id: 3, text: '[],{}"\\' })
      expect(idsOf(rows)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    })
  )

  it.scopedLive("fails if the input is unreadable, or if the webhook is in mode replace", () =>
    Effect.gen(function* () {
      const { options, server } = yield* setUp
      yield* create(server, { name: "prices", mode: "replace" })
      const cases = [
        [1, "[{},,{}]", "a missing element, at element 2"],
        [1, '[{"a":1} {"a":2}]', "element 1: "],
        [1, "[{}", "the array is not closed"],
        [1, "[{}] {}", "text after the end"],
        [1, '[{"a":"x\ny"}]', "a line break"],
        [1, "{}}", "line 1: "],
        [2, "hello", "the format of stdin is not clear"],
        [1, "{bad", "line 1: "],
        [1, gzipSync("{}").subarray(0, 15), "the gzip data ends too early"]
      ] as const
      yield* Effect.forEach(
        cases,
        ([code, stdin, reason]) =>
          Effect.map(run(["ingest", "orders", "-"], { ...options, stdin }), (ended) => {
            // Treat code 9 like code 1, because rows before the error may have been delivered.
            expect([reason, ended.code === 9 ? 1 : ended.code]).toEqual([reason, code])
            expect(ended.stderr).toContain(reason)
          }),
        { concurrency: 4 }
      )
      expect((yield* run(["ingest", "orders", "nothing.csv"], options)).code).toBe(2)
      const replace = yield* run(["ingest", "prices", "-"], { ...options, stdin: "{}" })
      expect(replace.code).toBe(2)
      expect(replace.stderr).toContain("update --mode combine")
    })
  )

  it.scopedLive("keeps refused rows and bad lines in files, and replay delivers the corrected rows", () =>
    Effect.gen(function* () {
      const { at, options, server, webhook } = yield* setUp
      yield* server.inject(Fault.status(400, { operation: "addData" }))
      const stdin = `${ndjson(ids(0, 3))}{bad\n7\n${ndjson(ids(3, 5))}`
      const args = ["ingest", "orders", "-", "--dead-letters", "dead.ndjson", "--concurrency", "1", "--json"]
      const partial = yield* run(args, { ...options, stdin })
      expect(partial.code).toBe(9)
      expect(JSON.parse(partial.stdout).data).toMatchObject({
        offered: 6,
        accepted: 4,
        dead: 1,
        refused: 1,
        badLines: 1
      })
      expect(JSON.parse(partial.stderr)).toMatchObject({
        error: { code: "Undelivered", delivery: "Accepted", retryable: false }
      })
      expect(readFileSync(at("dead.ndjson.bad"), "utf8")).toBe("{bad\n")
      expect(existsSync(at("dead.ndjson.unknown"))).toBe(false)
      const letters = readFileSync(at("dead.ndjson"), "utf8")
      expect(letters).toMatch(/^\{"index":0,"line":1,"row":\{"id":0\},"error":/)
      writeFileSync(
        at("dead.ndjson"),
        letters.replace('"row":7', '"row":{"$type":"Object","value":{"$type":"x","id":5}}')
      )
      expect((yield* run(["replay", "orders", "dead.ndjson"], options)).code).toBe(0)
      const rows = yield* server.rows(webhook)
      expect(idsOf(rows)).toEqual([0, 1, 2, 3, 4, 5])
      expect(rows).toContainEqual({ $type: "x", id: 5 })
      expect((yield* run(["replay", "orders", "-"], { ...options, stdin: "{}" })).code).toBe(1)
    })
  )

  it.scopedLive(
    "writes rows that may have arrived to a separate file, and does not count these rows as delivered",
    () =>
      Effect.gen(function* () {
        const { at, options, server, webhook } = yield* setUp
        yield* server.inject(Fault.reset("start", { operation: "addData", acts: true }))
        const args = ["ingest", "orders", "-", "--dead-letters", "dead.ndjson", "--concurrency", "1"]
        const partial = yield* run(args, { ...options, stdin: ndjson(ids(0, 3)) })
        expect(partial.code).toBe(9)
        expect(partial.stderr).toContain("delivery: unknown")
        expect(existsSync(at("dead.ndjson"))).toBe(false)
        expect(readFileSync(at("dead.ndjson.unknown"), "utf8")).toContain('"row":{"id":0}')
        expect(idsOf(yield* server.rows(webhook))).toEqual([0, 1, 2])
        // Expect code 8, because the delivery of one row is unknown. A later error ends the run, but does not change
        // the exit code.
        yield* server.inject(Fault.reset("start", { operation: "addData", acts: true }))
        yield* server.inject(Fault.status(403, { operation: "addData" }))
        const blocked = yield* run(["ingest", "orders", "-", "--concurrency", "1"], {
          ...options,
          stdin: ndjson(ids(3, 6))
        })
        expect(blocked.code).toBe(8)
        expect(blocked.stderr).toContain("ingest orders - --from-row 1 ")
        yield* server.inject({ ...Fault.reset("start", { operation: "addData" }), times: "every" })
        const unknown = yield* run(["ingest", "orders", "-"], { ...options, stdin: ndjson(ids(0, 2)) })
        expect(unknown.code).toBe(8)
      })
  )

  it.scopedLive("stops when the server refuses the keys, and shows the row to resume at", () =>
    Effect.gen(function* () {
      const { at, options, server, webhook } = yield* setUp
      writeFileSync(at("rows.ndjson"), ndjson(ids(0, 40)))
      yield* server.inject(Fault.status(200, { operation: "addData", times: 10 }))
      yield* server.inject(Fault.status(403, { operation: "addData", times: "every" }))
      const args = ["ingest", "orders", "rows.ndjson", "--concurrency", "1"]
      const stopped = yield* run(args, options)
      expect(stopped.code).toBe(9)
      const [, resume = ""] = /Resume with: mammoth-webhooks (.*)\n/.exec(stopped.stderr) ?? []
      expect(resume).toBe("ingest orders rows.ndjson --from-row 10 --concurrency 1")
      yield* server.clearFaults
      expect((yield* run(resume.split(" "), options)).code).toBe(0)
      expect(idsOf(yield* server.rows(webhook))).toEqual(ids(0, 40).map(({ id }) => id))
    })
  )

  it.scopedLive("counts the rows that a resumed run would send again", () =>
    Effect.gen(function* () {
      const { at, options, server } = yield* setUp
      writeFileSync(at("rows.ndjson"), ndjson(ids(0, 2)))
      // Refuse row 0 only after the server has accepted row 1.
      yield* server.inject(Fault.status(403, { operation: "addData", delayBefore: "1 second" }))
      const { stderr } = yield* run(["ingest", "orders", "rows.ndjson", "--concurrency", "2"], options)
      expect(stderr).toContain("--from-row 0 ")
      expect(stderr).toContain("sends 1 row that the server already received or may have received")
    })
  )

  it.scopedLive("resumes at a refused row, and numbers this row from the start of the source", () =>
    Effect.gen(function* () {
      const { at, options, server, webhook } = yield* setUp
      const file = (third: unknown) => writeFileSync(at("rows.ndjson"), ndjson([...ids(0, 3), third, ...ids(4, 6)]))
      file(7)
      const args = ["ingest", "orders", "rows.ndjson", "--concurrency", "1", "--json"]
      const first = yield* run(args, options)
      expect(first.code).toBe(9)
      const resumeOf = (stdout: string) => {
        const { data, meta } = JSON.parse(stdout) as {
          readonly data: { readonly resumeAt: number }
          readonly meta: { readonly resume: string }
        }
        return { resumeAt: data.resumeAt, words: meta.resume.split(" ").slice(1) }
      }
      const { resumeAt, words } = resumeOf(first.stdout)
      expect(resumeAt).toBe(3)
      expect(first.stderr).toContain("Line 4 (index 3)")
      expect(first.stderr).not.toContain("already received or may have received")
      const second = yield* run([...words, "--json"], options)
      expect(second.code).toBe(1)
      expect(second.stderr).toContain("Line 4 (index 3)")
      expect(resumeOf(second.stdout).resumeAt).toBe(3)
      file({ id: 3 })
      expect((yield* run(words, options)).code).toBe(0)
      expect(idsOf(yield* server.rows(webhook))).toEqual([0, 1, 2, 3, 4, 5])
    })
  )

  it.scopedLive("shows that the run must resume at the refused row, even after a second SIGINT", () =>
    Effect.gen(function* () {
      const { options, server } = yield* setUp
      yield* server.inject(
        Fault.make({ _tag: "Status", status: 200 }, { operation: "addData", times: "every", delayBefore: "60 seconds" })
      )
      const child = start(["ingest", "orders", "-"], options)
      child.stdin.end(ndjson([...ids(0, 2), 7]))
      const end = yield* Effect.fork(ended(child))
      yield* Effect.repeat(server.requests, {
        until: (all) => all.filter(({ operation }) => operation === "addData").length >= 2,
        schedule: Schedule.spaced("10 millis")
      })
      child.kill("SIGINT")
      yield* Effect.sleep("200 millis")
      child.kill("SIGINT")
      expect((yield* end).stderr).toContain("2 unknown")
      expect((yield* end).stderr).toContain("--from-row 2")
      yield* server.clearFaults
    })
  )

  it.scopedLive("refuses integers that JavaScript would round, and says to send them as strings", () =>
    Effect.gen(function* () {
      const { at, options, server, webhook } = yield* setUp
      const row = (id: string) => `{"id":${id},"deep":[{"n":1}]}`
      const rows = [row("9007199254740991"), row("9007199254740993"), row('"9007199254740993"')]
      const dead = ["--dead-letters", "dead.ndjson"]
      for (const stdin of [rows.join("\n"), `[${rows.join(",")}]`]) {
        const { code, stdout } = yield* run(["ingest", "orders", "-", ...dead], { ...options, stdin })
        expect([code, stdout.split("\t").slice(0, 3)]).toEqual([9, ["3", "2", "1"]])
      }
      const letters = readFileSync(at("dead.ndjson"), "utf8")
      expect(letters).toContain("beyond 2^53")
      const replayed = yield* run(["replay", "orders", "dead.ndjson"], options)
      expect(replayed.code).toBe(1)
      expect(replayed.stderr).toContain("send each of them as a string")
      const deep = yield* run(["ingest", "orders", "-"], { ...options, stdin: '{"a":[{"b":12345678901234567890}]}' })
      expect(deep.code).toBe(1)
      expect((yield* server.rows(webhook)).length).toBe(4)
    })
  )

  it.scopedLive("exits with code 9 instead of 7 if the dead letters hold rows that were not sent", () =>
    Effect.gen(function* () {
      const { at, options, server, webhook } = yield* setUp
      const ingest = (args: ReadonlyArray<string>) =>
        Effect.flatMap(leavingAfterOne(server), (baseUrl) =>
          run(["ingest", String(webhook), "-", "--retries", "0", "--base-url", baseUrl, ...args], {
            ...options,
            stdin: ndjson(ids(0, 1))
          })
        )
      expect((yield* ingest([])).code).toBe(7)
      const { code } = yield* ingest(["--dead-letters", "dead.ndjson"])
      expect(readFileSync(at("dead.ndjson"), "utf8")).toContain('"row":{"id":0}')
      expect(code).toBe(9)
    })
  )

  it.scopedLive("delivers each row exactly once if a stopped run with dead letters is resumed and replayed", () =>
    Effect.gen(function* () {
      const { at, options, server, webhook } = yield* setUp
      writeFileSync(at("rows.ndjson"), ndjson(ids(0, 200)))
      yield* server.inject(Fault.status(200, { operation: "addData", times: 60 }))
      yield* server.inject(Fault.status(403, { operation: "addData", times: 4 }))
      const stopped = yield* run(
        ["ingest", "orders", "rows.ndjson", "--dead-letters", "dead.ndjson", "--json"],
        options
      )
      expect(stopped.code).toBe(9)
      const { data, meta } = JSON.parse(stopped.stdout) as {
        readonly data: { readonly accepted: number; readonly undelivered: number; readonly resumeAt: number }
        readonly meta: { readonly resume: string }
      }
      expect(data.accepted + data.undelivered).toBe(data.resumeAt)
      expect(data.undelivered).toBeGreaterThan(0)
      yield* server.clearFaults
      expect((yield* run(meta.resume.split(" ").slice(1), options)).code).toBe(0)
      expect((yield* run(["replay", "orders", "dead.ndjson"], options)).code).toBe(0)
      expect(idsOf(yield* server.rows(webhook))).toEqual(ids(0, 200).map(({ id }) => id))
    })
  )

  it.scopedLive("stops after SIGINT, and the command in its hint delivers each remaining row once", () =>
    Effect.gen(function* () {
      const { at, options, server, webhook } = yield* setUp
      writeFileSync(at("rows.ndjson"), ndjson(ids(0, 1500)))
      yield* server.inject(Fault.make({ _tag: "Status", status: 200 }, { operation: "getDetails" }))
      const child = start(["ingest", "orders", "rows.ndjson", "--workspace=4"], options)
      const end = yield* Effect.fork(ended(child))
      yield* Effect.repeat(server.rows(webhook), {
        until: (rows) => rows.length > 100,
        schedule: Schedule.spaced("5 millis")
      })
      child.kill("SIGINT")
      const { code, stderr, stdout } = yield* end
      expect(code).toBe(130)
      const delivered = (yield* server.rows(webhook)).length
      expect(delivered).toBeLessThan(1500)
      expect(stdout.split("\t")[1]).toBe(String(delivered))
      expect(stderr).toContain(`mammoth-webhooks: stopped: ${delivered.toLocaleString("en")} rows of`)
      const [, resume = ""] = /Resume with: mammoth-webhooks (.*)\n/.exec(stderr) ?? []
      expect(resume).toContain(`--workspace 4 --from-row ${delivered}`)
      expect((yield* run(resume.split(" "), options)).code).toBe(0)
      expect(idsOf(yield* server.rows(webhook))).toEqual(ids(0, 1500).map(({ id }) => id))
    })
  )

  it.scopedLive("gives up the requests in flight after a second SIGINT, and reports their rows as unknown", () =>
    Effect.gen(function* () {
      const { at, options, server } = yield* setUp
      yield* server.inject(
        Fault.make({ _tag: "Status", status: 200 }, { operation: "addData", times: "every", delayBefore: "60 seconds" })
      )
      const args = ["ingest", "orders", "-", "--dead-letters", "dead.ndjson"]
      const child = start(args, options)
      child.stdin.write(ndjson(ids(0, 3)))
      const end = yield* Effect.fork(ended(child))
      yield* Effect.repeat(server.requests, {
        until: (all) => all.filter(({ operation }) => operation === "addData").length >= 2,
        schedule: Schedule.spaced("10 millis")
      })
      child.kill("SIGINT")
      yield* Effect.sleep("200 millis")
      child.kill("SIGINT")
      const { code, stderr } = yield* end
      expect(code).toBe(130)
      expect(stderr).toMatch(/interrupted: 0 rows of (\d) delivered, \1 unknown; delivery: unknown; .* Resume with/)
      const kept = readFileSync(at("dead.ndjson.unknown"), "utf8")
      expect(kept.split("\n").length - 1).toBe(Number(/of (\d) delivered/.exec(stderr)?.[1]))
      yield* server.clearFaults
    })
  )

  it.scopedLive("exits with code 9 after an incomplete run, even if its output is a closed pipe", () =>
    Effect.gen(function* () {
      const { options, server } = yield* setUp
      yield* server.inject(Fault.status(400, { operation: "addData" }))
      const child = start(["ingest", "orders", "-", "--dead-letters", "dead.ndjson"], options)
      child.stdout.destroy()
      child.stdin.end(ndjson(ids(0, 3)))
      expect((yield* ended(child)).code).toBe(9)
    })
  )
})
