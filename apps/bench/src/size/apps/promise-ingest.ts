/** An app that ingests the rows of a file without Effect. */
import { assumeCombine, makeClient } from "@mammoth-effect/client/promise"
import { ingestNdjson } from "@mammoth-effect/client/promiseNdjson"

const webhook = assumeCombine("g7rHe3mUqUGPEpnc4XxeDWJa")

void ingestNdjson(makeClient(), webhook, { path: "orders.ndjson" }).then(console.log)
