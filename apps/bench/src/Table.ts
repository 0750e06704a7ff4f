/** Text in columns. */

/** Aligns the cells of lines of equal length: to the right, but for the columns that hold words. */
export const format = (lines: ReadonlyArray<ReadonlyArray<string>>, words: ReadonlyArray<number>): string => {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          words.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
        )
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}
