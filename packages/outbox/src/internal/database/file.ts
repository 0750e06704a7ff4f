/** Reads the name of a SQLite file, and checks that the file is still the file that was opened. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { StoreError } from "../../OutboxError.js"
import { from as failure } from "./storeError.js"

const storage = (operation: string, description: string) =>
  new StoreError({ operation, reason: "storage", description })

/** Decodes percent escapes as SQLite does: each escape is one byte, which can have any value. */
const unescaped = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** Returns true if SQLite or libSQL opens a database in memory for this name. The name can be a path or a URI. */
const isInMemory = (filename: string): boolean => {
  const [, scheme = "", path = "", query = ""] = /^(file:(?:\/\/[^/?#]*)?)?([^?#]*)(?:\?([^#]*))?/i.exec(filename) ?? []
  return (
    filename === ""
    || unescaped(path).toLowerCase() === ":memory:"
    || (scheme !== ""
      && (path === "" || query.split("&").some((pair) => /^(mode=memory|vfs=memdb)$/.test(unescaped(pair)))))
  )
}

/**
 * Returns the absolute path of a file. SQLite and libSQL never read an absolute path as a URI. The path stays valid if the
 * process changes its working directory.
 */
export const resolve = (filename: string): Either.Either<string, StoreError> => {
  if (isInMemory(filename)) {
    return Either.left(
      storage("open", "a database in memory would lose every row when the process ends: give the name of a file")
    )
  }
  return filename.includes("\0")
    ? Either.left(storage("open", "the file's name has a NUL character: remove it"))
    : Either.right(Path.resolve(filename))
}

/** Returns the URL with which libSQL opens a path. */
export const url = (path: string): string => `file:${path.split(Path.sep).map(encodeURIComponent).join("/")}`

/**
 * The suffixes of a database's files: the database, its log, and the index of the log. SQLite writes new rows to the
 * log, and copies them to the database later.
 */
const parts = ["", "-wal", "-shm"]

/** The device and inode numbers of a database's files. The entry of a missing file is `undefined`. */
export type Identity = ReadonlyArray<string | undefined>

export const identity = (operation: string, path: string): Effect.Effect<Identity, StoreError> =>
  Effect.try({
    try: () =>
      parts.map((part) => {
        const found = Fs.statSync(path + part, { bigint: true, throwIfNoEntry: false })
        return found === undefined ? undefined : `${found.dev}:${found.ino}`
      }),
    catch: (error) => failure(operation, "storage")(error)
  })

/**
 * Fails if one of the opened files (the database, its log, the log's index) is no longer at its path.
 * A process can continue to write to a deleted file while the file is open, but the data is then lost. Does not compare
 * files that are missing in `opened`.
 */
export const verify = (operation: string, path: string, opened: Identity): Effect.Effect<void, StoreError> =>
  Effect.flatMap(identity(operation, path), (found) => {
    const other = opened.findIndex((file, part) => file !== undefined && file !== found[part])
    return other === -1
      ? Effect.void
      : storage(
          operation,
          `${JSON.stringify(path + (parts[other] ?? ""))} is not the file that was opened: the opened file was deleted, `
            + "moved or replaced. Rows that were written to the opened file may be lost"
        )
  })
