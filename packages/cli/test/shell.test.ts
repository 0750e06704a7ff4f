import { spawn, spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { Effect, Either, Schedule } from "effect"
import { commands } from "../src/internal/commands/index.js"
import * as Argv from "../src/internal/shell/argv.js"
import type { Entry } from "../src/internal/shell/entry.js"
import { exitCodes } from "../src/internal/shell/exitCodes.js"
import { apiKey, apiSecret, bin, create, emulator, ended, folder, run, start } from "./support/cli.js"

type Leaf = readonly [path: ReadonlyArray<string>, entry: Entry]

/** Each command with its path. */
const leaves = (entries: ReadonlyArray<Entry>, path: ReadonlyArray<string> = []): ReadonlyArray<Leaf> =>
  entries.flatMap((entry) =>
    entry.children.length > 0
      ? leaves(entry.children, [...path, entry.name])
      : [[[...path, entry.name], entry] as const]
  )

/** Makes a command line for each flag of a command. In each command line, one letter of the flag is wrong. */
const misspelt = ([path, entry]: Leaf) =>
  Effect.map(Effect.promise(entry.load), ({ grammar }) =>
    grammar.flags.map(({ names: [name], value }) => {
      const words = [
        ...grammar.positionals.map(() => "1"),
        `${name.slice(0, -1)}x`,
        ...(value._tag === "Some" ? ["1"] : [])
      ]
      return { grammar, name, path, words }
    })
  )

describe("the command line", () => {
  it.scopedLive(
    "is refused with exit code 2 before any request if one letter of a flag is wrong",
    () =>
      Effect.gen(function* () {
        const server = yield* emulator()
        yield* create(server, { name: "1" })
        yield* server.clearRequests
        const all = (yield* Effect.forEach(leaves(commands), misspelt)).flat()
        expect(all.length).toBeGreaterThan(150)
        for (const { grammar, path, words } of all) {
          expect([path, words, Either.isLeft(Argv.check("mw", grammar, words))]).toEqual([path, words, true])
        }
        // Start one process for each flag, with one of the commands that have the flag.
        const once = all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index)
        expect(once.length).toBeGreaterThan(40)
        yield* Effect.forEach(
          once,
          ({ path, words }) =>
            Effect.map(run([...path, ...words], server), (ended) => {
              expect([words, ended.code, ended.stdout]).toEqual([words, 2, ""])
              expect(ended.stderr).toMatch(/^mammoth-webhooks: unknown flag "--[\w-]+"; .*\n$/)
            }),
          { concurrency: 4 }
        )
        expect(yield* server.requests).toHaveLength(0)
      }),
    60_000
  )

  it.scopedLive("is refused with exit code 2 before any request if a word is unknown, missing or not allowed", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* Effect.forEach(
        [
          [],
          ["lst"],
          ["list", "extra"],
          ["list", "--ALL"],
          ["list", "--limit"],
          ["list", "--limit", "--all"],
          ["list", "--limit", "many"],
          ["list", "--limit", "1", "--limit", "2"],
          ["list", "--all=false"],
          ["list", "--mode", "append"],
          ["list", "-a"],
          ["--json", "list"],
          ["get"],
          ["get", "--", "-x"],
          ["outbox"],
          ["outbox", "state"],
          ["ingest", "orders"],
          ["ingest", "orders", "-", "--batch", "0"]
        ],
        (args) =>
          Effect.map(run(args, server), (ended) => {
            expect([args, ended.code, ended.stdout]).toEqual([args, 2, ""])
          }),
        { concurrency: 4 }
      )
      expect(yield* server.requests).toHaveLength(0)
    })
  )

  it.scopedLive("reaches the command unchanged, even if the parser would misread a word", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      for (const name of ["yes", "a=b", " c "]) yield* create(server, { name })
      expect((yield* run(["get", "yes", "--json"], server)).code).toBe(0)
      expect((yield* run(["list", "--name", "a=b", "--name= c "], server)).code).toBe(0)
      expect((yield* server.requests).at(-1)?.url).toContain("name=a%3Db%2C+c+")
      expect((yield* run(["delete", "--yes", "yes"], server)).stdout).toBe("1\ttrue\n")
    })
  )

  it.scopedLive("needs no settings for --help and --version", () =>
    Effect.gen(function* () {
      const help = yield* run(["--help"])
      expect(help).toMatchObject({ code: 0, stderr: "" })
      for (const { code, meaning } of Object.values(exitCodes))
        expect(help.stdout).toMatch(new RegExp(`${code} +${meaning.slice(0, 20).replace(/[()]/g, ".")}`))
      for (const { name } of commands) expect(help.stdout).toContain(`\n  ${name} `)
      const list = yield* run(["list", "--mode", "--help"])
      expect(list.code).toBe(2)
      expect((yield* run(["list", "--help"])).stdout).toContain("Usage: mammoth-webhooks list [flags]")
      expect((yield* run(["outbox", "-h"])).stdout).toContain("Usage: mammoth-webhooks outbox COMMAND")
      expect((yield* run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    })
  )
})

