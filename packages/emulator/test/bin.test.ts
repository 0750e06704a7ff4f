import * as ChildProcess from "node:child_process"
import { fileURLToPath } from "node:url"
import { assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { build } from "esbuild"
import { Emulator } from "../src/index.js"
import { call, create, exchange, inProject, json, wait } from "./support.js"

const fileOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/**
 * The file of the compiled command. It is three folders deep, as `pageFile.ts` is, so that the command finds the folder
 * `page`.
 */
const bin = fileOf("../.tsbuild/test/bin/bin.js")

// Compile the command once, because tsx would need seconds for each start.
beforeAll(async () => {
  await build({
    entryPoints: [fileOf("../src/bin.ts")],
    outfile: bin,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["effect", "@effect/*"],
    logLevel: "warning"
  })
})

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Starts the command. `ready` resolves after the command's last printed line, and `ended` after its process ends. */
const start = (...flags: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const child = ChildProcess.spawn(process.execPath, [bin, ...flags])
      let out = ""
      let err = ""
      child.stderr.on("data", (chunk) => (err += String(chunk)))
      const ready = new Promise<string>((resolve) =>
        child.stdout.on("data", (chunk) => {
          out += String(chunk)
          if (out.includes("API_SECRET=")) resolve(out)
        })
      )
      const ended = new Promise<Ended>((resolve) => child.on("close", (code) => resolve({ code, out, err })))
      return {
        ready: Effect.promise(() => ready),
        ended: Effect.promise(() => ended),
        kill: (signal: NodeJS.Signals) => Effect.sync(() => child.kill(signal))
      }
    }),
    ({ kill }) => kill("SIGKILL")
  )

/** Reads the address and keys of the server from the printed lines. */
const printed = (emulator: Emulator.Service, out: string): Emulator.Service => {
  const value = (name: string) => new RegExp(`^export ${name}=(.+)$`, "m").exec(out)?.[1] ?? ""
  return {
    ...emulator,
    baseUrl: value("MAMMOTH_BASE_URL"),
    apiKey: Redacted.make(value("MAMMOTHANALYTICS_API_KEY")),
    apiSecret: Redacted.make(value("MAMMOTHANALYTICS_API_SECRET"))
  }
}

