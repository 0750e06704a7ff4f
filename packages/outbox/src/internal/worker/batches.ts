/** Combines claimed rows into requests. */
import type { ClaimedRow } from "../../OutboxStoreService.js"

const encoder = new TextEncoder()

/**
 * Groups rows in their order. A group has at most `maxRows` rows and `maxBytes` bytes. A row with more bytes is alone
 * in its group.
 */
export const group = (
  rows: ReadonlyArray<ClaimedRow>,
  maxRows: number,
  maxBytes: number
): ReadonlyArray<ReadonlyArray<ClaimedRow>> => {
  const groups: Array<Array<ClaimedRow>> = []
  let last: Array<ClaimedRow> = []
  let bytes = 0
  for (const row of rows) {
    // Count the row's bytes, and one byte for the comma or bracket after the row. If `maxRows` is 1, skip the count,
    // because each row is then alone in its group.
    const size = maxRows === 1 ? 0 : encoder.encode(row.payload).length + 1
    if (last.length === 0 || last.length >= maxRows || bytes + size > maxBytes) {
      last = []
      bytes = 1
      groups.push(last)
    }
    last.push(row)
    bytes += size
  }
  return groups
}

/** Returns the body of a request: an array of rows, or the single row itself. */
export const body = (rows: ReadonlyArray<ClaimedRow>, isArray: boolean): string =>
  isArray ? `[${rows.map(({ payload }) => payload).join(",")}]` : (rows[0]?.payload ?? "null")
