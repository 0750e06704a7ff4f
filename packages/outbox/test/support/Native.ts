/** Provides clients of other libraries, to execute a statement of an outbox in their transactions. */
import { createClient } from "@libsql/client"
import { sql } from "drizzle-orm"
import { drizzle as drizzleLibsql } from "drizzle-orm/libsql"
import { drizzle as drizzlePg } from "drizzle-orm/node-postgres"
import { Effect, type Scope } from "effect"
import { Client, Pool } from "pg"
import type { OutboxStore } from "../../src/index.js"
import * as Databases from "./Databases.js"

/** A transaction of a client. */
export interface Transaction {
  /** Inserts the number into the caller's table. */
  readonly order: (n: number) => Promise<unknown>
  /** Executes a statement of an outbox. Returns the number of stored rows. */
  readonly execute: (statement: OutboxStore.Insertion) => Promise<number>
}

export interface Native {
  /** Runs a transaction. Commits it, or rolls it back if the body rejects. */
  readonly transaction: <A>(body: (transaction: Transaction) => Promise<A>) => Promise<A>
  /** Returns the numbers in the caller's table. */
  readonly ordered: () => Promise<ReadonlyArray<number>>
}

/** Opens a client of a file or a URL, and creates the caller's table. */
type Open = (location: string, orders: string) => Effect.Effect<Native, never, Scope.Scope>

const numbers = (rows: ReadonlyArray<unknown>) => rows.map((row) => Number((row as { readonly n: unknown }).n))

const openPg: Open = (url, orders) =>
  Effect.gen(function* () {
    const client = yield* Effect.acquireRelease(
      Effect.promise(async () => {
        const made = new Client({ connectionString: url })
        await made.connect()
        await made.query(`create table ${orders} (n integer primary key)`)
        return made
      }),
      (made) => Effect.promise(() => made.query(`drop table ${orders}`).then(() => made.end()))
    )
    return {
      transaction: async (body) => {
        await client.query("begin")
        try {
          const result = await body({
            order: (n) => client.query(`insert into ${orders} values ($1)`, [n]),
            execute: async (statement) => (await client.query(statement.sql, statement.params)).rowCount ?? 0
          })
          await client.query("commit")
          return result
        } catch (error) {
          await client.query("rollback")
          throw error
        }
      },
      ordered: async () => numbers((await client.query(`select n from ${orders} order by n`)).rows)
    }
  })

const openDrizzlePg: Open = (url, orders) =>
  Effect.gen(function* () {
    const table = sql.identifier(orders)
    const pool = yield* Effect.acquireRelease(
      Effect.sync(() => new Pool({ connectionString: url, max: 2 })),
      (made) => Effect.promise(() => made.query(`drop table ${orders}`).then(() => made.end()))
    )
    const db = drizzlePg(pool)
    yield* Effect.promise(() => db.execute(sql`create table ${table} (n integer primary key)`))
    return {
      transaction: (body) =>
        db.transaction((tx) =>
          body({
            order: (n) => tx.execute(sql`insert into ${table} values (${n})`),
            execute: async ({ params, strings }) => (await tx.execute(sql(strings, ...params))).rowCount ?? 0
          })
        ),
      ordered: async () => numbers((await db.execute(sql`select n from ${table} order by n`)).rows)
    }
  })

const openLibsql: Open = (filename, orders) =>
  Effect.gen(function* () {
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => createClient({ url: `file:${filename}` })),
      (made) => Effect.sync(() => made.close())
    )
    yield* Effect.promise(() => client.execute(`create table ${orders} (n integer primary key)`))
    return {
      transaction: async (body) => {
        const tx = await client.transaction("write")
        try {
          const result = await body({
            order: (n) => tx.execute({ sql: `insert into ${orders} values (?)`, args: [n] }),
            execute: async (statement) => (await tx.execute({ sql: statement.sql, args: statement.params })).rows.length
          })
          await tx.commit()
          return result
        } finally {
          // Close the transaction, which rolls it back unless it is committed.
          tx.close()
        }
      },
      ordered: async () => numbers((await client.execute(`select n from ${orders} order by n`)).rows)
    }
  })

const openDrizzleLibsql: Open = (filename, orders) =>
  Effect.gen(function* () {
    const table = sql.identifier(orders)
    const client = yield* Effect.acquireRelease(
      Effect.sync(() => createClient({ url: `file:${filename}` })),
      (made) => Effect.sync(() => made.close())
    )
    const db = drizzleLibsql(client)
    yield* Effect.promise(() => db.run(sql`create table ${table} (n integer primary key)`))
    return {
      transaction: (body) =>
        db.transaction((tx) =>
          body({
            order: (n) => tx.run(sql`insert into ${table} values (${n})`),
            execute: async ({ params, strings }) => (await tx.all(sql(strings, ...params))).length
          })
        ),
      ordered: async () => numbers(await db.all(sql`select n from ${table} order by n`))
    }
  })

/** The clients with which a statement must work. */
export const clients: ReadonlyArray<{
  readonly name: string
  readonly database: "sqlite" | "postgres"
  readonly isThere: boolean
  readonly open: Open
}> = [
  { name: "pg", database: "postgres", isThere: Databases.hasPostgres, open: openPg },
  { name: "Drizzle over pg", database: "postgres", isThere: Databases.hasPostgres, open: openDrizzlePg },
  { name: "libSQL", database: "sqlite", isThere: true, open: openLibsql },
  { name: "Drizzle over libSQL", database: "sqlite", isThere: true, open: openDrizzleLibsql }
]
