/** Formats tables as plain text and as Markdown. */

export interface Table {
  /** The indexes of the columns that hold words. These columns are aligned left, and all other columns right. */
  readonly words: ReadonlyArray<number>
  /** The rows. All rows have the same number of cells. The first row is the header. */
  readonly lines: ReadonlyArray<ReadonlyArray<string>>
}

const align = ({ lines, words }: Table) => {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const pad = (cell: string, column: number) =>
    words.includes(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return lines.map((line) => line.map(pad))
}

export const text = (table: Table): string =>
  align(table)
    .map((line) => line.join("  ").trimEnd())
    .join("\n")

export const markdown = ({ lines, words }: Table): string => {
  const rule = (lines[0] ?? []).map((_, column) => (words.includes(column) ? "---" : "--:"))
  const [head = [], , ...rest] = align({ words, lines: [lines[0] ?? [], rule, ...lines.slice(1)] })
  const drawn = head.map(({ length }, column) => (rule[column] ?? "").padStart(length, "-"))
  return [head, drawn, ...rest].map((line) => `| ${line.join(" | ")} |`).join("\n")
}
