/** Reads files and stdin. */
import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import type { Readable } from "node:stream"
import { fromNodeReadable } from "@mammoth-effect/client/RowSource"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { FileError } from "./shell/errors.js"

/** The name of a file in messages. */
export const nameOf = (path: string): string => (path === "-" ? "stdin" : path)

/** Opens a file, or stdin for `-`. */
export const open = (path: string): Readable => (path === "-" ? process.stdin : createReadStream(path))

/** Reads a text in UTF-8, without a byte order mark. */
export const readText = (path: string): Effect.Effect<string, FileError> => {
  const failed = (reason: string) => new FileError({ path: nameOf(path), reason })
  return fromNodeReadable<Buffer>(() => open(path)).pipe(
    Stream.runCollect,
    Effect.mapError((error) => failed(error.reason)),
    Effect.flatMap((chunks) =>
      Effect.try({
        try: () => new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat([...Chunk.toReadonlyArray(chunks)])),
        catch: () => failed("it is not UTF-8")
      })
    )
  )
}

/** Returns the reason of a failure without the contents of the file. */
export const reasonOf = (error: Error): string =>
  "code" in error && typeof error.code === "string" ? error.code : error.message

/** Returns the size of a file, or `undefined` for what has none, such as a pipe. */
export const sizeOf = (path: string): Effect.Effect<number | undefined> =>
  path === "-"
    ? Effect.succeed(undefined)
    : Effect.tryPromise(() => stat(path)).pipe(
        Effect.map((info) => (info.isFile() ? info.size : undefined)),
        Effect.orElseSucceed(() => undefined)
      )
