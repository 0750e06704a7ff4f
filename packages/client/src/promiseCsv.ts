/**
 * Ingestion from CSV for programs that do not use Effect. Install the package `csv-parse` to use this module.
 *
 * @since 0.1.0
 */
import * as CsvSource from "./CsvSource.js"
import { identify } from "./internal/http/call.js"
import { anything } from "./internal/options/kinds.js"
import { called } from "./internal/promise/calls.js"
import { runOf } from "./internal/promise/clients.js"
import { ingestFile, type Read } from "./internal/promise/files.js"
import { fileOptions } from "./internal/promise/ingestOptions.js"
import * as Requests from "./internal/promise/requests.js"
import { closing } from "./internal/promise/rows.js"
import type { IngestSchema, SendsJson, TakesText } from "./internal/promise/standardSchema.js"
import * as Operations from "./Operations.js"
import type { Client, FileIngestOptions, FileReport, FileSource } from "./promise.js"
import type { CombineTarget } from "./WebhookTarget.js"

/**
 * Options for sending the rows of a CSV file. `CsvSource.Options` explains the options of the format, with their
 * defaults.
 *
 * @example
 * import type { CsvOptions } from "@mammoth-effect/client/promiseCsv"
 *
 * const german: CsvOptions = { delimiter: ";", onBadLine: ({ error }) => console.warn(error.message) }
 *
 * @since 0.1.0
 * @category options
 */
export interface CsvOptions
  extends
    FileIngestOptions<Record<string, string>>,
    Pick<CsvSource.Options, "columns" | "delimiter" | "escape" | "maxRowBytes" | "quote"> {}

/**
 * Appends the rows of CSV as objects whose keys are the column names, and returns the counts of the rows. Each callback
 * for a row receives the number of the row's line.
 *
 * All fields are strings: pass a schema that reads numbers and dates from strings. The first row holds the column
 * names, unless you give the option `columns`.
 *
 * A row is bad if it has more or fewer fields than there are columns, or if its quotes are broken. It is also bad if it
 * is too long, or is not UTF-8. `onBadLine` receives each bad row. Without `onBadLine`, the run ends at the first bad
 * row.
 *
 * @param client a client that `makeClient` returned
 * @param webhook a webhook that is known to be in mode `combine`
 * @param source the file: `{ path }`, a `file:` URL, bytes, a `Blob`, or a stream
 * @param options the schema, the format, and functions that receive bad lines and the outcomes of rows
 * @example
 * import { assumeCombine, type Client } from "@mammoth-effect/client/promise"
 * import { ingestCsv } from "@mammoth-effect/client/promiseCsv"
 * import { z } from "zod"
 *
 * const Order = z.object({ id: z.coerce.number().int(), total: z.coerce.number() })
 *
 * export const push = (mammoth: Client, key: string) =>
 *   ingestCsv(mammoth, assumeCombine(key), { path: "orders.csv" }, {
 *     schema: Order,
 *     onBadRow: "continue",
 *     onBadLine: ({ error, line }) => console.warn(`line ${line} was skipped: ${error.reason}`),
 *     onDeadLetter: ({ error, line }) => console.warn(`line ${line} was refused: ${error.message}`)
 *   })
 *
 * @since 0.1.0
 * @category ingestion
 */
export const ingestCsv = <S extends IngestSchema = IngestSchema>(
  client: Client,
  webhook: CombineTarget,
  source: FileSource,
  options: CsvOptions & { readonly schema?: (S & SendsJson<S> & TakesText<S>) | undefined } = {}
): Promise<FileReport> => {
  const named = identify(Operations.addData, "ingestCsv")
  const read: Read<Record<string, string>> = (bytes, onBadLine) => {
    const { columns, delimiter, escape, maxRowBytes, quote } = options
    return CsvSource.fromBytesWithLines(bytes, { columns, delimiter, escape, maxRowBytes, onBadLine, quote })
  }
  const made = called(
    ingestCsv,
    named,
    Requests.target("assumeCombine")(webhook),
    fileOptions({ columns: anything, delimiter: anything, escape: anything, maxRowBytes: anything, quote: anything })
  )
  return closing(source, runOf(client)(made, ingestFile(named, webhook, source, options, read), options))
}
