/**
 * Runs the outbox benchmark in one process. It first measures a plain loop, and then the outbox. Both use the same kind of
 * database, and send to the bare sink. The process prints the measurement as one line of JSON.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as LibsqlClient from "@effect/sql-libsql/LibsqlClient"
import * as PgClient from "@effect/sql-pg/PgClient"
import * as SqlClient from "@effect/sql/SqlClient"
import { WebhookTarget } from "@mammoth-effect/client"
import { Outbox, OutboxStore, OutboxWorker } from "@mammoth-effect/outbox"
import { Array as Arr, Effect, Layer, Logger, LogLevel, Redacted, Schema } from "effect"
import { Pool } from "undici"
import * as Mammoth from "../harness/Mammoth.js"
import * as Row from "../harness/Row.js"
import * as Statistics from "../harness/Statistics.js"
import type { Job, Measurement } from "./Job.js"

const job: Job = JSON.parse(process.argv[2] ?? "")

const schema = Schema.Struct({ id: Schema.Int, name: Schema.String, value: Schema.Number })

const batch = 500

const ClientLayer: Layer.Layer<SqlClient.SqlClient, unknown> =
  job.database.store === "sqlite"
    ? LibsqlClient.layer({ url: `file:${job.database.file}.plain` })
    : PgClient.layer({ url: Redacted.make(job.database.url) })

const StoreLayer: Layer.Layer<OutboxStore.OutboxStore, unknown, SqlClient.SqlClient> =
  job.database.store === "sqlite"
    ? Outbox.layerSqlite({ filename: job.database.file })
    : Outbox.layerSql({ table: job.database.table })

const account = { baseUrl: job.baseUrl, apiKey: "bench-key", apiSecret: "bench-secret" }

/** Runs an effect that processes rows, and returns its rate in rows per second. */
const rate = <E, R>(rows: number, effect: Effect.Effect<unknown, E, R>) =>
  Effect.gen(function* () {
    const startedAt = performance.now()
    yield* effect
    return (rows / (performance.now() - startedAt)) * 1000
  })

const { origin, pathname } = new URL(job.baseUrl)
const pool = new Pool(origin, { connections: 8 })

