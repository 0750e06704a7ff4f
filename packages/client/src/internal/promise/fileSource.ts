/** Makes streams of bytes from paths, URLs, bytes, blobs and streams. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as RowSource from "../../RowSource.js"
import { SourceError } from "../../SourceError.js"
import { brandOf } from "../codec/brand.js"
import { thrownOf, withThrown } from "../sources/thrown.js"
import { fromAsync, isAsync, isWebStream } from "./rows.js"

/** The content of a file, as the public `FileSource` documents it. */
export type FileSource =
  | { readonly path: string }
  | URL
  | Uint8Array
  | Blob
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>

const bytesPerChunk = 65_536

/** Streams bytes in chunks, so that other parts of the program can run while a large file in memory is parsed. */
const fromMemory = (bytes: Uint8Array): Stream.Stream<Uint8Array> =>
  Stream.unfold(0, (at) =>
    at < bytes.length ? Option.some([bytes.subarray(at, at + bytesPerChunk), at + bytesPerChunk]) : Option.none()
  )

// Load the module only when it is needed, so that a bundle for browsers does not import it.
const nodeFiles = () => globalThis.process?.getBuiltinModule?.("node:fs")

const fromFile = (path: string | URL): Either.Either<Stream.Stream<Uint8Array | string, SourceError>, Issue.Issue> => {
  const files = nodeFiles()
  if (files === undefined) {
    const expected = "bytes, a Blob or a stream, because this runtime cannot open a file by its path"
    return Either.left({ path: ["source"], expected, received: "a path" })
  }
  const name = Issue.shorten(String(path), 500)
  return Either.right(
    Stream.mapError(
      RowSource.fromNodeReadable(() => files.createReadStream(path)),
      (error) => withThrown(new SourceError({ source: "file", reason: `${name}: ${error.reason}` }), thrownOf(error))
    )
  )
}

const fileSource = "{ path }, a file: URL, bytes, a Blob, or a Node or web stream of bytes"

/** Returns the remedy for a value that a program may pass by mistake instead of a source. */
const remedyOf = (source: unknown): string => {
  if (Predicate.isString(source)) {
    return " (pass { path } for a file, or new TextEncoder().encode(text) for content)"
  }
  return Predicate.hasProperty(source, "body") ? " (pass the body of a request or response)" : ""
}

const isUrl = (source: unknown): source is URL => brandOf(source) === "URL"

const isBytes = (source: unknown): source is Uint8Array => brandOf(source) === "Uint8Array"

const isBlob = (source: unknown): source is Blob => brandOf(source) === "Blob" || brandOf(source) === "File"

const hasPath = (source: unknown): source is { readonly path: string } =>
  Predicate.hasProperty(source, "path") && Predicate.isString(source.path)

/** Streams the bytes of a file, or returns an issue for a value that is not a source. */
export const fromSource = (
  source: FileSource
): Either.Either<Stream.Stream<Uint8Array | string, SourceError>, Issue.Issue> => {
  if (isBytes(source)) return Either.right(fromMemory(source))
  if (isBlob(source)) return Either.right(RowSource.fromReadableStream(() => source.stream()))
  // Check for a stream before `hasPath`, because a Node stream of a file also has a path.
  if (isWebStream(source) || isAsync(source)) return Either.right(fromAsync<Uint8Array | string>(source))
  if (isUrl(source) && source.protocol === "file:") return fromFile(source)
  if (!isUrl(source) && hasPath(source)) return fromFile(source.path)
  return Either.left({
    path: ["source"],
    expected: `${fileSource}${isUrl(source) ? " (fetch the URL, and pass the response's body)" : remedyOf(source)}`,
    received: isUrl(source) ? "another URL" : Issue.shape(source)
  })
}
