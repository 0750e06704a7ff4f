/**
 * Ingestion from NDJSON for programs that do not use Effect.
 *
 * @since 0.1.0
 */
import { identify } from "./internal/http/call.js"
import { anything } from "./internal/options/kinds.js"
import { called } from "./internal/promise/calls.js"
import { runOf } from "./internal/promise/clients.js"
import { ingestFile, type Read } from "./internal/promise/files.js"
import { fileOptions } from "./internal/promise/ingestOptions.js"
import * as Requests from "./internal/promise/requests.js"
import { closing } from "./internal/promise/rows.js"
import type { IngestSchema, SendsJson } from "./internal/promise/standardSchema.js"
import * as Operations from "./Operations.js"
import type { Client, FileIngestOptions, FileReport, FileSource } from "./promise.js"
import * as RowSource from "./RowSource.js"
import type { CombineTarget } from "./WebhookTarget.js"

/**
 * Options for sending the rows of an NDJSON file.
 *
 * @example
 * import type { NdjsonOptions } from "@mammoth-effect/client/promiseNdjson"
 *
 * const options: NdjsonOptions = { onBadLine: ({ error }) => console.warn(error.message) }
 *
 * @since 0.1.0
 * @category options
 */
export interface NdjsonOptions extends FileIngestOptions<unknown>, Pick<RowSource.NdjsonOptions, "maxLineBytes"> {}

/**
 * Appends the rows of NDJSON, in which each line is one JSON document, and returns the counts of the rows. Each
 * callback for a row receives the number of the row's line.
 *
 * Blank lines and a byte order mark are ignored, and lines may end with LF or CRLF. Numbers are read as JavaScript reads
 * them, so integers beyond 2^53 are rounded.
 *
 * @param client a client that `makeClient` returned
 * @param webhook a webhook that is known to be in mode `combine`
 * @param source the file: `{ path }`, a `file:` URL, bytes, a `Blob`, or a stream
 * @param options the schema, the batch limits, the concurrency, and functions that receive bad lines and the outcomes
 * of rows
 * @example
 * import { assumeCombine, type Client } from "@mammoth-effect/client/promise"
 * import { ingestNdjson } from "@mammoth-effect/client/promiseNdjson"
 *
 * export const push = (mammoth: Client, key: string) =>
 *   ingestNdjson(mammoth, assumeCombine(key), { path: "orders.ndjson" }, {
 *     onBadRow: "continue",
 *     onBadLine: ({ error, line }) => console.warn(`line ${line} was skipped: ${error.reason}`),
 *     onDeadLetter: ({ error, line }) => console.warn(`line ${line} was refused: ${error.message}`)
 *   })
 *
 * @since 0.1.0
 * @category ingestion
 */
export const ingestNdjson = <S extends IngestSchema = IngestSchema>(
  client: Client,
  webhook: CombineTarget,
  source: FileSource,
  options: NdjsonOptions & { readonly schema?: (S & SendsJson<S>) | undefined } = {}
): Promise<FileReport> => {
  const named = identify(Operations.addData, "ingestNdjson")
  const read: Read<unknown> = (bytes, onBadLine) =>
    RowSource.fromNdjsonWithLines(bytes, { onBadLine, maxLineBytes: options.maxLineBytes })
  const made = called(
    ingestNdjson,
    named,
    Requests.target("assumeCombine")(webhook),
    fileOptions({ maxLineBytes: anything })
  )
  return closing(source, runOf(client)(made, ingestFile<unknown>(named, webhook, source, options, read), options))
}