const push = (body: string) =>
  Effect.promise(async () => {
    const response = await pool.request({
      method: "POST",
      path: `${pathname}/webhooks/data/bench`,
      headers: { "content-type": "application/json", "x-api-key": account.apiKey, "x-api-secret": account.apiSecret },
      body
    })
    await response.body.text()
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`)
  })

const plainTable = (sql: SqlClient.SqlClient) =>
  Effect.gen(function* () {
    const table = sql(job.database.store === "sqlite" ? "plain" : `${job.database.table}_plain`)
    if (job.database.store === "sqlite") {
      yield* sql`pragma journal_mode = wal`
      yield* sql`pragma synchronous = full`
    }
    const key = sql.onDialectOrElse({
      pg: () => "bigint generated always as identity primary key",
      orElse: () => "integer primary key autoincrement"
    })
    yield* sql`create table ${table} (id ${sql.literal(key)}, payload text not null, sent integer not null default 0)`
    yield* sql`create index ${sql(`${job.database.table}_plain_open`)} on ${table} (id) where sent = 0`
    return table
  })

/**
 * Measures the plain loop. It inserts each row in its own transaction. Then it handles one row after the other: it sends the
 * row, and marks the row as sent.
 */
const plain = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const table = yield* plainTable(sql)
  const offer = (count: number) =>
    Effect.forEach(Row.range(0, count), (row) => sql`insert into ${table} (payload) values (${JSON.stringify(row)})`, {
      discard: true
    })
  const deliver = Effect.gen(function* () {
    const [row] = yield* sql<{ id: number; payload: string }>`
      select id, payload from ${table} where sent = 0 order by id limit 1`
    if (row === undefined) return false
    yield* push(row.payload)
    yield* sql`update ${table} set sent = 1 where id = ${row.id}`
    return true
  })
  const deliverAll = Effect.repeat(deliver, { while: (more) => more })
  yield* offer(job.rows.warmUp)
  yield* deliverAll
  const offers = yield* rate(job.rows.single, offer(job.rows.single))
  const deliveries = yield* rate(job.rows.single, deliverAll)
  yield* sql`drop table ${table}`
  return { offers, deliveries, endToEnd: 1 / (1 / offers + 1 / deliveries) }
})

const outbox = Effect.gen(function* () {
  const make = (name: string) => Outbox.make(WebhookTarget.assumeCombine("bench"), { name, schema })
  const deliver = (made: Outbox.Outbox<Row.Row>, options: OutboxWorker.Options) =>
    Effect.scoped(Effect.zipRight(OutboxWorker.make(made, { ...options, keepDelivered: "forever" }), made.drain))
  const offerEach = (made: Outbox.Outbox<Row.Row>, count: number) =>
    Effect.forEach(Row.range(0, count), (row) => made.offer(row), { discard: true })
  const offerAll = (made: Outbox.Outbox<Row.Row>, count: number) =>
    Effect.forEach(
      Arr.makeBy(Math.ceil(count / batch), (index) => index * batch),
      (from) => made.offerAll(Row.range(from, Math.min(count, from + batch))),
      { discard: true }
    )

  const warm = yield* make("warm up")
  yield* warm.offerAll(Row.range(0, job.rows.warmUp))
  yield* deliver(warm, {})
  const singles = yield* make("singles")
  const single = yield* rate(job.rows.single, offerEach(singles, job.rows.single))
  const one = yield* rate(job.rows.single, deliver(singles, {}))
  const many = yield* make("many")
  const all = yield* rate(job.rows.many, offerAll(many, job.rows.many))
  const batches = yield* rate(job.rows.many, deliver(many, { batch: { maxRows: batch } }))
  return { single, all, one, batches, endToEnd: 1 / (1 / all + 1 / batches) }
})

const insertPending = (from: number, to: number) =>
  Effect.gen(function* () {
    const store = yield* OutboxStore.OutboxStore
    for (let next = from; next < to; next += 10_000) {
      const rows = Row.range(next, Math.min(to, next + 10_000))
      yield* store.insert(
        "pending",
        rows.map((row) => ({ id: `row-${row.id}`, payload: JSON.stringify(row) }))
      )
    }
  })

/**
 * Claims 100 rows, and returns the duration of the claim in milliseconds. Then makes the rows pending again, so that
 * each claim starts with the same number of pending rows.
 */
const claim = Effect.gen(function* () {
  const store = yield* OutboxStore.OutboxStore
  const startedAt = performance.now()
  const claimed = yield* store.claim("pending", { owner: "bench", limit: 100, leaseMillis: 600_000 })
  const millis = performance.now() - startedAt
  yield* store.settle(
    "bench",
    claimed.map((row) => ({ ...row, state: "pending" as const, delayMillis: 0, error: null }))
  )
  return millis
})

const claims = Effect.forEach(job.rows.pending, (pending, index) =>
  Effect.gen(function* () {
    yield* insertPending(job.rows.pending[index - 1] ?? 0, pending)
    return { pending, millis: Statistics.of(yield* Effect.replicateEffect(claim, job.rows.claims)).median }
  })
)

const program = Effect.gen(function* () {
  const measurement: Measurement = { plain: yield* plain, outbox: yield* outbox, claims: yield* claims }
  console.log(JSON.stringify(measurement))
})

const dropped = Effect.flatMap(SqlClient.SqlClient, (sql) =>
  job.database.store === "sqlite"
    ? Effect.void
    : Effect.ignore(sql`drop table if exists ${sql(job.database.table)}, ${sql(`${job.database.table}_migrations`)}`)
)

await program.pipe(
  Effect.ensuring(dropped),
  Effect.provide(
    Layer.merge(StoreLayer, Mammoth.layer(account, NodeHttpClient.layerUndici)).pipe(Layer.provideMerge(ClientLayer))
  ),
  Logger.withMinimumLogLevel(LogLevel.Error),
  Effect.runPromise
)
await pool.close()
