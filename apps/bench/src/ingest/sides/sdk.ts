/** The side of this SDK. It runs a stream of rows into `WebhookSink.append`. */
import { WebhookSink, WebhookTarget } from "@mammoth-effect/client"
import * as UndiciHttpClient from "@mammoth-effect/client/UndiciHttpClient"
import { Chunk, Effect, ManagedRuntime, Option, Schema, Stream } from "effect"
import * as Mammoth from "../../harness/Mammoth.js"
import * as Row from "../../harness/Row.js"
import { measure } from "./measure.js"

const schema = Schema.Struct({ id: Schema.Int, name: Schema.String, value: Schema.Number })

const chunkSize = 1000

/** Streams rows in chunks. Makes a chunk only when the consumer pulls it. */
const stream = (rows: number): Stream.Stream<Row.Row> =>
  Stream.unfoldChunk(0, (from) => {
    const to = Math.min(rows, from + chunkSize)
    return from >= rows ? Option.none() : Option.some([Chunk.unsafeFromArray(Row.range(from, to)), to])
  })

await measure((job) => {
  const runtime = ManagedRuntime.make(Mammoth.layer(job, UndiciHttpClient.layer()))
  const target = WebhookTarget.assumeCombine(job.key)
  const options: WebhookSink.Options<Row.Row> = {
    schema,
    concurrency: job.concurrency,
    batch: job.batch === null ? undefined : { maxRows: job.batch }
  }
  return {
    ingest: (rows) =>
      runtime.runPromise(
        Stream.run(stream(rows), WebhookSink.append(target, options)).pipe(
          Effect.filterOrDieMessage((report) => report.accepted.rows === rows, "the server did not accept every row"),
          Effect.asVoid
        )
      ),
    close: () => runtime.dispose()
  }
})
