/** The options of an emulator with every default filled in. */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import type { Options } from "../EmulatorService.js"

export interface Settings {
  readonly apiKey: Redacted.Redacted
  readonly apiSecret: Redacted.Redacted
  readonly arraysAreRows: boolean
  readonly openData: boolean
  /** In bytes, after decompression. */
  readonly bodyLimit: number
  /** In lower case. */
  readonly secretHeader: string
  readonly secretScheme: string | undefined
  readonly record: number
  readonly recordBytes: number
  /** In milliseconds. */
  readonly listLag: number
}

/** An empty text, as an unset variable of the environment gives it, counts as none. */
export const orElse = (text: string | undefined, otherwise: string): string =>
  text === undefined || text === "" ? otherwise : text

const key = (given: string | Redacted.Redacted | undefined, otherwise: string): Redacted.Redacted =>
  Redacted.make(orElse(Redacted.isRedacted(given) ? Redacted.value(given) : given, otherwise))

const mebibyte = 1024 * 1024

/** A body of this size, written as JSON with every character escaped, still fits into a string of Node. */
export const mostBody = 64 * mebibyte

export const resolveSettings = (options: Options): Settings => ({
  apiKey: key(options.apiKey, "emulator-key"),
  apiSecret: key(options.apiSecret, "emulator-secret"),
  arraysAreRows: options.arraysAreRows ?? false,
  openData: options.openData ?? false,
  bodyLimit: Math.min(options.bodyLimit ?? mebibyte, mostBody),
  secretHeader: orElse(options.secretHeader, "authorization").toLowerCase(),
  secretScheme: options.secretScheme === "" ? undefined : options.secretScheme,
  record: options.record ?? 10_000,
  recordBytes: options.recordBytes ?? 64 * mebibyte,
  listLag: Duration.toMillis(options.listLag ?? 0)
})
