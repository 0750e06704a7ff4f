import { spawn, spawnSync } from "node:child_process"
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { OutboxStore } from "@mammoth-effect/outbox"
import { Effect, Schedule } from "effect"
import * as SystemErrors from "../src/internal/shell/systemErrors.js"
import { bin, create, emulator, ended, folder, run, start } from "./support/cli.js"

/**
 * Runs a line of shell code in which `mw` is the built command. Does not block this process, because the emulator runs in the
 * same process.
 */
const shell = (line: string, env: Readonly<Record<string, string>>) =>
  Effect.map(
    ended(
      spawn("bash", ["-c", `mw() { "${process.execPath}" "${bin}" "$@"; }; ${line}`], {
        env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...env }
      })
    ),
    ({ code, stderr }) => ({ status: code, stderr })
  )

/** Makes the folder for a profile. Returns the path of the profile, and the options with which the command finds it. */
const profile = Effect.map(folder, (home) => {
  mkdirSync(join(home, "mammoth-webhooks"))
  return { path: join(home, "mammoth-webhooks", "config.json"), options: { env: { XDG_CONFIG_HOME: home } } }
})

describe("a profile", () => {
  it.scopedLive("is refused if it is not JSON, and the error shows the line and column but no contents", () =>
    Effect.gen(function* () {
      const { options, path } = yield* profile
      for (const [text, place] of [
        ['{"apiKey":hunter2hunter2}', "line 1, column 11"],
        ['{\n  "apiKey": "hunter2",\n  "workspaceId": 4 5\n}', "line 3, column 20"],
        ['{"apiSecret": "hunter2', "line 1"],
        ["apiKey=hunter2", "line 1, column 1"],
        ["", "line 1"]
      ] as const) {
        writeFileSync(path, text, { mode: 0o600 })
        const { code, stderr } = yield* run(["list"], options)
        expect([text, code]).toEqual([text, 3])
        expect(stderr).toContain(`it is not JSON (${place}`)
        expect(stderr).not.toMatch(/hunter|unter2|Unexpected/)
      }
    })
  )

  it.scopedLive(
    "is refused for an unknown property, and the error shows the name only if it resembles a known name",
    () =>
      Effect.gen(function* () {
        const { options, path } = yield* profile
        writeFileSync(path, '{"hunter2hunter2":"x","apikey":"y","workspaceId":"hunter2"}', { mode: 0o600 })
        const { code, stderr } = yield* run(["list"], options)
        expect(code).toBe(3)
        expect(stderr).toContain("it has an unknown property (known properties: apiKey")
        expect(stderr).toContain('it has an unknown property "apikey" (did you mean apiKey?)')
        expect(stderr).toContain("workspaceId must be a number")
        expect(stderr).not.toContain("hunter2")
      })
  )

  it.scopedLive("is accepted with mode 0400, and is refused immediately if it is a pipe or a folder", () =>
    Effect.gen(function* () {
      const { options, path } = yield* profile
      expect(spawnSync("mkfifo", ["-m", "600", path]).status).toBe(0)
      const pipe = yield* run(["list"], options)
      expect(pipe.code).toBe(3)
      expect(pipe.stderr).toContain("is not a regular file")
      rmSync(path)
      mkdirSync(path)
      expect((yield* run(["list"], options)).stderr).toContain("is a folder")
      rmSync(path, { recursive: true })
      writeFileSync(path, "{}")
      chmodSync(path, 0o400)
      expect((yield* run(["list"], options)).stderr).toContain("the workspace is missing")
    })
  )
})

