/** The file of a SQLite database. Reads its name, and checks that it is still the file that was opened. */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { StoreError } from "../../OutboxError.js"
import { from as failure } from "./storeError.js"

const storage = (operation: string, description: string) =>
  new StoreError({ operation, reason: "storage", description })

/** Reads percent escapes as SQLite does, which takes any byte. */
const unescaped = (text: string): string =>
  text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** Tells whether SQLite or libSQL takes this name, as it is or as a URI, for a database that is in no file. */
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
 * The absolute path of a file, which neither SQLite nor libSQL takes for a URI, and which stays the same when the process
 * changes its working directory.
 */
export const resolve = (filename: string): Either.Either<string, StoreError> => {
  if (isInMemory(filename)) {
    return Either.left(storage("open", "a database in memory would lose every row with the process: name a file"))
  }
  return filename.includes("\0")
    ? Either.left(storage("open", "the file's name has a NUL character"))
    : Either.right(Path.resolve(filename))
}

/** The URL by which libSQL opens a path. */
export const url = (path: string): string => `file:${path.split(Path.sep).map(encodeURIComponent).join("/")}`

/** The database, and what SQLite keeps beside it while it is open: rows that were taken are in the log for a while. */
const parts = ["", "-wal", "-shm"]

/** The files under a path, by their numbers in the file system. A part that is not there is `undefined`. */
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
 * Fails if the files of a path are not those that were opened. A deleted file can be written to for as long as it is open,
 * and is gone afterwards. Parts that `opened` does not have are not compared.
 */
export const verify = (operation: string, path: string, opened: Identity): Effect.Effect<void, StoreError> =>
  Effect.flatMap(identity(operation, path), (found) => {
    const other = opened.findIndex((file, part) => file !== undefined && file !== found[part])
    return other === -1
      ? Effect.void
      : storage(
          operation,
          `${JSON.stringify(path + (parts[other] ?? ""))} is not the file that was opened: it was deleted, moved or `
            + "replaced, and rows that were written to it may be lost"
        )
  })
