/**
 * Repeatedly kills processes that offer and deliver rows, while the server injects faults of all kinds. In the end,
 * every row whose offer returned must be delivered.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { randomUUID } from "node:crypto"
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { SqlClient } from "@effect/sql"
import { Emulator, Fault, type RecordedRequest } from "@mammoth-effect/emulator"
import { Deferred, Effect, Random, Redacted, Schedule, Schema } from "effect"
import { build } from "esbuild"
import * as Databases from "./Databases.js"
import * as Server from "./Server.js"

export interface Options {
  /** The number of processes to kill. */
  readonly rounds: number
  readonly database: "sqlite" | "postgres"
  /** The number of processes that run at the same time. */
  readonly workers: number
  readonly onRound?: ((round: number) => Effect.Effect<void>) | undefined
}

export interface Outcome {
  readonly rounds: number
  /**
   * The number of offers that began. `acked` is the number of offers that returned. `delivered` is the number of
   * different rows on the server.
   */
  readonly begun: number
  readonly acked: number
  readonly delivered: number
  /** The number of extra copies of rows on the server. */
  readonly duplicates: number
  readonly requests: number
  /** The rows that were not delivered, although their offer returned. */
  readonly lost: ReadonlyArray<number>
  /** The rows that were delivered, although no offer began. */
  readonly foreign: ReadonlyArray<number>
  /** The number of rows sent again because a process paused for longer than a lease. This happens on a busy machine. */
  readonly overtaken: number
  /**
   * The rows that were sent again without a reason: their process had a response, was not killed, and lost no lease.
   */
  readonly unexplained: ReadonlyArray<number>
  readonly dead: number
}

const folder = fileURLToPath(new URL("../..", import.meta.url))

/** The faults that the server injects into pushes. No fault refuses the row. */
const faults: ReadonlyArray<Fault.Fault> = [
  Fault.reset("start", { operation: "addData", acts: true }),
  Fault.reset("start", { operation: "addData" }),
  Fault.reset("headers", { operation: "addData", acts: true }),
  Fault.status(500, { operation: "addData", acts: true }),
  Fault.status(503, { operation: "addData" }),
  Fault.status(429, { operation: "addData", headers: { "retry-after": "0.1" } }),
  Fault.html({ operation: "addData", status: 502 }),
  Fault.stall("start", { operation: "addData", acts: true }),
  Fault.delay({ operation: "addData", delayBefore: "50 millis" }),
  Fault.delay({ operation: "addData", delayAfter: "50 millis" })
]

/** Returns the header that holds the process id of the sender (`x-process`) or the time of sending (`x-at`). */
const told = (what: "x-process" | "x-at", { headers }: RecordedRequest.RecordedRequest) =>
  headers.find(([name]) => name.toLowerCase() === what)?.[1]

/** The minimum remaining time of a lease when a request begins, in milliseconds. It equals the timeout of a request. */
const leastLease = 400

const decodeBody = Schema.decodeSync(Schema.parseJson(Schema.Struct({ n: Schema.Int })))

/** Compiles a program of this folder. The test starts the program often, and compiled code starts twice as fast. */
export const compiled = (name: string) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const outfile = join(folder, `.tsbuild/${name}-${randomUUID()}.mjs`)
      await build({
        entryPoints: [join(folder, `test/support/${name}.ts`)],
        outfile,
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node20",
        external: ["effect", "@effect/*"],
        logLevel: "silent"
      })
      return outfile
    }),
    (outfile) => Effect.promise(() => rm(outfile, { force: true }))
  )

/**
 * Makes the environment variables of a started program: the server's address, the keys, the webhook and the database.
 */
export const environment = (webhook: { readonly uri: Redacted.Redacted }, database: Record<string, string>) =>
  Effect.map(Emulator.Emulator, (emulator) => ({
    ...process.env,
    MAMMOTH_BASE_URL: emulator.baseUrl,
    MAMMOTHANALYTICS_API_KEY: Redacted.value(emulator.apiKey),
    MAMMOTHANALYTICS_API_SECRET: Redacted.value(emulator.apiSecret),
    CRASH_WEBHOOK: Redacted.value(webhook.uri),
    ...database
  }))

interface Process {
  readonly child: ChildProcess
  readonly ready: Deferred.Deferred<void>
  readonly ended: Deferred.Deferred<number | null>
  readonly lines: Array<readonly [word: string, ...numbers: ReadonlyArray<number>]>
}