describe("the home folder", () => {
  it.scopedLive(
    "is ignored if its path is relative: nothing in the working directory is used as profile or cache",
    () =>
      Effect.gen(function* () {
        const cwd = yield* folder
        mkdirSync(join(cwd, ".config", "mammoth-webhooks"), { recursive: true })
        writeFileSync(join(cwd, ".config", "mammoth-webhooks", "config.json"), '{"workspaceId":1}', { mode: 0o600 })
        for (const env of [{ HOME: "" }, { HOME: "." }, { HOME: "", XDG_CONFIG_HOME: ".config" }]) {
          const { stdout } = yield* run(["doctor"], { cwd, env })
          expect(stdout).toContain("profile\tok\tnone")
          expect(stdout).toContain("workspace\tfail")
          expect(existsSync(join(cwd, ".cache"))).toBe(false)
        }
        const { stdout } = yield* run(["doctor"], { cwd, env: { HOME: cwd } })
        expect(stdout).toContain("workspace\tok\t1 (profile)")
      })
  )

  it.scopedLive.skipIf(process.getuid?.() !== 0)(
    "is optional: the command runs without HOME, even if the system has no entry for the user",
    () =>
      Effect.gen(function* () {
        const { code, stderr } = yield* Effect.sync(() => {
          const { HOME: _, ...env } = process.env
          const ended = spawnSync(process.execPath, [bin, "list"], { env, uid: 54321, encoding: "utf8", cwd: "/" })
          return { code: ended.status, stderr: ended.stderr }
        })
        expect(code).toBe(3)
        expect(stderr).toContain("the workspace is missing")
      })
  )

  it.scopedLive.skipIf(process.getuid?.() !== 0)("supplies a profile only if the profile belongs to the user", () =>
    Effect.gen(function* () {
      const { options, path } = yield* profile
      writeFileSync(path, "{}", { mode: 0o600 })
      chownSync(path, 54321, 54321)
      const { code, stderr } = yield* run(["list"], options)
      expect(code).toBe(3)
      expect(stderr).toContain("belongs to another user (uid 54321, not 0)")
    })
  )
})

describe("a part of the command that cannot be loaded", () => {
  it.scopedLive("is reported as a defect in one line", () =>
    Effect.gen(function* () {
      const copy = yield* folder
      cpSync(dirname(bin), copy, { recursive: true })
      writeFileSync(join(copy, "package.json"), '{"type":"module"}')
      for (const name of readdirSync(copy)) if (/^list-.*\.js$/.test(name)) rmSync(join(copy, name))
      const ended = spawnSync(process.execPath, [join(copy, "bin.js"), "list"], { encoding: "utf8" })
      expect(ended.status).toBe(1)
      expect(ended.stderr).toMatch(/^mammoth-webhooks: the command has a defect; .*\n$/)
    })
  )
})

describe("a closed pipe", () => {
  it.scopedLive("does not change the exit code of ensure --check or of doctor", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      for (const [args, env, code] of [
        [["ensure", "orders", "--mode", "combine", "--check"], server.env, 6],
        [["doctor"], {}, 3]
      ] as const) {
        const child = start(args, { env })
        child.stdout.destroy()
        child.stdin.end()
        expect((yield* ended(child)).code).toBe(code)
      }
    })
  )
})

describe("an output that cannot be written", () => {
  it.scopedLive("makes a command exit with code 8 after a change, and the error says that the change was made", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* create(server, { name: "orders" })
      for (const [line, done] of [
        ["mw create x --mode combine", "webhook 2 was created"],
        ["mw update orders --origins '*'", "webhook 1 was updated"],
        ["mw ensure y --mode combine", "the webhooks have the wanted settings"],
        ["echo '{\"a\":1}' | mw send orders", "the server accepted the document"],
        ["echo '{\"a\":1}' | mw ingest orders -", "1 row of 1 delivered"],
        ["mw delete orders --yes", "webhook 1 was deleted"]
      ] as const) {
        const { status, stderr } = yield* shell(`${line} > /dev/full`, server.env)
        expect([line, status]).toEqual([line, 8])
        expect(stderr).toContain(
          `${done}, but the output could not be written: the disk is full; delivery: accepted; Do not run the command again`
        )
      }
      expect((yield* shell("mw get 2 > /dev/full", server.env)).status).toBe(1)
    })
  )
})

