/** The small row that every side sends. */

export interface Row {
  readonly id: number
  readonly name: string
  readonly value: number
}

export const make = (index: number): Row => ({ id: index, name: `row ${index}`, value: 0.5 })

/** Makes the rows from one index up to another, without the last. */
export const range = (from: number, to: number): Array<Row> =>
  Array.from({ length: to - from }, (_, offset) => make(from + offset))