describe("secrets", () => {
  it.scopedLive("appear in no output and in no command line", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* create(server, { name: "orders", is_secure: true })
      const path = join(yield* folder, "kept")
      yield* run(["get", "orders", "--secret-out", path], server)
      const { secret, uri } = JSON.parse(readFileSync(path, "utf8")) as {
        readonly uri: string
        readonly secret: string
      }
      const key = uri.split("/").at(-1) ?? ""
      yield* server.inject({
        ...Fault.status(500, { operation: "addData", body: `no: ${key} ${secret} ${apiSecret}` })
      })
      const outputs = yield* Effect.forEach(
        [
          ["list", "--json", "--fields", "id,uri,secret"],
          ["get", "orders", "--json", "--verbose"],
          ["update", "orders", "--origins", "*", "--json"],
          ["ensure", "orders", "--mode", "combine", "--json", "-v"],
          ["send", "orders", "-v"],
          ["send", "orders", "-v", "--json"],
          ["doctor", "-v"]
        ],
        (args) => run(args, { ...server, stdin: '{"a":1}' })
      )
      const all = outputs.map(({ stderr, stdout }) => stdout + stderr).join("")
      for (const hidden of [apiKey, apiSecret, key, secret]) expect(all).not.toContain(hidden)

      yield* server.inject(Fault.make({ _tag: "Status", status: 200 }, { delayBefore: "3 seconds" }))
      const child = start(["list", "--keys-stdin"], server)
      child.stdin.end(`${apiKey}\n${apiSecret}\n`)
      yield* Effect.sleep("600 millis")
      const line = readFileSync(`/proc/${child.pid}/cmdline`, "utf8")
      child.kill("SIGKILL")
      expect(line).toContain("--keys-stdin")
      for (const hidden of [apiKey, apiSecret]) expect(line).not.toContain(hidden)
    })
  )

  it.scopedLive("are refused if they are given as flags, and the error does not show them", () =>
    Effect.gen(function* () {
      for (const args of [
        ["list", `--api-secret=${apiSecret}`],
        ["list", "--api-secret", apiSecret],
        ["outbox", "status", "o", "--url", `postgres://user:${apiSecret}@localhost/db`]
      ]) {
        const { code, stderr, stdout } = yield* run(args)
        expect(code).toBe(2)
        expect(stdout + stderr).not.toContain(apiSecret)
      }
    })
  )
})

/** Runs a line of shell code in which `mw` is the built command. */
const shell = (line: string, env: Readonly<Record<string, string>>, cwd = "/tmp") =>
  Effect.suspend(() =>
    ended(
      spawn("bash", ["-c", `mw() { "${process.execPath}" "${bin}" "$@"; }; ${line}`], {
        cwd,
        env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...env }
      })
    )
  )