describe("the hint and the property retryable", () => {
  const createX = ["create", "x", "--mode", "combine"]
  const update = ["update", "1", "--origins", "*"]
  const ensure = ["ensure", "x", "--mode", "combine"]
  const cases: ReadonlyArray<readonly [ReadonlyArray<string>, Fault.Fault, number, boolean, RegExp]> = [
    [["list"], Fault.status(400), 1, false, /^Correct the request/],
    [["list"], Fault.status(503), 7, true, /^Run the command again later/],
    [createX, Fault.status(400), 1, false, /^Correct the request/],
    [createX, Fault.status(413), 1, false, /^Correct the request/],
    [createX, Fault.status(429), 7, true, /^Run the command again later/],
    [createX, Fault.status(503), 8, false, /^Check whether the change was made/],
    [update, Fault.status(400), 1, false, /^Correct the request/],
    [update, Fault.status(503), 8, true, /It is safe to run the command again/],
    [["delete", "1", "--yes"], Fault.status(503), 8, true, /It is safe to run the command again/],
    [ensure, Fault.status(503, { operation: "create" }), 8, true, /It is safe to run the command again/],
    [ensure, Fault.status(400, { operation: "create" }), 1, false, /^Correct the request/]
  ]

  it.scopedLive(
    "agree on whether the command may be repeated",
    () =>
      Effect.forEach(
        cases,
        ([args, fault, code, retryable, hint]) =>
          Effect.gen(function* () {
            const server = yield* emulator()
            yield* create(server, { name: "orders" })
            yield* server.inject({ ...fault, times: "every" })
            const ended = yield* run([...args, "--retries", "0", "--json"], server)
            const { error } = JSON.parse(ended.stderr) as { readonly error: { readonly hint: string } }
            expect([args, ended.code, error]).toMatchObject([args, code, { retryable }])
            expect(error.hint).toMatch(hint)
            expect(/^(Do not|Correct|Check whether)/.test(error.hint) && retryable).toBe(false)
          }).pipe(Effect.scoped),
        { concurrency: 2 }
      ),
    60_000
  )
})

