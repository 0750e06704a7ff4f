/** Reads CSV. After a broken row, a new parser begins at the next line. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { SourceError } from "../../SourceError.js"
import { afterBad } from "./badLines.js"
import { measureLine, type Place } from "./csvLines.js"
import { type Options, readOptions, type Settings } from "./csvOptions.js"
import { parseFrom, tooLong } from "./csvParsing.js"
import { type Collected, failure, makeRows, type Row } from "./csvRows.js"
import { toUtf8 } from "./utf8.js"
import { makeWindow } from "./window.js"

/**
 * Makes a function that reads the rows of the next chunk. If it gets no chunk, the source has ended, and the function
 * reads the last rows.
 */
const makeRead = (settings: Settings): ((chunk: Option.Option<Uint8Array>) => Effect.Effect<Collected>) => {
  const window = makeWindow()
  const rows = makeRows(settings)
  let parsing = parseFrom({ at: 0, line: 1 }, window, rows, settings)

  /**
   * Refuses the first line of a broken row. Returns the place of the next line. Returns `undefined` if the stream
   * fails, or if the end of the first line has not arrived yet.
   */
  const passLine = (reason: string, isWhole: boolean): Place | undefined => {
    const { at, line } = parsing.begin()
    const bytes = window.slice(at)
    const { endLength, isThere, length } = measureLine(bytes, isWhole)
    if (!rows.hasColumns() || !settings.goesOn) {
      rows.fail(line, reason)
    } else if (length > settings.maxRowBytes) {
      rows.fail(line, tooLong(settings))
    } else if (isThere) {
      rows.refuse(line, () => bytes.subarray(0, length + endLength), reason)
      return { at: at + length + endLength, line: line + 1 }
    }
    return undefined
  }

  const readOn = (isWhole: boolean): Effect.Effect<void> =>
    Effect.flatMap(parsing.readNext(isWhole), () => {
      if (rows.hasFailed()) return Effect.void
      const broken = parsing.broken()
      if (broken === undefined) return parsing.hasAll(isWhole) ? Effect.void : readOn(isWhole)
      const next = passLine(broken, isWhole)
      if (next === undefined) return Effect.void
      parsing = parseFrom(next, window, rows, settings)
      return readOn(isWhole)
    })

  return (chunk) =>
    Effect.suspend(() => {
      if (Option.isSome(chunk)) window.append(chunk.value)
      return Effect.map(readOn(Option.isNone(chunk)), rows.flush)
    })
}

/** Reads rows, each with its line number. Checks the options first. */
export const read = <E, R, E2 = never, R2 = never>(
  source: Stream.Stream<Uint8Array | string, E, R>,
  options: Options<E2, R2> = {}
): Stream.Stream<Row, E | E2 | SourceError, R | R2> =>
  // Make the reader here, because each run of the stream needs its own state.
  Stream.suspend((): Stream.Stream<Row, E | E2 | SourceError, R | R2> => {
    const settings = readOptions(options)
    if (Either.isLeft(settings)) return Stream.fail(failure(undefined, settings.left))
    const bytes = toUtf8(source, (reason) => failure(undefined, reason))
    return Stream.concat(Stream.map(bytes, Option.some), Stream.make(Option.none())).pipe(
      Stream.mapEffect(makeRead(settings.right)),
      Stream.flatMap(({ bad, error, rows }) => {
        const good = afterBad(rows, bad, options.onBadLine)
        return error === undefined ? good : Stream.concat(good, Stream.fail(error))
      })
    )
  })
