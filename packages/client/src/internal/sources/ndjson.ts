/**
 * Reads NDJSON with `JSON.parse`. The parser of `@effect/platform/Ndjson` is not used, because it breaks characters
 * that are split between two chunks, and does not name the bad line.
 */
import * as Issue from "@mammoth-effect/core/Issue"
import type * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { FileRow } from "../../FileRow.js"
import { type BadLine, SourceError } from "../../SourceError.js"
import { checkBytes } from "../options/limits.js"
import { afterBad } from "./badLines.js"
import { decodeLeniently, decodeUtf8, join, notUtf8, toUtf8 } from "./utf8.js"

export interface Options<E, R> {
  readonly onBadLine?: ((bad: BadLine) => Effect.Effect<void, E, R>) | undefined
  readonly maxLineBytes?: number | undefined
}

const newline = 0x0a

const refuse = (reason: string): SourceError => new SourceError({ source: "NDJSON", reason })

/** Complete lines, without the line break after the last line. */
interface Block {
  readonly bytes: Uint8Array
  /** The number of the first line. */
  readonly line: number
}

const countLines = (bytes: Uint8Array): number => {
  let count = 1
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) count += 1
  return count
}

const toBlocks = <E, R>(
  source: Stream.Stream<Uint8Array | string, E, R>,
  maxLineBytes: number
): Stream.Stream<Block, E | SourceError, R> =>
  Stream.suspend(() => {
    let line = 1
    let carried: Array<Uint8Array> = []
    let size = 0
    // Add a line break at the end of the source. Do not add it after an error, because a source that fails may have cut
    // off its last line.
    return Stream.concat(toUtf8(source, refuse), Stream.make(Uint8Array.of(newline))).pipe(
      Stream.flatMap((chunk): Stream.Stream<Block, SourceError> => {
        const last = chunk.lastIndexOf(newline)
        if (last === -1) {
          carried.push(chunk.slice())
          size += chunk.length
        } else {
          const block = { bytes: join([...carried, chunk.subarray(0, last)]), line }
          line += countLines(block.bytes)
          carried = [chunk.slice(last + 1)]
          size = chunk.length - last - 1
          return Stream.make(block)
        }
        return size <= maxLineBytes
          ? Stream.empty
          : Stream.fail(
              new SourceError({
                source: "NDJSON",
                line,
                reason: `the line is longer than ${maxLineBytes} bytes; put each row on its own line, or raise maxLineBytes`
              })
            )
      })
    )
  })

/** A line. `isText` is `true` if the line is UTF-8. */
interface Line {
  readonly number: number
  readonly text: string
  readonly isText: boolean
}

const toLines = ({ bytes, line }: Block): ReadonlyArray<Line> =>
  Option.match(decodeUtf8(bytes), {
    onSome: (text) => text.split("\n").map((text, i) => ({ number: line + i, text, isText: true })),
    onNone: () => {
      const lines: Array<Line> = []
      for (let from = 0; from <= bytes.length;) {
        const found = bytes.indexOf(newline, from)
        const to = found === -1 ? bytes.length : found
        const text = decodeUtf8(bytes.subarray(from, to))
        lines.push({
          number: line + lines.length,
          text: Option.getOrElse(text, () => decodeLeniently(bytes.subarray(from, to))),
          isText: Option.isSome(text)
        })
        from = to + 1
      }
      return lines
    }
  })

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

const toBadLine = ({ isText, number }: Line, text: string): BadLine => ({
  text,
  error: new SourceError({
    source: "NDJSON",
    line: number,
    reason: isText ? `expected a JSON document, found ${Issue.shape(text)}` : notUtf8
  })
})

/** Reads rows, each with its line number. Checks the options first. */
export const read = <E, R, E2 = never, R2 = never>(
  source: Stream.Stream<Uint8Array | string, E, R>,
  options: Options<E2, R2> = {}
): Stream.Stream<FileRow<unknown>, E | E2 | SourceError, R | R2> => {
  const { maxLineBytes = 10_000_000, onBadLine } = options
  const issues = checkBytes(["maxLineBytes"], maxLineBytes)
  if (issues.length > 0) return Stream.fail(refuse(Issue.formatAll({ issues, omitted: 0 })))
  return Stream.flatMap(
    toBlocks(source, maxLineBytes),
    (block): Stream.Stream<FileRow<unknown>, E2 | SourceError, R2> => {
      const rows: Array<FileRow<unknown>> = []
      const bad: Array<BadLine> = []
      for (const line of toLines(block)) {
        const text = line.text.replace(/\r$/, "")
        if (line.isText && text.trim() === "") continue
        const row = line.isText ? parseJson(text) : Option.none()
        if (Option.isSome(row)) {
          rows.push(new FileRow({ line: line.number, row: row.value }))
        } else {
          bad.push(toBadLine(line, text))
          if (onBadLine === undefined) break
        }
      }
      return afterBad(rows, bad, onBadLine)
    }
  )
}
