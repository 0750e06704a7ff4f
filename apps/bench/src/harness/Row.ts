/** Makes the small rows that every side sends. */

export interface Row {
  readonly id: number
  readonly name: string
  readonly value: number
}

export const make = (index: number): Row => ({ id: index, name: `row ${index}`, value: 0.5 })

/** Makes rows. The first row has the index `from`, and the last row has the index `to - 1`. */
export const range = (from: number, to: number): Array<Row> =>
  Array.from({ length: to - from }, (_, offset) => make(from + offset))
