import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { OutboxStore } from "@mammoth-effect/outbox"
import { Effect, Schedule } from "effect"
import * as Databases from "../../outbox/test/support/Databases.js"
import { apiKey, create, emulator, ended, folder, run, start } from "./support/cli.js"

describe("ensure", () => {
  it.scopedLive("shows and applies the plan, and exits with code 6 if --check finds a difference", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* create(server, { name: "prices", mode: "combine" })
      const cwd = yield* folder
      const options = { env: server.env, cwd }
      writeFileSync(
        join(cwd, "webhooks.yaml"),
        "webhooks:\n  - { name: orders, mode: combine, isSecure: true }\n  - name: prices\n    mode: replace\n    origins: https://a.example\n"
      )
      const drift = yield* run(["ensure", "-f", "webhooks.yaml", "--check"], options)
      expect(drift.code).toBe(6)
      expect(drift.stdout).toBe(
        "create\t\torders\tmode: combine\nupdate\t1\tprices\tmode: combine -> replace, origins: * -> https://a.example\n"
      )
      const applied = yield* run(["ensure", "-f", "webhooks.yaml"], options)
      expect(applied.code).toBe(0)
      expect(applied.stdout).toBe(
        "create\t2\torders\tcombine\t1002\t*\nupdate\t1\tprices\treplace\t1001\thttps://a.example\n"
      )
      expect(applied.stderr).toContain("+ create orders")
      expect((yield* run(["ensure", "--file=webhooks.yaml", "--check"], options)).code).toBe(0)
      yield* server.clearRequests
      expect((yield* run(["ensure", "orders", "--mode", "combine"], options)).stdout).toMatch(/^keep\t2\t/)
      expect((yield* server.requests).every(({ method }) => method === "GET")).toBe(true)
    })
  )

  it.scopedLive("refuses a wrong file or wrong flags before it sends anything", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      const cases = [
        [["ensure", "orders"], ""],
        [["ensure"], ""],
        [["ensure", "orders", "-f", "-"], "[]"],
        [["ensure", "-f", "-", "--mode", "combine"], "[{name: a, mode: combine}]"],
        [["ensure", "-f", "-"], "[]"],
        [["ensure", "-f", "-"], "[{name: a}]"],
        [["ensure", "-f", "-"], "[{name: a, mode: combine, secure: true}]"],
        [["ensure", "-f", "-"], "[{name: a, mode: combine}, {name: a, mode: replace}]"],
        [["ensure", "-f", "-"], "a: ["]
      ] as const
      yield* Effect.forEach(
        cases,
        ([args, stdin]) =>
          Effect.map(run(args, { ...server, stdin }), (ended) => {
            expect([stdin, ended.code, ended.stdout]).toEqual([stdin, 2, ""])
          }),
        { concurrency: 4 }
      )
      expect(yield* server.requests).toHaveLength(0)
    })
  )
})

