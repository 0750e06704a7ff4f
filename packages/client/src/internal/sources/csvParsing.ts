/**
 * Reads rows from a place in the source up to a broken row. The parser cannot continue after a broken row, so the
 * parser gets no further bytes. The parser's callbacks change the state in this file.
 */
import * as Effect from "effect/Effect"
import { lengthOfRow, passBlank, type Place } from "./csvLines.js"
import type { Settings } from "./csvOptions.js"
import * as CsvParser from "./csvParser.js"
import type { Rows } from "./csvRows.js"
import { countCutOff } from "./utf8.js"
import type { Window } from "./window.js"

export interface Parsing {
  /**
   * Gives the parser the next bytes of the window, and drops the bytes of complete rows. `isWhole` is `true` if the
   * source has ended.
   */
  readonly readNext: (isWhole: boolean) => Effect.Effect<void>
  /** Returns `true` if the parser has read all bytes of the window, except an incomplete last character. */
  readonly hasAll: (isWhole: boolean) => boolean
  /** Returns the place at which the current row begins. */
  readonly begin: () => Place
  /** Returns the reason why the row at `begin` cannot be read, or `undefined` if the row is not broken. */
  readonly broken: () => string | undefined
}

/**
 * The number of bytes in the parser's first piece, and the maximum number of bytes in a later piece. The first piece is
 * small, because after a broken row, another parser gets the same bytes again.
 */
const pieceBytes = { first: 1024, most: 65_536 }

export const tooLong = ({ maxRowBytes }: Settings): string =>
  `the row is longer than ${maxRowBytes} bytes; check that quotes are closed, or raise maxRowBytes`

/** Opens a parser at a place in the source. */
export const parseFrom = (place: Place, window: Window, rows: Rows, settings: Settings): Parsing => {
  const { delimiter, escape, maxRowBytes, quote } = settings
  // Raise the limit by the bytes that the parser reads beyond the row: a delimiter, or a quote and a line break.
  const lookahead = 64 + 4 * delimiter.length
  let begin = place
  let broken: string | undefined
  /** The number of bytes of the source that the parser has read. */
  let given = place.at
  let pieceLength = pieceBytes.first

  const parser = CsvParser.open({
    delimiter,
    quote,
    escape,
    onRow: ({ end, fields, firstLine, lastLine }) => {
      if (broken !== undefined || rows.hasFailed()) return
      const to = place.at + end
      const bytes = () => window.slice(begin.at, to)
      if (to - begin.at > maxRowBytes && lengthOfRow(bytes()) > maxRowBytes) {
        broken = tooLong(settings)
      } else {
        rows.take(fields, place.line + firstLine - 1, bytes)
        begin = { at: to, line: place.line + lastLine }
      }
    },
    onBroken: (reason) => {
      broken ??= reason
    }
  })

  /** Gives the parser the next bytes, without an incomplete last character. */
  const giveNext = (isWhole: boolean): Effect.Effect<void> => {
    const piece = window.slice(given, Math.min(given + pieceLength, window.end()))
    pieceLength = Math.min(2 * pieceLength, pieceBytes.most)
    const isLast = isWhole && given + piece.length === window.end()
    const bytes = isLast ? piece : piece.subarray(0, piece.length - countCutOff(piece))
    given += bytes.length
    const written = bytes.length > 0 ? parser.write(bytes) : Effect.void
    const end = Effect.suspend(() => (broken === undefined ? parser.end : Effect.void))
    return isLast ? Effect.zipRight(written, end) : written
  }

  const settle = (isWhole: boolean): void => {
    if (rows.hasFailed()) return
    begin = passBlank(begin, window.slice(begin.at, given), isWhole && given === window.end())
    window.dropTo(begin.at)
    if (given - begin.at > maxRowBytes + lookahead) broken ??= tooLong(settings)
  }

  return {
    readNext: (isWhole) =>
      Effect.zipRight(
        Effect.suspend(() => (broken === undefined ? giveNext(isWhole) : Effect.void)),
        Effect.sync(() => settle(isWhole))
      ),
    hasAll: (isWhole) => {
      const rest = window.slice(given)
      return rest.length === (isWhole ? 0 : countCutOff(rest))
    },
    begin: () => begin,
    broken: () => broken
  }
}