describe("a command that only prints", () => {
  it.scopedLive("exits with code 0 if its reader closes the pipe early", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* Effect.forEach(
        Array.from({ length: 150 }),
        (_, index) => create(server, { name: `${index}${"x".repeat(2000)}` }),
        {
          concurrency: 10
        }
      )
      const head = yield* shell("mw list --all --limit 5 | head -n 1 | cut -c 1-3; echo ${PIPESTATUS[0]}", server.env)
      expect(head).toEqual({ code: 0, stdout: "1\t0\n0\n", stderr: "" })
      const slow = yield* shell("mw list --all | (sleep 1; wc -l); echo ${PIPESTATUS[0]}", server.env)
      expect(slow.stdout).toBe("150\n0\n")
      const closed = yield* shell("mw list --all >&-; echo $?", server.env)
      expect(closed.stdout).toMatch(/^[01]\n$/)
      const full = yield* shell("mw list > /dev/full; echo $?", server.env)
      expect(full.stdout).toBe("1\n")
      expect(full.stderr).toContain("the disk is full")
      // Also check the help, because `bin.ts` writes it without loading `program.js`.
      const help = yield* shell(
        "mw --help > /dev/full; echo $?; mw --help >&-; mw --help | true; echo ${PIPESTATUS[0]}",
        {}
      )
      expect(help.stdout).toMatch(/^1\n0\n$/)
      expect(help.stderr).toBe(
        "mammoth-webhooks: the output could not be written: the disk is full; Check the disk, and the command that reads the output.\n"
      )
    })
  )
})

/** Returns true if this machine has a program. */
const has = (program: string): boolean => spawnSync(program, ["--version"]).status === 0

/** Runs a command in a pseudo-terminal, and types an answer. */
const onTerminal = (line: string, typed: string, env: Readonly<Record<string, string>>) =>
  Effect.gen(function* () {
    const child = spawn("script", ["-qec", line, "/dev/null"], {
      env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", TERM: "xterm", ...env }
    })
    child.stdout.on("data", (data: Buffer) => {
      // Type the answer after the question has appeared.
      if (data.toString().includes("[y/N]") || data.toString().endsWith(": ")) child.stdin.write(typed)
    })
    return yield* ended(child)
  })

describe.skipIf(!has("script"))("a command on a terminal", () => {
  const mw = `"${process.execPath}" "${bin}"`

  it.scopedLive("asks before a deletion, and accepts y, n and Ctrl-C as answers", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* create(server, { name: "orders" })
      const no = yield* onTerminal(`${mw} delete orders`, "n\n", server.env)
      expect(no.code).toBe(2)
      expect(no.stdout).toContain('Delete webhook 1 ("orders")?')
      const interrupted = yield* onTerminal(`${mw} delete orders`, "\u0003", server.env)
      expect(interrupted.code).toBe(130)
      expect((yield* run(["get", "1"], server)).code).toBe(0)
      const yes = yield* onTerminal(`${mw} delete orders`, "y\n", server.env)
      expect(yes.code).toBe(0)
      expect((yield* run(["get", "1"], server)).code).toBe(5)
    })
  )

  it.scopedLive("asks on stderr if stdout is a pipe, and asks nothing if stdin is a pipe", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* create(server, { name: "orders" })
      const piped = yield* onTerminal(`echo y | ${mw} delete orders`, "y\n", server.env)
      expect(piped.code).toBe(2)
      const path = join(yield* folder, "out")
      const mixed = yield* onTerminal(`${mw} delete orders > "${path}"`, "y\n", server.env)
      expect(mixed.code).toBe(0)
      expect(readFileSync(path, "utf8")).toBe("1\ttrue\n")
    })
  )

  it.scopedLive("shows a progress bar with the rate and the remaining time during ingest", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* create(server, { name: "orders" })
      yield* server.inject(Fault.status(200, { operation: "addData", times: "every", delayBefore: "300 millis" }))
      const rows = join(yield* folder, "rows.ndjson")
      writeFileSync(rows, '{"id":1}\n'.repeat(24))
      const { code, stdout } = yield* onTerminal(`${mw} ingest orders "${rows}"`, "", server.env)
      expect(code).toBe(0)
      expect(stdout).toMatch(/\[#+-*\] \d+ %, ETA \d\d:\d\d:\d\d, [\d,]+ rows?, /)
      const quiet = yield* onTerminal(`${mw} ingest orders "${rows}" --quiet`, "", server.env)
      expect(quiet.stdout).not.toContain("ETA")
    })
  )

  it.scopedLive("shows a table in color unless NO_COLOR is set, and hides the typed keys", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      yield* create(server, { name: "or\u001B[31mders" })
      const table = yield* onTerminal(`${mw} list`, "", server.env)
      expect(table.stdout).toContain("\u001B[1mID  NAME")
      expect(table.stdout).toContain("or\\u001b[31mders")
      const plain = yield* onTerminal(`${mw} list`, "", { ...server.env, NO_COLOR: "1" })
      expect(plain.stdout).not.toContain("\u001B[")
      const { MAMMOTHANALYTICS_API_SECRET: _, ...env } = server.env
      const asked = yield* onTerminal(`${mw} list`, `${apiSecret}\r`, env)
      expect(asked.code).toBe(0)
      expect(asked.stdout).toContain("API secret: ")
      expect(asked.stdout).not.toContain(apiSecret)
    })
  )
})

