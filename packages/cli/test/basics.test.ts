import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { Effect } from "effect"
import { apiKey, apiSecret, create as createWebhook, emulator, folder, run } from "./support/cli.js"

const names = (stdout: string): ReadonlyArray<string> =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t")[1] ?? "")

describe("the output", () => {
  it.scopedLive("is TSV without colors if stdout is a pipe", () =>
    Effect.gen(function* () {
      const { env, ...server } = yield* emulator()
      const id = yield* createWebhook({ env, ...server }, { name: "a\tb" })
      const ended = yield* run(["list"], { env })
      expect(ended).toEqual({ code: 0, stdout: `${id}\ta\\tb\tcombine\t1001\t*\n`, stderr: "" })
    })
  )

  it.scopedLive("is one JSON document with data and meta if --json is given, and hides the uri and the secret", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* createWebhook(server, { name: "orders", is_secure: true })
      const { code, stdout } = yield* run(["get", "orders", "--json"], { env: server.env })
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toEqual({
        schema_version: 1,
        data: {
          id: 1,
          name: "orders",
          mode: "combine",
          uri: "<redacted>",
          datasetId: 1001,
          origins: "*",
          secret: "<redacted>"
        },
        meta: { command: "get" }
      })
    })
  )

  it.scopedLive("contains only the webhooks and fields that the flags select, in the selected order", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      for (const name of ["b", "a", "c"])
        yield* createWebhook(server, { name, mode: name === "c" ? "replace" : "combine" })
      const sorted = yield* run(["list", "--sort", "name:desc", "--mode", "combine", "--fields", "id,name"], server)
      expect(sorted.stdout).toBe("1\tb\n2\ta\n")
      const all = yield* run(["list", "--all", "--limit=1", "--ndjson", "--fields=name"], server)
      expect(all.stdout).toBe('{"name":"b"}\n{"name":"a"}\n{"name":"c"}\n')
      const named = yield* run(["list", "--name", "a", "--name", "c"], server)
      expect(names(named.stdout)).toEqual(["a", "c"])
      const page = yield* run(["list", "--limit", "2", "--json"], server)
      expect(JSON.parse(page.stdout).meta).toEqual({ command: "list", count: 2, limit: 2, offset: 0, has_more: true })
    })
  )
})

describe("a command that takes a webhook", () => {
  it.scopedLive("finds the webhook by its id or exact name, and refuses a name that several webhooks have", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      for (const name of ["twice", "twice", "a, b"]) yield* createWebhook(server, { name })
      expect((yield* run(["get", "a, b"], server)).stdout).toMatch(/^3\ta, b\t/)
      expect((yield* run(["get", "3"], server)).stdout).toMatch(/^3\ta, b\t/)
      const shared = yield* run(["delete", "twice", "--yes"], server)
      expect(shared.code).toBe(2)
      expect(shared.stderr).toContain("ids 1, 2")
      const prefix = yield* run(["get", "twic"], server)
      expect(prefix.code).toBe(5)
    })
  )
})

describe("the command", () => {
  it.scopedLive("prefers a flag to a variable, and a variable to the profile", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      const home = yield* folder
      const path = join(home, "mammoth-webhooks", "config.json")
      mkdirSync(join(home, "mammoth-webhooks"))
      const profile = { apiKey, apiSecret, workspaceId: 6, projectId: 7, baseUrl: server.baseUrl }
      writeFileSync(path, JSON.stringify(profile), { mode: 0o600 })
      const env = { XDG_CONFIG_HOME: home, MAMMOTH_PROJECT_ID: "8", MAMMOTH_WORKSPACE_ID: "" }
      expect((yield* run(["list"], { env })).code).toBe(0)
      expect((yield* run(["list", "--project", "9"], { env })).code).toBe(0)
      const urls = (yield* server.requests).map(({ url }) => url.split("?")[0])
      expect(urls).toEqual(["/api/v2/workspaces/6/projects/8/webhooks", "/api/v2/workspaces/6/projects/9/webhooks"])
    })
  )

  it.scopedLive("refuses a profile that other users can read, or that has an unknown property", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const path = join(home, "mammoth-webhooks", "config.json")
      mkdirSync(join(home, "mammoth-webhooks"))
      writeFileSync(path, JSON.stringify({ apiKey, apiSecret }))
      chmodSync(path, 0o640)
      const open = yield* run(["list"], { env: { XDG_CONFIG_HOME: home } })
      expect(open.code).toBe(3)
      expect(open.stderr).toContain(`chmod 600 ${path}`)
      chmodSync(path, 0o600)
      writeFileSync(path, JSON.stringify({ apiKey, apisecret: apiSecret }))
      const misspelt = yield* run(["list"], { env: { XDG_CONFIG_HOME: home } })
      expect(misspelt.code).toBe(3)
      expect(misspelt.stderr).toContain("apisecret")
      expect(open.stderr + misspelt.stderr).not.toContain(apiKey)
      expect(misspelt.stderr).not.toContain(apiSecret)
    })
  )

  it.scopedLive("reads the keys from stdin if --keys-stdin is given", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      const { MAMMOTHANALYTICS_API_KEY: _key, MAMMOTHANALYTICS_API_SECRET: _secret, ...env } = server.env
      const ended = yield* run(["list", "--keys-stdin"], { env, stdin: `${apiKey}\n${apiSecret}\n` })
      expect(ended).toMatchObject({ code: 0, stderr: "" })
      const both = yield* run(["send", "x", "--keys-stdin"], { env, stdin: `${apiKey}\n${apiSecret}\n` })
      expect(both.code).toBe(2)
      expect(both.stderr).toContain("reads its input from stdin")
    })
  )
})

