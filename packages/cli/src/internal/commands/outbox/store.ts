/** Opens the database of an outbox: an SQLite file, or Postgres. */
import { stat } from "node:fs/promises"
import { resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as Args from "@effect/cli/Args"
import * as Options from "@effect/cli/Options"
import * as SqlClient from "@effect/sql/SqlClient"
import type { InvalidOptions, StoreError } from "@mammoth-effect/outbox/OutboxError"
import * as OutboxStore from "@mammoth-effect/outbox/OutboxStore"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Flags from "../../settings/flags.js"
import { ConfigurationError, FileError, UsageError } from "../../shell/errors.js"
import { Notices } from "../../shell/notices.js"
import * as SystemErrors from "../../shell/systemErrors.js"

/** The flags that name the outbox and its database. */
export const flags = {
  outbox: Args.text({ name: "outbox" }).pipe(
    Args.withDescription("The name of the outbox, as in the program that uses it.")
  ),
  file: Options.text("file").pipe(
    Options.withPseudoName("file"),
    Options.withDescription("The SQLite file. Default: the variable MAMMOTH_OUTBOX_FILE."),
    Options.optional
  ),
  url: Options.text("url").pipe(
    Options.withPseudoName("url"),
    Options.withDescription(
      "The address of Postgres, without a password. Put the password into PGPASSWORD. Default: the variable MAMMOTH_OUTBOX_URL, which may have a password."
    ),
    Options.optional
  ),
  table: Options.text("table").pipe(
    Options.withPseudoName("name"),
    Options.withDescription("The table of the outbox. Default: mammoth_outbox."),
    Options.optional
  ),
  output: Flags.output
}

/** The values of {@link flags} that name the database. */
interface Given {
  readonly file: Option.Option<string>
  readonly url: Option.Option<string>
  readonly table: Option.Option<string>
}

const variable = (name: string) => Effect.orDie(Config.string(name).pipe(Config.withDefault("")))

/**
 * Returns true if the address may contain a password. If the address is not a URL, this function looks for an `@` and for
 * the word `password`.
 */
const hasPassword = (text: string): boolean => {
  if (!URL.canParse(text)) return text.includes("@") || /password/i.test(text)
  const url = new URL(text)
  return url.password !== "" || [...url.searchParams.keys()].some((name) => /password/i.test(name))
}

/** Connects to Postgres. Only this function loads the Postgres driver. */
const postgres = (url: string, table: string | undefined) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("@effect/sql-pg/PgClient")),
      (PgClient) =>
        Layer.unwrapEffect(Effect.as(requireTable(table), OutboxStore.layerSql({ table }))).pipe(
          Layer.provide(
            Layer.mapError(
              PgClient.layer({ url: Redacted.make(url), maxConnections: 1 }),
              () =>
                new ConfigurationError({
                  message: "Postgres cannot be reached, or does not accept this user",
                  hint: "Check the address, the user and the password of the outbox."
                })
            )
          )
        )
    )
  )

/** Opens an existing SQLite file. Fails if the file does not exist, so that a misspelt path creates no file. */
const sqlite = (filename: string, table: string | undefined) =>
  Layer.unwrapEffect(
    Effect.gen(function* () {
      const info = yield* Effect.mapError(
        Effect.tryPromise(() => stat(filename)),
        (error) => new FileError({ path: filename, reason: SystemErrors.reasonOf(error) })
      )
      if (!info.isFile()) return yield* new FileError({ path: filename, reason: "it is not a file" })
      const LibsqlClient = yield* Effect.promise(() => import("@effect/sql-libsql/LibsqlClient"))
      yield* Effect.provide(
        requireTable(table),
        LibsqlClient.layer({ url: pathToFileURL(resolve(filename)).href }).pipe(
          Layer.catchAllCause(() => Layer.fail(new FileError({ path: filename, reason: "it cannot be opened" })))
        )
      )
      return OutboxStore.layerSqlite({ filename, table })
    })
  )

/** Fails if the table does not exist, so that a misspelt name creates no table. */
const requireTable = (table = "mammoth_outbox") =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const quoted = table
      .split(".")
      .map((part) => `"${part.replaceAll('"', '""')}"`)
      .join(".")
    const found = yield* sql.onDialectOrElse({
      pg: () => sql`select 1 from (select to_regclass(${quoted}) as found) as named where found is not null`,
      orElse: () => sql`select 1 from sqlite_master where type = 'table' and name = ${table}`
    })
    return found.length > 0
  }).pipe(
    // If the query fails, continue as if the table exists. The store then reports the error of the database.
    Effect.orElseSucceed(() => true),
    Effect.filterOrFail(
      (isThere) => isThere,
      () =>
        new ConfigurationError({
          message: `the database has no table ${JSON.stringify(table)}`,
          hint: "Nothing was changed. Check --table, and check that the outbox is in this database."
        })
    )
  )

/** Provides a command with the store of the outbox. Flags or variables name the database of the store. */
export const provide =
  (given: Given) =>
  <A, E, R>(
    self: Effect.Effect<A, E, R>
  ): Effect.Effect<
    A,
    E | ConfigurationError | FileError | InvalidOptions | StoreError | UsageError,
    Exclude<R, OutboxStore.OutboxStore>
  > =>
    Effect.gen(function* () {
      const table = Option.getOrUndefined(given.table)
      if (Option.isSome(given.file) && Option.isSome(given.url)) {
        return yield* new UsageError({ message: "--file and --url were both given", hint: "Give only one of them." })
      }
      if (Option.exists(given.url, hasPassword)) {
        return yield* new UsageError({
          message: "--url must not have a password, because other users can see the command line",
          hint: "Change the password. Then put it into PGPASSWORD, or put the whole address into MAMMOTH_OUTBOX_URL."
        })
      }
      const url = Option.getOrElse(given.url, () => "")
      const file = Option.getOrElse(given.file, () => "")
      if (url !== "") return yield* Effect.provide(self, postgres(url, table))
      if (file !== "") return yield* Effect.provide(self, sqlite(file, table))
      const urlVariable = yield* variable("MAMMOTH_OUTBOX_URL")
      const fileVariable = yield* variable("MAMMOTH_OUTBOX_FILE")
      if (urlVariable !== "" && fileVariable !== "") {
        return yield* new ConfigurationError({
          message: "MAMMOTH_OUTBOX_URL and MAMMOTH_OUTBOX_FILE are both set",
          hint: "Set only one of them, or use --file or --url."
        })
      }
      if (urlVariable !== "") return yield* Effect.provide(self, postgres(urlVariable, table))
      if (fileVariable !== "") return yield* Effect.provide(self, sqlite(fileVariable, table))
      return yield* new ConfigurationError({
        message: "no database is given for the outbox",
        hint: "Name the database with --file, --url, MAMMOTH_OUTBOX_FILE or MAMMOTH_OUTBOX_URL."
      })
    })

/** Writes a note if no rows were found, because the name of the outbox may be misspelt. */
export const remark = (outbox: string, rows: number): Effect.Effect<void, never, Notices> =>
  rows > 0
    ? Effect.void
    : Effect.flatMap(Notices, (notices) =>
        notices.note(`No rows were found in the outbox ${JSON.stringify(outbox)}. If you expect rows, check the name.`)
      )

/** The flag that selects rows by their ids. */
export const ids = Flags.texts("id", "id", "The id of a dead row. Default: all dead rows.")
