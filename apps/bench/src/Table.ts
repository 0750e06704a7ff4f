/** Text in columns. */

const widthsOf = (lines: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<number> =>
  (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))

/** Aligns the cells of lines of equal length: to the right, but for the columns that hold words. */
const align = (lines: ReadonlyArray<ReadonlyArray<string>>, words: ReadonlyArray<number>) => {
  const widths = widthsOf(lines)
  return lines.map((line) =>
    line.map((cell, column) =>
      words.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
    )
  )
}

/** The lines as plain text. */
export const format = (lines: ReadonlyArray<ReadonlyArray<string>>, words: ReadonlyArray<number>): string =>
  align(lines, words)
    .map((line) => line.join("  ").trimEnd())
    .join("\n")

/** The lines as a table in Markdown, whose first line is its head. */
export const markdown = (lines: ReadonlyArray<ReadonlyArray<string>>, words: ReadonlyArray<number>): string => {
  const rule = (lines[0] ?? []).map((_, column) => (words.includes(column) ? "---" : "--:"))
  const [head = [], , ...rest] = align([lines[0] ?? [], rule, ...lines.slice(1)], words)
  const widths = widthsOf([head])
  const drawn = widths.map(
    (width, column) => "-".repeat(width - (words.includes(column) ? 0 : 1)) + (words.includes(column) ? "" : ":")
  )
  return [head, drawn, ...rest].map((line) => `| ${line.join(" | ")} |`).join("\n")
}
