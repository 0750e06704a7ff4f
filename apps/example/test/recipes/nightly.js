/** The nightly job of docs/promises.md: `nightly.test.ts` runs it, and `documented.test.ts` compares the guide with it. */
import { makeClient } from "@mammoth-effect/client/promise"
import { ingestCsv } from "@mammoth-effect/client/promiseCsv"
import { z } from "zod"

/** Reads a number. Without the first check, an empty text would be zero. */
const Numeric = z.string().min(1).pipe(z.coerce.number())

/** From the texts of a row to what is sent. */
const Order = z.object({
  id: Numeric.pipe(z.int()),
  customer: z.string().min(1),
  total: Numeric.pipe(z.number().nonnegative())
})

const stopping = new AbortController()
process.once("SIGTERM", () => stopping.abort(new Error("the job was told to stop")))

/** Every line has one end. Only the ends that somebody has to look at are printed. */
const tell = ({ end, error, line }) => {
  if (end !== "accepted") console.log(`line ${line}: ${end}: ${error?.message ?? "the job ended before the response"}`)
}

const mammoth = makeClient()
try {
  const orders = await mammoth.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })
  const report = await ingestCsv(
    mammoth,
    orders,
    { path: process.argv[2] ?? "orders.csv" },
    { schema: Order, onBadRow: "continue", onBadLine: tell, onOutcome: tell, signal: stopping.signal }
  )
  const lines = report.offered + report.badLines
  console.log(`${report.accepted.rows} of ${lines} lines were accepted, in ${Math.ceil(report.elapsed / 1000)} s`)
  if (report.accepted.rows < lines) process.exitCode = 1
} finally {
  await mammoth.close()
}