describe("mammoth-emulator", () => {
  it.scopedLive("serves at the printed address, and exits with code 0 on SIGINT although connections are open", () =>
    Effect.gen(function* () {
      // Pass empty strings as options, because a shell writes an empty string for an unset variable.
      const command = yield* start("--port", "0", "--host", "", "--api-key", "", "--record", "")
      const out = yield* command.ready
      assert.include(out, "API_KEY=emulator-key")
      const remote = printed(yield* Emulator.make(), out)
      assert.match(remote.baseUrl, /^http:\/\/127\.0\.0\.1:\d+\/api\/v2$/)
      const { origin } = new URL(remote.baseUrl)
      assert.include(out, `Its page shows rows and requests: ${origin}/\n`)
      assert.include((yield* call({ ...remote, baseUrl: origin }, "GET", "/")).text, "<!doctype html>")
      assert.strictEqual((yield* call(remote, "GET", inProject(1))).status, 200)
      assert.strictEqual((yield* call(remote, "POST", inProject(1), { body: {}, headers: {} })).status, 401)
      const unfinished = yield* Effect.fork(exchange(remote, "POST / HTTP/1.1\r\n"))
      yield* wait(50)
      yield* command.kill("SIGINT")
      assert.deepStrictEqual(yield* command.ended, { code: 0, out, err: "" })
      yield* unfinished
    })
  )

  it.scopedLive("applies its flags, and exits with code 0 on SIGTERM although connections are open", () =>
    Effect.gen(function* () {
      const flags = [
        "--port",
        "0",
        "--api-key",
        "k",
        "--api-secret",
        "it's",
        "--arrays-are-rows",
        "--open-data",
        "--body-limit",
        "40",
        "--record",
        "1",
        "--allowed-host",
        "emulator",
        "--allowed-host",
        "mammoth.test"
      ]
      const command = yield* start(...flags)
      const out = yield* command.ready
      assert.include(out, "export MAMMOTHANALYTICS_API_KEY=k\n")
      assert.include(out, `export MAMMOTHANALYTICS_API_SECRET='it'\\''s'\n`)
      const remote = { ...printed(yield* Emulator.make(), out), apiSecret: Redacted.make("it's") }
      const { data, id } = yield* create(remote, 1)
      assert.strictEqual((yield* call(remote, "POST", data, { headers: {}, body: [{ n: 1 }, { n: 2 }] })).status, 201)
      assert.strictEqual((yield* call(remote, "POST", data, { body: { n: "a".repeat(40) } })).status, 413)
      const { origin } = new URL(remote.baseUrl)
      const requests = yield* call({ ...remote, baseUrl: origin }, "GET", "/emulator/requests")
      assert.strictEqual(json(requests).length, 1)
      const rows = yield* call({ ...remote, baseUrl: origin }, "GET", `/emulator/webhooks/${id}/rows`)
      assert.strictEqual(rows.text, `[{"n":1},{"n":2}]`)
      for (const [host, status] of [
        ["emulator", 200],
        ["mammoth.test", 200],
        ["other.test", 403]
      ] as const) {
        const seen = yield* exchange(remote, `GET / HTTP/1.1\r\nHost: ${host}:4010\r\nConnection: close\r\n\r\n`)
        assert.match(seen.text, new RegExp(`^HTTP/1.1 ${status} `), host)
      }
      const unfinished = yield* Effect.fork(exchange(remote, "POST / HTTP/1.1\r\n"))
      yield* wait(50)
      yield* command.kill("SIGTERM")
      assert.deepStrictEqual(yield* command.ended, { code: 0, out, err: "" })
      yield* unfinished
    })
  )

  it.scopedLive("suggests another port if the port is taken, and exits with code 1", () =>
    Effect.gen(function* () {
      const port = new URL((yield* Emulator.make()).baseUrl).port
      const command = yield* start("--port", port)
      assert.deepStrictEqual(yield* command.ended, {
        code: 1,
        out: "",
        err: `mammoth-emulator: Cannot listen on 127.0.0.1:${port}: the port is taken by another process (EADDRINUSE)\nChoose another port with --port\n`
      })
    })
  )

  it.scopedLive("suggests another address if this machine does not have the address, and exits with code 1", () =>
    Effect.gen(function* () {
      const command = yield* start("--port", "0", "--host", "192.0.2.1")
      assert.deepStrictEqual(yield* command.ended, {
        code: 1,
        out: "",
        err: "mammoth-emulator: Cannot listen on 192.0.2.1:0: EADDRNOTAVAIL\nChoose another address with --host\n"
      })
    })
  )

  it.scopedLive("names an unknown flag, and exits with code 1", () =>
    Effect.gen(function* () {
      const command = yield* start("--prot", "1")
      const { code, err, out } = yield* command.ended
      assert.deepStrictEqual([code, out], [1, ""])
      assert.match(err, /^mammoth-emulator: Unknown option '--prot'.*\nSee mammoth-emulator --help\n$/)
    })
  )

  it.scopedLive("uses the default of a flag with an empty value", () =>
    Effect.gen(function* () {
      const flags = [
        "host",
        "allowed-host",
        "api-key",
        "api-secret",
        "body-limit",
        "record",
        "record-bytes",
        "list-lag"
      ]
      const command = yield* start("--port", "0", ...flags.flatMap((flag) => [`--${flag}`, ""]))
      const out = yield* command.ready
      assert.match(out, /^export MAMMOTH_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/api\/v2$/m)
      assert.match(out, /^export MAMMOTHANALYTICS_API_KEY=emulator-key$/m)
      assert.match(out, /^export MAMMOTHANALYTICS_API_SECRET=emulator-secret$/m)
      const remote = printed(yield* Emulator.make(), out)
      assert.strictEqual((yield* call(remote, "POST", inProject(1), { body: {} })).status, 201)
    })
  )

  it.scopedLive("refuses a port above 65535, and exits with code 1", () =>
    Effect.gen(function* () {
      const { code, err } = yield* Effect.flatMap(start("--port", "65536"), (command) => command.ended)
      assert.strictEqual(code, 1)
      assert.include(err, "--port: expected an integer from 0 to 65535, received '65536'")
    })
  )

  it.scopedLive("lists its flags with --help", () =>
    Effect.gen(function* () {
      const { code, err, out } = yield* Effect.flatMap(start("--help"), (command) => command.ended)
      assert.deepStrictEqual([code, err], [0, ""])
      for (const flag of [
        "port",
        "host",
        "allowed-host",
        "api-key",
        "api-secret",
        "arrays-are-rows",
        "open-data",
        "body-limit",
        "record",
        "record-bytes",
        "list-lag",
        "help"
      ]) {
        assert.include(out, `--${flag}`)
      }
    })
  )
})
