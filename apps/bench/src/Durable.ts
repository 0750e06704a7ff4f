/** The outbox benchmark: an outbox beside a plain loop, on SQLite and, where it is there, on Postgres. */
import { connect } from "node:net"
import { Command, type CommandExecutor, FileSystem, type HttpClient, Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Config, Console, Effect, Random, Schema, Stream } from "effect"
import type { Options } from "./Options.js"
import * as Sides from "./Sides.js"
import type { DurableJob, DurableMeasurement } from "./sides/DurableJob.js"
import * as Target from "./Target.js"

export type StoreName = DurableJob["database"]["store"]

export interface Result {
  readonly store: StoreName
  /** Run after run. */
  readonly measured: ReadonlyArray<DurableMeasurement>
}

const rows = ({ rows, smoke }: Options): DurableJob["rows"] =>
  smoke
    ? { warmUp: 10, single: 50, many: 1000, pending: [100, 1000], claims: 5 }
    : {
        warmUp: 500,
        single: 2000,
        many: 50_000,
        pending: [100, 10, 1].map((part) => Math.max(1, Math.round(rows / part))),
        claims: 100
      }

const decode = Schema.decode(
  Schema.parseJson(
    Schema.Struct({
      plain: Schema.Struct({ offers: Schema.Number, deliveries: Schema.Number, endToEnd: Schema.Number }),
      outbox: Schema.Struct({
        single: Schema.Number,
        all: Schema.Number,
        one: Schema.Number,
        batches: Schema.Number,
        endToEnd: Schema.Number
      }),
      claims: Schema.Array(Schema.Struct({ pending: Schema.Number, millis: Schema.Number }))
    })
  )
)

const side = (job: DurableJob) =>
  Effect.scoped(
    Effect.gen(function* () {
      const child = yield* Command.make(process.execPath, Sides.fileOf("durable"), JSON.stringify(job)).pipe(
        Command.stderr("inherit"),
        Command.start
      )
      const [stdout, code] = yield* Effect.all([Stream.mkString(Stream.decodeText(child.stdout)), child.exitCode], {
        concurrency: "unbounded"
      })
      const failed = (reason: string) => new Sides.SideFailed({ side: `outbox on ${job.database.store}`, reason })
      if (code !== 0) return yield* failed(`it exited with ${code}`)
      return yield* Effect.mapError(decode(stdout), ({ message }) => failed(message))
    })
  )

/** Does anyone listen there? */
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

/** Measures each store, in a new database and a new process for each run, and tells on stderr how far it has come. */
export const run = (
  options: Options
): Effect.Effect<
  ReadonlyArray<Result>,
  Sides.SideFailed | Sides.BuildFailed | Target.TargetFailed | PlatformError,
  CommandExecutor.CommandExecutor | HttpClient.HttpClient | FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function* () {
    yield* Sides.build({ names: ["durable", "sink"], keep: options.cpuProf })
    const url = yield* Effect.orDie(postgresUrl)
    const hasPostgres = yield* isReachable(new URL(url))
    if (!hasPostgres) yield* Console.error("Postgres does not answer, so that only SQLite is measured")
    const path = yield* Path.Path
    const files = yield* FileSystem.FileSystem
    const { baseUrl } = yield* Target.make("sink")
    const repeats = options.repeats ?? (options.smoke ? 1 : 3)
    return yield* Effect.forEach(hasPostgres ? (["sqlite", "postgres"] as const) : (["sqlite"] as const), (store) =>
      Effect.gen(function* () {
        const measured: Array<DurableMeasurement> = []
        for (let repeat = 1; repeat <= repeats; repeat++) {
          yield* Console.error(`${store}: ${repeat}/${repeats}`)
          const table = `outbox_bench_${yield* Random.nextIntBetween(0, 1_000_000_000)}`
          const folder = yield* files.makeTempDirectoryScoped()
          const database =
            store === "sqlite" ? { store, file: path.join(folder, "outbox.db"), table: "bench" } : { store, url, table }
          measured.push(yield* side({ baseUrl, database, rows: rows(options) }))
        }
        return { store, measured }
      }).pipe(Effect.scoped)
    )
  }).pipe(Effect.scoped)