describe("messages", () => {
  it.scopedLive("name the wrong flag, and the flag that solves the problem", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      for (const [args, text] of [
        [["list", "--limit", "0"], "--limit needs an integer from 1 to 100"],
        [["list", "--id", "1", "--id", "x"], "--id needs an integer of 1 or more"],
        [["list", "--workspace", "1.5"], "--workspace needs an integer of 1 or more"],
        [["ingest", "orders", "-", "--concurrency", "0"], "--concurrency needs an integer of 1 or more"],
        [["list", "--timeout", "5"], "--timeout: "],
        [["list", "--base-url", "http://example.org"], "with --allow-insecure"]
      ] as const) {
        const { code, stderr } = yield* run(args, server)
        expect([args, code]).toEqual([args, 2])
        expect(stderr).toContain(text)
        expect(stderr).not.toMatch(/delivery|MAMMOTH_|allowInsecure/)
      }
      expect(yield* server.requests).toEqual([])
    })
  )

  it.scopedLive("say in words why a file cannot be opened", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* create(server, { name: "orders" })
      const at = yield* folder
      writeFileSync(join(at, "plain.csv"), "a\n1\n")
      writeFileSync(join(at, "closed.csv"), "a\n1\n", { mode: 0o000 })
      const isRoot = process.getuid?.() === 0
      const cases: ReadonlyArray<readonly [ReadonlyArray<string>, string]> = [
        [["ingest", "orders", "EXPORT.csv"], "EXPORT.csv: there is no such file or folder"],
        [["ingest", "orders", "plain.csv/rows.csv"], "plain.csv/rows.csv: a part of the path is not a folder"],
        [["ingest", "orders", "."], ".: it is a folder"],
        [["ensure", "-f", "."], ".: it is a folder"],
        [["get", "orders", "--secret-out", "EXPORT/s"], "EXPORT/s: there is no such file or folder"],
        [["ingest", "orders", "plain.csv", "--dead-letters", "EXPORT/d"], "EXPORT/d: there is no such file or folder"],
        [["outbox", "status", "orders", "--file", "none.db"], "none.db: there is no such file or folder"],
        ...(isRoot ? [] : [[["ingest", "orders", "closed.csv"], "closed.csv: permission denied"] as const])
      ]
      yield* Effect.forEach(
        cases,
        ([args, text]) =>
          Effect.map(run(args, { ...server, cwd: at }), (ended) => {
            expect([args, ended.code, ended.stdout]).toEqual([args, 2, ""])
            expect(ended.stderr).toContain(`mammoth-webhooks: ${text}; `)
          }),
        { concurrency: 2 }
      )
    })
  )

  it("explain the codes of system errors in words, and keep an unknown code", () => {
    expect(SystemErrors.explain("EACCES: permission denied, open '/EXPORT/EPERM/x'")).toBe("permission denied")
    expect(SystemErrors.explain("reading failed: EMFILE")).toBe("too many files are open")
    expect(SystemErrors.explain("NotFound: FileSystem.open (/EXPORT/x): ENOSPC: no space left")).toBe(
      "the disk is full"
    )
    expect(SystemErrors.explain("ELOOP")).toBe("error code ELOOP")
    expect(SystemErrors.reasonOf(Object.assign(new Error("x"), { code: "ELOOP" }))).toBe("error code ELOOP")
    expect(SystemErrors.reasonOf(Object.assign(new Error("x"), { code: "EAI_AGAIN" }))).toBe("error code EAI_AGAIN")
    expect(SystemErrors.explain("line 3: expected a comma")).toBe("line 3: expected a comma")
  })

  it.scopedLive("name the allowed values of an argument or a flag, and suggest a similar value", () =>
    Effect.gen(function* () {
      const help = (command: string) => `See mammoth-webhooks ${command} --help.\n`
      for (const [args, text] of [
        [["completions", "foo"], `the argument SHELL must be one of bash, zsh, fish; ${help("completions")}`],
        [
          ["completions", "fis"],
          `the argument SHELL must be one of bash, zsh, fish; Did you mean fish? ${help("completions")}`
        ],
        [["list", "--mode", "combin"], `--mode must be one of replace, combine; Did you mean combine? ${help("list")}`]
      ] as const) {
        const { code, stderr } = yield* run(args)
        expect([args, code, stderr]).toEqual([args, 2, `mammoth-webhooks: ${text}`])
      }
    })
  )

  it.scopedLive("advise the user to check the address if no server listens or another server responds", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      const refused = yield* run(["doctor", "--base-url", "http://127.0.0.1:1"], server)
      expect(refused.stdout).toContain("Check --base-url")
      yield* server.inject(Fault.status(200, { body: "<html>", times: "every" }))
      expect((yield* run(["doctor"], server)).stdout).toContain("Check --base-url")
    })
  )

  it.scopedLive("never report the delivery as unknown if a signal arrives before any change", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      const cases = [
        [["list"], "interrupted"],
        [["ensure", "orders", "--mode", "combine", "--check"], "interrupted"],
        [["ingest", "orders", "-"], "interrupted before any row was sent; delivery: not sent"],
        [["replay", "7", "-"], "interrupted before any row was sent; delivery: not sent"]
      ] as const
      for (const [args, text] of cases) {
        yield* server.clearRequests
        yield* server.inject(Fault.make({ _tag: "Status", status: 200 }, { delayBefore: "20 seconds" }))
        const child = start(args, server)
        child.stdin.on("error", () => {})
        child.stdin.end("{}")
        const end = yield* Effect.fork(ended(child))
        yield* Effect.repeat(server.requests, {
          until: (all) => all.length > 0,
          schedule: Schedule.spaced("20 millis")
        })
        child.kill("SIGINT")
        expect(yield* end).toEqual({ code: 130, stdout: "", stderr: `mammoth-webhooks: ${text}\n` })
        yield* server.clearFaults
      }
    })
  )

  it.scopedLive("show control characters as escapes, as the output does", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* create(server, { name: "a\u001B]0;x\u0007\u009B\u202Eb" })
      const tsv = yield* run(["list", "--fields", "name"], server)
      expect(tsv.stdout).toBe("a\\u001b]0;x\\u0007\\u009b\\u202eb\n")
      const json = yield* run(["list", "--fields", "name", "--json"], server)
      expect(json.stdout).toMatch(/^[\n -~]*$/)
      expect(JSON.parse(json.stdout)).toMatchObject({ data: [{ name: "a\u001B]0;x\u0007\u009B\u202Eb" }] })
      const error = yield* run(["get", "a\u202Eb"], server)
      expect(error.stderr).toContain("a\\u202eb")
    })
  )
})

describe("an outbox command", () => {
  it.scopedLive("reports a table or a name that does not exist, and creates no table", () =>
    Effect.gen(function* () {
      const filename = join(yield* folder, "outbox.db")
      yield* Effect.flatMap(OutboxStore.OutboxStore, (store) =>
        store.insert("orders", [{ id: "a", payload: "{}" }])
      ).pipe(Effect.provide(OutboxStore.layerSqlite({ filename })))
      const args = ["outbox", "status", "orders", "--file", filename]
      for (let round = 0; round < 2; round++) {
        const table = yield* run([...args, "--table", "mammoth_outbx"])
        expect(table.code).toBe(3)
        expect(table.stderr).toContain('no table "mammoth_outbx"')
      }
      expect(yield* run(args)).toMatchObject({ code: 0, stdout: "orders\t1\t0\t0\t0\t0\t\t\n", stderr: "" })
      const name = yield* run(["outbox", "status", "ordes", "--file", filename])
      expect(name.code).toBe(0)
      expect(name.stderr).toContain('No rows were found in the outbox "ordes"')
    })
  )
})
