/** The nightly job of docs/promises.md. `nightly.test.ts` runs it. `documented.test.ts` compares it with the guide. */
import { makeClient } from "@mammoth-effect/client/promise"
import { ingestCsv } from "@mammoth-effect/client/promiseCsv"
import { z } from "zod"

/** Reads a number. Refuses an empty string first, because zod would turn it into zero. */
const Numeric = z.string().min(1).pipe(z.coerce.number())

/** Turns the strings of a row into the values to send. */
const Order = z.object({
  id: Numeric.pipe(z.int()),
  customer: z.string().min(1),
  total: Numeric.pipe(z.number().nonnegative())
})

const stopping = new AbortController()
process.once("SIGTERM", () => stopping.abort(new Error("the job was told to stop")))

/** Prints the outcome of a line if its row was not accepted. */
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
