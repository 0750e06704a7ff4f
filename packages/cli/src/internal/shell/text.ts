/** Formats text for terminals and pipes. */

/** Matches characters that move the cursor, change a terminal's title, or change the direction of text. */
const controls = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/** Replaces control characters with JSON escapes, because a string from a server must not control the terminal. */
export const escaped = (text: string): string =>
  text.replaceAll(controls, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`)

/** Converts a string to one line without control characters. */
export const visible = (text: string): string => escaped(text.replaceAll(/[\t\n\r]/g, " "))

const isWide = /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\u{1F300}-\u{1FAFF}]/u

/** Returns the width of a string on a terminal, in columns. */
export const width = (text: string): number => {
  let columns = 0
  for (const character of text.replaceAll(/\p{M}/gu, "")) columns += isWide.test(character) ? 2 : 1
  return columns
}

/** Pads a string with spaces to a number of columns. */
export const pad = (text: string, columns: number): string => text + " ".repeat(Math.max(0, columns - width(text)))

/** Breaks a string at spaces into lines of at most the given number of columns. */
export const wrap = (text: string, columns: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(/\s+/)) {
    if (line !== "" && width(line) + 1 + width(word) > columns) {
      lines.push(line)
      line = word
    } else {
      line = line === "" ? word : `${line} ${word}`
    }
  }
  return line === "" ? lines : [...lines, line]
}

/** The maximum width of the first column, which holds the names. The description of a longer name begins on the next line. */
const widest = 28

/** Lists names with their descriptions, in two columns. */
export const listed = (entries: ReadonlyArray<readonly [name: string, text: string]>, columns: number): string => {
  const first = Math.min(widest, Math.max(...entries.map(([name]) => width(name))))
  return entries
    .map(([name, text]) => {
      const [start = "", ...rest] = wrap(text, columns - first - 4)
      const indent = `\n${" ".repeat(first + 4)}`
      const head = width(name) > first ? `  ${name}${indent}${start}` : `  ${pad(name, first)}  ${start}`
      return [head.trimEnd(), ...rest].join(indent)
    })
    .join("\n")
}
