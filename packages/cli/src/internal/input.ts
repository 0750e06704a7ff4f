/** Reads files and stdin. */
import { createReadStream } from "node:fs"
import type { Readable } from "node:stream"
import { fromNodeReadable } from "@mammoth-effect/client/RowSource"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { FileError } from "./shell/errors.js"

/** The name of stdin in messages. */
const nameOf = (path: string): string => (path === "-" ? "stdin" : path)

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
