/** The outbox benchmark. It compares an outbox with a plain loop, on SQLite and on Postgres if a Postgres server runs. */
import { connect } from "node:net"
import { FileSystem } from "@effect/platform"
import { Config, Console, Effect, Random } from "effect"
import type { Options } from "../harness/Options.js"
import * as Processes from "../harness/Processes.js"
import { type Job, Measurement } from "./Job.js"

export interface Result {
  readonly store: Job["database"]["store"]
  /** The measurements of one database. Each run makes one measurement. */
  readonly measured: ReadonlyArray<Measurement>
}

const rowsOf = ({ rows, smoke }: Options): Job["rows"] =>
  smoke
    ? { warmUp: 10, single: 50, many: 1000, pending: [100, 1000], claims: 5 }
    : {
        warmUp: 500,
        single: 2000,
        many: 50_000,
        pending: [100, 10, 1].map((part) => Math.max(1, Math.round(rows / part))),
        claims: 100
      }

const isReachable = (url: URL) =>
  Effect.async<boolean>((resume) => {
    const socket = connect(Number(url.port === "" ? 5432 : url.port), url.hostname)
    socket.on("connect", () => {
      socket.destroy()
      resume(Effect.succeed(true))
    })
    socket.on("error", () => resume(Effect.succeed(false)))
  })

const postgresUrl = Config.withDefault(Config.string("TEST_POSTGRES_URL"), "postgres://postgres@127.0.0.1:5432/test")

/** Measures each store. Each run uses a new database and a new process. Prints the progress to stderr. */
export const measure = (options: Options) =>
  Effect.gen(function* () {
    yield* Processes.build({ names: ["outbox/side", "harness/sink"], keep: options.cpuProf })
    const url = yield* postgresUrl
    const hasPostgres = yield* isReachable(new URL(url))
    if (!hasPostgres)
      yield* Console.error(
        "Could not reach Postgres, so the benchmark measures only SQLite. To start Postgres: docker compose up -d"
      )
    const files = yield* FileSystem.FileSystem
    const baseUrl = yield* Processes.serve("harness/sink")
    const repeats = options.repeats ?? (options.smoke ? 1 : 3)

    const run = (store: Result["store"], repeat: number) =>
      Effect.gen(function* () {
        yield* Console.error(`outbox on ${store}, run ${repeat + 1} of ${repeats}`)
        const table = `outbox_bench_${yield* Random.nextIntBetween(0, 1_000_000_000)}`
        const folder = yield* files.makeTempDirectoryScoped()
        const database: Job["database"] =
          store === "sqlite" ? { store, file: `${folder}/outbox.db`, table: "bench" } : { store, url, table }
        const job: Job = { baseUrl, database, rows: rowsOf(options) }
        return yield* Processes.run("outbox/side", job, Measurement)
      }).pipe(Effect.scoped)

    const stores = hasPostgres ? (["sqlite", "postgres"] as const) : (["sqlite"] as const)
    return yield* Effect.forEach(stores, (store) =>
      Effect.map(
        Effect.forEach(Array.from({ length: repeats }).keys(), (repeat) => run(store, repeat)),
        (measured): Result => ({ store, measured })
      )
    )
  }).pipe(Effect.scoped)
