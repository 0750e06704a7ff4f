/** Reads files and stdin. */
import { constants, createReadStream, open as openFile } from "node:fs"
import { stat } from "node:fs/promises"
import { Socket } from "node:net"
import type { Readable } from "node:stream"
import { promisify } from "node:util"
import { fromNodeReadable } from "@mammoth-effect/client/RowSource"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { FileError } from "./shell/errors.js"
import * as SystemErrors from "./shell/systemErrors.js"

/** Returns the name that messages use for a file: the path, or `stdin` for `-`. */
export const nameOf = (path: string): string => (path === "-" ? "stdin" : path)

const failedAt = (path: string) => (reason: string) => new FileError({ path: nameOf(path), reason })

/**
 * Opens a pipe as a socket. If a pipe were read as a file, each read would block a thread until data arrives, and the
 * process could not exit while a thread is blocked.
 */
const openPipe = (path: string) =>
  Effect.map(
    Effect.tryPromise(() => promisify(openFile)(path, constants.O_RDONLY | constants.O_NONBLOCK)),
    (fd) => new Socket({ fd, readable: true, writable: false })
  )

/** Opens a file, or stdin for `-`. Closes the stream when the scope ends. */
export const open = (path: string): Effect.Effect<Readable, FileError, Scope.Scope> => {
  const opened: Effect.Effect<Readable, FileError> =
    path === "-"
      ? Effect.sync(() => process.stdin)
      : Effect.tryPromise(() => stat(path)).pipe(
          Effect.flatMap((info): Effect.Effect<Readable, Error> =>
            info.isFIFO() ? openPipe(path) : Effect.sync(() => createReadStream(path))
          ),
          Effect.mapError((error) => failedAt(path)(SystemErrors.reasonOf(error)))
        )
  return Effect.acquireRelease(
    // Listen for errors. Without a listener, an error that occurs while nobody reads the stream would end the process. The
    // code that reads the stream later still gets the error.
    Effect.tap(opened, (readable) => Effect.sync(() => void readable.on("error", () => {}))),
    (readable) => Effect.sync(() => void readable.destroy())
  )
}

/** Reads a UTF-8 file as a string, without its byte order mark. */
export const readText = (path: string): Effect.Effect<string, FileError> => {
  const failed = failedAt(path)
  return Effect.flatMap(open(path), (readable) =>
    fromNodeReadable<Buffer>(() => readable).pipe(
      Stream.runCollect,
      Effect.mapError((error) => failed(SystemErrors.explain(error.reason)))
    )
  ).pipe(
    Effect.flatMap((chunks) =>
      Effect.try({
        try: () => new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat([...Chunk.toReadonlyArray(chunks)])),
        catch: () => failed("it is not UTF-8")
      })
    ),
    Effect.scoped
  )
}

/** Returns the size of a file, or `undefined` for a source without a size, such as a pipe. */
export const sizeOf = (path: string): Effect.Effect<number | undefined> =>
  path === "-"
    ? Effect.succeed(undefined)
    : Effect.tryPromise(() => stat(path)).pipe(
        Effect.map((info) => (info.isFile() ? info.size : undefined)),
        Effect.orElseSucceed(() => undefined)
      )