describe("signals", () => {
  it.scopedLive("make a command exit with code 130 or 143, and the error says that the delivery is unknown", () =>
    Effect.gen(function* () {
      const server = yield* emulator()
      for (const [signal, code] of [
        ["SIGINT", 130],
        ["SIGTERM", 143]
      ] as const) {
        yield* server.clearRequests
        yield* server.inject(Fault.make({ _tag: "Status", status: 200 }, { delayBefore: "20 seconds" }))
        const child = start(["create", "x", "--mode", "combine"], server)
        const end = yield* Effect.fork(ended(child))
        yield* Effect.repeat(server.requests, {
          until: (all) => all.length > 0,
          schedule: Schedule.spaced("20 millis")
        })
        child.kill(signal)
        const { stderr, ...result } = yield* end
        expect(result).toEqual({ code, stdout: "" })
        expect(stderr).toContain("delivery: unknown")
        yield* server.clearFaults
      }
    })
  )
})

describe("completions", () => {
  it.scopedLive("complete commands, flags, choices and files in bash", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const { code, stdout } = yield* run(["completions", "bash"])
      expect(code).toBe(0)
      writeFileSync(join(home, "c.bash"), stdout)
      writeFileSync(join(home, "rows.ndjson"), "")
      const complete = (words: ReadonlyArray<string>) =>
        `COMP_WORDS=(mammoth-webhooks ${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${words.length}; _mammoth_webhooks; echo "\${COMPREPLY[@]}"`
      const lines = [
        ["comp"],
        ["outbox", ""],
        ["outbox", "purge", "--y"],
        ["list", "--mo"],
        ["list", "--mode", ""],
        ["list", "--mode", "=", "co"],
        ["get", "x", "--secret-out", "row"],
        ["ingest", "orders", "row"],
        ["ingest", "--dead-"]
      ]
      const all = yield* shell(`. ./c.bash; ${lines.map(complete).join("; ")}`, {}, home)
      expect(all).toEqual({
        code: 0,
        stdout:
          "completions\nstatus retry purge --help -h\n--yes\n--mode\nreplace combine\ncombine\nrows.ndjson\nrows.ndjson\n--dead-letters\n",
        stderr: ""
      })
    })
  )

  /**
   * Types lines into an interactive zsh. After each line, types Tab, and then a key that writes the completed line to a
   * file. `install` is the line that registers the completions.
   */
  const completedByZsh = (install: string, lines: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const home = yield* folder
      const { code, stdout } = yield* run(["completions", "zsh"])
      expect(code).toBe(0)
      mkdirSync(join(home, "functions"))
      writeFileSync(join(home, "functions", "_mammoth-webhooks"), stdout)
      writeFileSync(join(home, "rows.ndjson"), "")
      const setUp = [
        "PS1=; unsetopt zle_bracketed_paste; autoload -Uz compinit",
        install,
        'keep() { print -r -- "$BUFFER" >> kept; BUFFER= }; zle -N keep',
        'bindkey "^I" complete-word; bindkey "^T" keep',
        'print READ""Y'
      ]
      const script = `zmodload zsh/zpty
zpty typed zsh -f -i
zpty -w typed '${setUp.join("; ")}'
zpty -r -m typed said '*READY*'
for line; do zpty -w -n typed "$line"$'\\t\\x14'; done
zpty -w typed 'print DO""NE'
zpty -r -m typed said '*DONE*'
zpty -d typed`
      const child = spawn("zsh", ["-f", "-c", script, "zsh", ...lines.map((line) => `mammoth-webhooks ${line}`)], {
        cwd: home,
        env: { PATH: process.env["PATH"] ?? "", HOME: home, TERM: "dumb" }
      })
      expect((yield* ended(child)).code).toBe(0)
      const kept = readFileSync(join(home, "kept"), "utf8").trimEnd().split("\n")
      return kept.map((line) => line.replace(/^mammoth-webhooks /, "").trimEnd())
    })

  it.scopedLive.skipIf(!has("zsh"))("complete commands, flags, choices and files in zsh", () =>
    Effect.gen(function* () {
      const cases = [
        ["comp", "completions"],
        ["outbox sta", "outbox status"],
        ["outbox purge --y", "outbox purge --yes"],
        ["ingest --dead-", "ingest --dead-letters"],
        ["list --mode re", "list --mode replace"],
        ["list --mode=co", "list --mode=combine"],
        ["get x --secret-out row", "get x --secret-out rows.ndjson"],
        ["ingest orders row", "ingest orders rows.ndjson"],
        ["list --sort row", "list --sort row"]
      ] as const
      const lines = cases.map(([typed]) => typed)
      const expected = cases.map(([, completed]) => completed)
      const install = "compinit -u -D; . functions/_mammoth-webhooks"
      expect(yield* completedByZsh(install, lines)).toEqual(expected)
      // Also test the file that zsh loads when it first completes the command.
      const path = "fpath=($PWD/functions $fpath); compinit -u -D"
      expect(yield* completedByZsh(path, lines)).toEqual(expected)
    })
  )

  it.scopedLive.skipIf(!has("fish"))("complete commands, flags, choices and files in fish", () =>
    Effect.gen(function* () {
      const home = yield* folder
      const { code, stdout } = yield* run(["completions", "fish"])
      expect(code).toBe(0)
      writeFileSync(join(home, "c.fish"), stdout)
      writeFileSync(join(home, "rows.ndjson"), "")
      const cases = [
        ["comp", "completions"],
        ["outbox ", "purge retry status"],
        ["outbox purge --y", "--yes"],
        ["ingest --dead-", "--dead-letters"],
        ["list --mode ", "combine replace"],
        ["list --mode=co", "--mode=combine"],
        ["get x --secret-out row", "rows.ndjson"],
        ["ingest orders row", "rows.ndjson"],
        ["list --sort row", ""],
        ["list row", ""]
      ] as const
      const script = "source c.fish; for line in $argv; echo (complete -C $line | string split -f 1 \\t); end"
      const child = spawn("fish", ["-c", script, ...cases.map(([typed]) => `mammoth-webhooks ${typed}`)], {
        cwd: home,
        env: { PATH: process.env["PATH"] ?? "", HOME: home, TERM: "dumb" }
      })
      expect(yield* ended(child)).toEqual({
        code: 0,
        stdout: cases.map(([, completed]) => `${completed}\n`).join(""),
        stderr: ""
      })
    })
  )
})