describe("a command that changes a webhook or pushes rows", () => {
  it.scopedLive("creates, updates or deletes a webhook, and writes hidden values only to a file of mode 0600", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      const path = join(yield* folder, "secret.json")
      const created = yield* run(["create", "orders", "--mode", "combine", "--secure", "--secret-out", path], server)
      expect(created).toMatchObject({ code: 0, stdout: "1\torders\tcombine\t1001\t*\n" })
      expect(statSync(path).mode & 0o777).toBe(0o600)
      const kept = JSON.parse(readFileSync(path, "utf8")) as { readonly uri: string; readonly secret: string }
      expect(kept.uri).toMatch(/^\/webhook\/data\/\w{24}$/)
      expect(kept.secret).toMatch(/\w/)

      yield* server.clearRequests
      const again = yield* run(["create", "other", "--mode", "combine", "--secret-out", path], server)
      expect(again.code).toBe(2)
      expect(yield* server.requests).toHaveLength(0)

      const updated = yield* run(["update", "orders", "--mode", "replace", "--origins", "https://a.example"], server)
      expect(updated).toMatchObject({ code: 0, stdout: "1\torders\treplace\t1001\thttps://a.example\n" })
      const deleted = yield* run(["delete", "1", "--yes"], server)
      expect(deleted).toMatchObject({ code: 0, stdout: "1\ttrue\n" })
      expect((yield* run(["get", "1"], server)).code).toBe(5)
    })
  )

  it.scopedLive("sends nothing if the mode, the change or the confirmation is missing", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      for (const args of [
        ["create", "orders"],
        ["update", "orders"],
        ["delete", "orders"],
        ["delete", "1"],
        ["create", "orders", "--mode", "append"]
      ]) {
        // Send `y` through a pipe. The command must not accept this as a confirmation.
        expect(yield* run(args, { ...server, stdin: "y\n" })).toMatchObject({ code: 2, stdout: "" })
      }
      expect(yield* server.requests).toHaveLength(0)
    })
  )

  it.scopedLive("sends a document unchanged from a file or stdin", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      const id = yield* createWebhook(server, { name: "orders" })
      const path = join(yield* folder, "row.json")
      writeFileSync(path, '{"n": 12345678901234567890}')
      const file = yield* run(["send", "orders", path], server)
      expect(file).toMatchObject({ code: 0, stdout: `${id}\torders\ttrue\t27\n` })
      expect(file.stderr).toContain("does not say if the rows are in the dataset")
      expect((yield* server.requests).at(-1)?.body).toBe('{"n": 12345678901234567890}')
      expect((yield* run(["send", "orders", "-"], { ...server, stdin: '{"a":1}' })).code).toBe(0)
      expect((yield* run(["send", "orders", "--get"], { ...server, stdin: '{"a":true,"b":"x y"}' })).code).toBe(0)
      expect(yield* server.rows(id)).toHaveLength(3)

      yield* server.clearRequests
      for (const [args, stdin] of [
        [["send", "orders"], '{"a":'],
        [["send", "orders"], ""],
        [["send", "orders", "--get"], '{"a":[1]}'],
        [["send", "orders", "/nonexistent/row.json"], ""]
      ] as const) {
        expect((yield* run(args, { ...server, stdin })).code).toBe(2)
      }
      expect(yield* server.requests).toHaveLength(0)
    })
  )
})