export const run = (options: Options) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator.Emulator
    const webhook = yield* Server.webhook
    const program = yield* compiled("crashing")
    const table = Databases.newTable()
    const path = yield* Databases.folder
    if (options.database === "postgres") {
      yield* Effect.addFinalizer(() =>
        Effect.flatMap(
          SqlClient.SqlClient,
          (sql) => sql`drop table if exists ${sql(table)}, ${sql(`${table}_migrations`)}`
        ).pipe(Effect.provide(Databases.postgres()), Effect.orDie)
      )
    }
    const env = yield* environment(webhook, {
      CRASH_TABLE: table,
      ...(options.database === "sqlite"
        ? { CRASH_SQLITE: join(path, "outbox.db") }
        : { CRASH_POSTGRES: Databases.postgresUrl })
    })
    const lines: Process["lines"] = []

    /** Starts a process, which waits for its command. */
    const start = Effect.acquireRelease(
      Effect.gen(function* () {
        const ready = yield* Deferred.make<void>()
        const ended = yield* Deferred.make<number | null>()
        const child = spawn(process.execPath, [program], {
          env,
          stdio: ["pipe", "ignore", "inherit", "pipe"]
        })
        let rest = ""
        const said = (text: string) => {
          const parts = `${rest}${text}`.split("\n")
          // Keep an incomplete last line until its end arrives.
          rest = parts.pop() ?? ""
          for (const part of parts) {
            const [word = "", ...numbers] = part.split(" ")
            if (word === "ready") Deferred.unsafeDone(ready, Effect.void)
            lines.push([word, ...numbers.map(Number)])
          }
        }
        child.stdio[3]?.on("data", (bytes: Buffer) => said(bytes.toString()))
        child.stdin?.on("error", () => undefined)
        child.on("close", (code) => Deferred.unsafeDone(ended, Effect.succeed(code)))
        return { child, ready, ended, lines }
      }),
      ({ child, ended }) =>
        Effect.zipRight(
          Effect.sync(() => child.kill("SIGKILL")),
          Deferred.await(ended)
        )
    )
    const tell = ({ child, ready }: Process, command: string) =>
      Effect.zipRight(
        Deferred.await(ready),
        Effect.sync(() => child.stdin?.write(`${command}\n`))
      )
    const requests = Effect.map(emulator.requests, (all) => all.filter(({ operation }) => operation === "addData"))

    const trouble = yield* Effect.gen(function* () {
      const fault = yield* Random.choice(faults)
      // Remove the previous fault before adding the next fault: many unused faults would delay the end of the test.
      yield* emulator.clearFaults
      yield* emulator.inject(fault)
    }).pipe(Effect.orDie, Effect.repeat(Schedule.jittered(Schedule.spaced("25 millis"))), Effect.fork)

    // Start a spare process, which is ready when another process is killed.
    const running: Array<Process> = []
    let spare = yield* start
    /** The killed processes. `at` is the index of the newest request shortly after the process was killed. */
    const kills: Array<{ readonly process: string; readonly at: number }> = []
    const killed = ({ child }: Process) =>
      Effect.map(requests, (all) => void kills.push({ process: String(child.pid), at: all.at(-1)?.index ?? 0 }))
    const enter = (round: number) =>
      Effect.gen(function* () {
        yield* tell(spare, `offer ${round * 1_000_000}`)
        running.push(spare)
        spare = yield* start
      })
    for (let worker = 0; worker < options.workers; worker++) yield* enter(worker)
    for (let round = 0; round < options.rounds; round++) {
      yield* Effect.sleep(yield* Random.nextIntBetween(20, 600))
      const victim = running.shift()
      if (victim === undefined) break
      victim.child.kill("SIGKILL")
      yield* Deferred.await(victim.ended)
      // Wait for the last request of the killed process, which may still arrive.
      yield* Effect.sleep("20 millis")
      yield* killed(victim)
      yield* options.onRound?.(round + 1) ?? Effect.void
      if (round + 1 < options.rounds) yield* enter(options.workers + round)
    }
    for (const { child, ended } of running) {
      child.kill("SIGKILL")
      yield* Deferred.await(ended)
    }
    yield* Effect.sleep("20 millis")
    yield* Effect.forEach(running, killed)
    yield* trouble.interruptAsFork(trouble.id())
    yield* tell(spare, "drain")
    const code = yield* Effect.timeout(Deferred.await(spare.ended), "60 seconds")
    if (code !== 0) return yield* Effect.dieMessage(`the last process ended with ${code}`)

    const numbers = (word: string) => lines.flatMap(([said, n]) => (said === word && n !== undefined ? [n] : []))
    const begun = new Set(numbers("begin"))
    const acked = numbers("ack")
    const rows = yield* Server.held(webhook.id)
    const delivered = new Set(rows)
    const sent = yield* requests
    const previous = new Map<number, (typeof sent)[number]>()
    const unknown = new Map<number, number>()
    for (const n of numbers("unknown")) unknown.set(n, (unknown.get(n) ?? 0) + 1)
    const lost = numbers("lost").reduce((sum, rows) => sum + rows, 0)
    let overtaken = 0
    const unexplained: Array<number> = []
    for (const request of sent) {
      const { n } = decodeBody(request.body)
      const before = previous.get(n)
      const wasAnswered = before?.status !== null && before?.status !== undefined && before.status < 300
      if (
        before !== undefined
        && wasAnswered
        && (before.fault === null || before.fault === "Own")
        && !kills.some(
          ({ at, process }) => process === told("x-process", before) && before.index <= at && at <= request.index
        )
      ) {
        // Accept a repeated request if the delivery of the first request was unknown, or if the row's lease had
        // ended.
        const left = unknown.get(n) ?? 0
        if (left > 0) unknown.set(n, left - 1)
        else if (overtaken < lost && Number(told("x-at", request)) - Number(told("x-at", before)) >= leastLease) {
          overtaken += 1
        } else unexplained.push(n)
      }
      previous.set(n, request)
    }
    const outcome: Outcome = {
      rounds: options.rounds,
      begun: begun.size,
      acked: acked.length,
      delivered: delivered.size,
      duplicates: rows.length - delivered.size,
      requests: sent.length,
      overtaken,
      lost: acked.filter((n) => !delivered.has(n)),
      foreign: Array.from(delivered).filter((n) => !begun.has(n)),
      unexplained,
      dead: lines.find(([word]) => word === "drained")?.[2] ?? Number.NaN
    }
    return outcome
  }).pipe(Effect.scoped, Effect.provide([Server.layer({ record: 5_000_000, recordBytes: 2 ** 31 }), Server.quiet]))

/** Returns true if no row was lost, refused, delivered without an offer, or sent again without a reason. */
export const isSound = ({ dead, foreign, lost, unexplained }: Outcome): boolean =>
  dead === 0 && foreign.length === 0 && lost.length === 0 && unexplained.length === 0
