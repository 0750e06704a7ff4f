/** Puts claimed rows together into requests. */
import type { ClaimedRow } from "../../OutboxStoreService.js"

const encoder = new TextEncoder()

/** Rows in their order, in groups of at most so many rows and bytes; a row that is larger stands alone. */
export const group = (
  rows: ReadonlyArray<ClaimedRow>,
  maxRows: number,
  maxBytes: number
): ReadonlyArray<ReadonlyArray<ClaimedRow>> => {
  const groups: Array<Array<ClaimedRow>> = []
  let last: Array<ClaimedRow> = []
  let bytes = 0
  for (const row of rows) {
    // a comma or bracket for each
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

/** The body of a request: an array of rows, or the one row itself. */
export const body = (rows: ReadonlyArray<ClaimedRow>, isArray: boolean): string =>
  isArray ? `[${rows.map(({ payload }) => payload).join(",")}]` : (rows[0]?.payload ?? "null")