describe("a failed command", () => {
  const create = ["create", "x", "--mode", "combine"]
  // Each case has the exit code, the value of `retryable`, the command line and the fault.
  const failing: ReadonlyArray<readonly [number, boolean, ReadonlyArray<string>, Fault.Fault]> = [
    [1, false, ["list"], Fault.status(400)],
    [4, false, ["list"], Fault.status(401)],
    [4, false, ["list"], Fault.status(403)],
    [5, false, ["get", "1"], Fault.status(404)],
    [7, true, ["list"], Fault.status(503)],
    [7, true, ["list"], Fault.status(429)],
    [7, true, create, Fault.status(429)],
    [8, false, create, Fault.status(503)],
    [8, true, ["delete", "1", "--yes"], Fault.status(503)],
    [8, true, ["update", "1", "--origins", "*"], Fault.status(500)],
    [1, false, ["send", "1"], Fault.status(400, { operation: "addData" })],
    [4, false, ["send", "1"], Fault.status(401, { operation: "addData" })],
    [7, true, ["send", "1"], Fault.status(429, { operation: "addData" })],
    [8, false, ["send", "1"], Fault.status(503, { operation: "addData" })],
    [8, false, ["send", "1", "--get"], Fault.status(503, { operation: "addDataUsingGet" })]
  ]

  for (const [code, retryable, args, fault] of failing) {
    const status = fault.answer._tag === "Status" ? fault.answer.status : ""
    it.scopedLive(
      `exits with code ${code} if the server responds to ${args[0]}${args.includes("--get") ? " --get" : ""} with ${status}`,
      () =>
        Effect.gen(function* () {
          const server = yield* emulator()
          yield* createWebhook(server, { name: "orders" })
          yield* server.inject({ ...fault, times: "every" })
          const ended = yield* run([...args, "--retries", "0", "--json"], { ...server, stdin: '{"a":1}' })
          expect(ended).toMatchObject({ code, stdout: "" })
          expect(JSON.parse(ended.stderr)).toMatchObject({ error: { retryable } })
        })
    )
  }

  it.scopedLive("writes one line with the failure, its delivery and the remedy", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* server.inject(Fault.status(503, { times: "every" }))
      const { stderr } = yield* run([...create, "--retries", "0"], server)
      expect(stderr).toMatch(
        /^mammoth-webhooks: Webhooks\.create .*; delivery: unknown; Check whether the change was made .*\n$/
      )
    })
  )

  it.scopedLive("writes its error as JSON if --json is given", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* server.inject({ ...Fault.status(503), times: 9 })
      const unknown = yield* run(["create", "x", "--mode", "combine", "--json"], server)
      expect(JSON.parse(unknown.stderr)).toEqual({
        error: {
          code: "MammothServerError",
          message: expect.stringContaining("503"),
          delivery: "Unknown",
          hint: expect.stringContaining("Check whether the change was made"),
          retryable: false
        }
      })
      const read = yield* run(["list", "--json", "--retries=0"], server)
      expect(JSON.parse(read.stderr)).toMatchObject({ error: { delivery: "Unknown", retryable: true } })
      const usage = yield* run(["list", "--json", "--lmit=1"], server)
      expect(JSON.parse(usage.stderr)).toMatchObject({
        error: { code: "Usage", delivery: "NotSent", retryable: false }
      })
    })
  )

  it.scopedLive("exits with code 3 if a setting is missing, and with code 7 if no server listens", () =>
    Effect.gen(function* () {
      const env = { MAMMOTH_WORKSPACE_ID: "4", MAMMOTH_PROJECT_ID: "5", MAMMOTH_BASE_URL: "http://127.0.0.1:9" }
      const missing = yield* run(["list"], { env })
      expect(missing.code).toBe(3)
      expect(missing.stderr).toContain("MAMMOTHANALYTICS_API_KEY")
      const keys = { MAMMOTHANALYTICS_API_KEY: "k", MAMMOTHANALYTICS_API_SECRET: "s" }
      const unreachable = yield* run(["list", "--retries", "0"], { env: { ...env, ...keys } })
      expect(unreachable.code).toBe(7)
      expect((yield* run(["list"], { env: { ...env, ...keys, MAMMOTH_WORKSPACE_ID: "x" } })).code).toBe(3)
      expect((yield* run(["list", "--workspace", "0"], { env: { ...env, ...keys } })).code).toBe(2)
    })
  )
})