describe("outbox", () => {
  /** Stores three rows, and marks two of them as refused by the server. */
  const refuseTwo = Effect.gen(function* () {
    const store = yield* OutboxStore.OutboxStore
    yield* store.insert(
      "orders",
      ["a", "b", "c"].map((id) => ({ id, payload: "{}" }))
    )
    const claimed = yield* store.claim("orders", { owner: "test", limit: 2, leaseMillis: 60_000 })
    yield* store.settle(
      "test",
      claimed.map(({ claims, sequence }) => ({ claims, sequence, state: "dead", delayMillis: null, error: "refused" }))
    )
  })

  /** The flags and the variables that name a database. */
  interface Named {
    readonly args?: ReadonlyArray<string>
    readonly env: Readonly<Record<string, string>>
    readonly password?: Readonly<Record<string, string>>
  }

  /**
   * Counts, retries and purges the rows. The first command names the database with flags. The other commands name it with
   * variables.
   */
  const lookAfter = (flags: ReadonlyArray<string>, { args = [], env, password = {} }: Named) =>
    Effect.gen(function* () {
      const status = yield* run(["outbox", "status", "orders", ...flags, ...args, "--json"], { env: password })
      expect(status).toMatchObject({ code: 0, stderr: "" })
      expect(JSON.parse(status.stdout)).toMatchObject({
        data: { outbox: "orders", pending: 1, leased: 0, delivered: 0, dead: 2, failing: 0 },
        meta: { command: "outbox status" }
      })
      expect((yield* run(["outbox", "retry", "orders", "--id", "a", ...args], { env })).stdout).toBe("orders\t1\n")
      expect((yield* run(["outbox", "purge", "orders", ...args], { env })).code).toBe(2)
      expect((yield* run(["outbox", "purge", "orders", "--yes", ...args], { env })).stdout).toBe("orders\t1\n")
      expect((yield* run(["outbox", "status", "orders", ...args], { env })).stdout).toBe("orders\t2\t0\t0\t0\t0\t\t\n")
    })

  it.scopedLive("counts, retries and purges the rows of an SQLite file", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "outbox.db")
      yield* Effect.provide(refuseTwo, OutboxStore.layerSqlite({ filename }))
      yield* lookAfter(["--file", filename], { env: { MAMMOTH_OUTBOX_FILE: filename } })
    })
  )

  it.scopedLive.skipIf(!Databases.hasPostgres)("counts, retries and purges the rows of a Postgres table", () =>
    Effect.gen(function* () {
      const table = yield* Databases.ownTable
      yield* Effect.provide(refuseTwo, OutboxStore.layerSql({ table }))
      const url = new URL(Databases.postgresUrl)
      const { password } = url
      url.password = ""
      yield* lookAfter(["--url", url.href], {
        args: ["--table", table],
        env: { MAMMOTH_OUTBOX_URL: Databases.postgresUrl },
        password: password === "" ? {} : { PGPASSWORD: decodeURIComponent(password) }
      })
    }).pipe(Effect.scoped, Effect.provide(Databases.postgres()))
  )

  it.scopedLive("creates no file for a misspelt path, and refuses a password on the command line", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "misspelt.db")
      expect((yield* run(["outbox", "status", "orders", "--file", filename])).code).toBe(2)
      expect(existsSync(filename)).toBe(false)
      expect((yield* run(["outbox", "status", "orders"])).code).toBe(3)
      const url = "postgres://user:hidden@127.0.0.1:1/db"
      const given = yield* run(["outbox", "status", "orders", "--url", url])
      expect(given.code).toBe(2)
      for (const address of [
        "postgres://app:hidden@/shop",
        "postgres://127.0.0.1:1/db?PassWord=hidden",
        "host=db Password=hidden"
      ]) {
        const refused = yield* run(["outbox", "status", "orders", "--url", address])
        expect([address, refused.code]).toEqual([address, 2])
        expect(refused.stderr).not.toContain("hidden")
      }
      const variable = yield* run(["outbox", "status", "orders"], { env: { MAMMOTH_OUTBOX_URL: url } })
      expect(variable.code).toBe(3)
      expect(given.stderr + variable.stderr).not.toContain("hidden")
    })
  )
})

describe("doctor", () => {
  it.scopedLive("shows each failed check, and exits with the code of the first failed check", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      const well = yield* run(["doctor"], server)
      expect(well).toMatchObject({ code: 0, stderr: "" })
      expect(well.stdout).toMatch(/^(\w+\tok\t.*\n){7}$/)
      const { MAMMOTHANALYTICS_API_KEY: _, ...withoutKey } = server.env
      const cases = [
        [3, withoutKey, "keys\tfail"],
        [4, { ...server.env, MAMMOTHANALYTICS_API_KEY: "wrong" }, "access\tfail"],
        [7, { ...server.env, MAMMOTH_BASE_URL: "http://127.0.0.1:1" }, "server\tfail"]
      ] as const
      for (const [code, env, line] of cases) {
        const ended = yield* run(["doctor"], { env })
        expect(ended.code).toBe(code)
        expect(ended.stdout).toContain(line)
        expect(ended.stdout + ended.stderr).not.toContain(apiKey)
      }
      yield* server.inject(
        Fault.status(200, { headers: { date: "Tue, 01 Jan 2030 00:00:00 GMT" }, body: '{"webhooks":[]}' })
      )
      expect((yield* run(["doctor"], server)).stdout).toMatch(/clock\twarn\t\d+ s behind/)
    })
  )
})

describe("emulator", () => {
  it.scopedLive("serves the API and its page until it is stopped", () =>
    Effect.gen(function* () {
      const child = start(["emulator", "--port", "0"])
      let shown = ""
      child.stdout.on("data", (data: Buffer) => (shown += data.toString()))
      const end = yield* Effect.fork(ended(child))
      yield* Effect.repeat(
        Effect.sync(() => shown),
        { until: (text) => text.includes("API_SECRET"), schedule: Schedule.spaced("20 millis") }
      )
      const env = Object.fromEntries(
        shown
          .trim()
          .split("\n")
          .map((line) => line.split("\t"))
      )
      const options = { env: { ...env, MAMMOTH_WORKSPACE_ID: "1", MAMMOTH_PROJECT_ID: "1" } }
      expect((yield* run(["create", "orders", "--mode", "combine"], options)).code).toBe(0)
      const page = yield* Effect.promise(() => fetch(new URL("/", String(env["MAMMOTH_BASE_URL"]))))
      expect(page.status).toBe(200)
      child.kill("SIGINT")
      expect((yield* end).code).toBe(130)
    })
  )
})
