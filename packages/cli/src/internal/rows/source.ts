/** Reads rows from a file or stdin. The format is NDJSON, CSV or a JSON array, plain or compressed with gzip. */
import { ReadStream } from "node:fs"
import { extname } from "node:path"
import { pipeline, Readable } from "node:stream"
import { createGunzip } from "node:zlib"
import type { FileRow } from "@mammoth-effect/client/FileRow"
import * as RowSource from "@mammoth-effect/client/RowSource"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Input from "../input.js"
import { FileError, InputError, UsageError } from "../shell/errors.js"
import * as SystemErrors from "../shell/systemErrors.js"
import { toNdjson } from "./jsonArray.js"

export const formats = ["ndjson", "csv", "json"] as const

export type Format = (typeof formats)[number]

/** The rows of a file. */
export interface Source {
  readonly rows: (
    onBadLine: ((bad: RowSource.BadLine) => Effect.Effect<void>) | undefined
  ) => Stream.Stream<FileRow<unknown>, InputError>
  /** Returns how much of the file was read, from 0 to 1. Returns `undefined` if the size of the file is unknown. */
  readonly fraction: () => number | undefined
}

/** The first bytes of a source, and the whole source. */
interface Peeked {
  readonly first: Buffer
  readonly whole: Readable
}

/**
 * Waits for the first bytes of a source, and puts them back into the stream. If the source is empty, `first` is empty.
 */
const peek = (path: string, readable: Readable): Effect.Effect<Peeked, FileError | InputError> =>
  Effect.async((resume) => {
    const parts: Array<Buffer> = []
    const finish = (end: Effect.Effect<Peeked, FileError | InputError>) => {
      stop()
      resume(end)
    }
    const onReadable = () => {
      const part: unknown = readable.read()
      if (!Buffer.isBuffer(part)) return
      parts.push(part)
      const first = Buffer.concat(parts)
      // Wait until there are two bytes, and a character that is not a space. The bytes show if the source is gzip, and the
      // character shows the format.
      if (first.length < 2 || first.toString("latin1").trim() === "") return
      readable.unshift(first)
      finish(Effect.succeed({ first, whole: readable }))
    }
    // If the source has already ended, return a copy of its bytes, because bytes cannot be put back into an ended stream.
    const onEnd = () => {
      const first = Buffer.concat(parts)
      finish(Effect.succeed({ first, whole: Readable.from([first]) }))
    }
    const onError = (error: Error) => {
      const failed = { path: Input.nameOf(path), reason: SystemErrors.reasonOf(error) }
      const isGzipError = SystemErrors.codeOf(error).startsWith("Z_")
      finish(Effect.fail(isGzipError ? new InputError(failed) : new FileError(failed)))
    }
    const stop = () => readable.off("readable", onReadable).off("end", onEnd).off("error", onError)
    readable.on("readable", onReadable).on("end", onEnd).on("error", onError)
    return Effect.sync(stop)
  })

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

const byExtension: { readonly [extension: string]: Format } = {
  ".csv": "csv",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson"
}

/** Finds the format: from the flag, from the name of the file, or from the first character in the file. */
const formatOf = (path: string, given: Option.Option<Format>, bytes: Buffer): Effect.Effect<Format, UsageError> => {
  if (Option.isSome(given)) return Effect.succeed(given.value)
  const named = byExtension[extname(path.replace(/\.gz$/i, "")).toLowerCase()]
  if (named !== undefined) return Effect.succeed(named)
  const [first] = bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart()
  if (first === "[") return Effect.succeed("json")
  if (first === "{" || first === undefined) return Effect.succeed("ndjson")
  return new UsageError({
    message: `the format of ${Input.nameOf(path)} is not clear`,
    hint: `Nothing was sent. Set the format with --format ${formats.join("|")}.`
  })
}

/** Decompresses gzip. If the source fails, the returned stream fails with the same error. */
const decompress = (source: Readable): Readable =>
  // Listen for errors. Without a listener, an error that occurs while nobody reads the stream would end the process.
  pipeline(source, createGunzip(), () => {}).on("error", () => {})

/** Opens the rows of a file or of stdin. Closes the file when the scope ends. */
export const open = (
  path: string,
  options: { readonly format: Option.Option<Format>; readonly delimiter: Option.Option<string> }
): Effect.Effect<Source, FileError | InputError | UsageError, Scope.Scope> =>
  Effect.gen(function* () {
    const name = Input.nameOf(path)
    const file = yield* Input.open(path)
    const plain = yield* peek(path, file)
    const { first, whole } = isGzip(plain.first) ? yield* peek(path, decompress(plain.whole)) : plain
    const format = yield* formatOf(path, options.format, first)
    const size = yield* Input.sizeOf(path)
    const bytes = Stream.mapError(
      RowSource.fromNodeReadable<Buffer>(() => whole),
      ({ reason }) => new InputError({ path: name, reason: SystemErrors.explain(reason) })
    )
    const named = (error: InputError | RowSource.SourceError): InputError =>
      error._tag === "MammothCliInput"
        ? error
        : new InputError({
            path: name,
            isLine: error.line !== undefined,
            reason: `${error.line === undefined ? "" : `${format === "json" ? "element" : "line"} ${error.line}: `}${error.reason}`
          })
    const rows: Source["rows"] = (onBadLine) => {
      if (format === "csv") {
        return Stream.unwrap(
          Effect.map(
            Effect.promise(() => import("@mammoth-effect/client/CsvSource")),
            (Csv) => Csv.fromBytesWithLines(bytes, { onBadLine, delimiter: Option.getOrUndefined(options.delimiter) })
          )
        ).pipe(Stream.mapError(named))
      }
      return Stream.mapError(
        RowSource.fromNdjsonWithLines(format === "json" ? toNdjson(name, bytes) : bytes, { onBadLine }),
        named
      )
    }
    return {
      rows,
      fraction: () =>
        size === undefined || size === 0 || !(file instanceof ReadStream)
          ? undefined
          : Math.min(1, file.bytesRead / size)
    }
  })
