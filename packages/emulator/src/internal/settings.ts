/** Fills in the defaults of an emulator's options. */
import * as Duration from "effect/Duration"
import * as Redacted from "effect/Redacted"
import type { Options } from "../EmulatorService.js"

export interface Settings {
  readonly apiKey: Redacted.Redacted
  readonly apiSecret: Redacted.Redacted
  readonly arraysAreRows: boolean
  readonly openData: boolean
  /** The maximum size of a body in bytes, after decompression. */
  readonly bodyLimit: number
  /** The name of the header, in lower case. */
  readonly secretHeader: string
  readonly secretScheme: string | undefined
  readonly record: number
  readonly recordBytes: number
  /** The age of lists, in milliseconds. */
  readonly listLag: number
}

/** Returns the default for a missing or an empty string. An unset variable often becomes an empty string. */
export const orElse = (text: string | undefined, otherwise: string): string =>
  text === undefined || text === "" ? otherwise : text

const key = (given: string | Redacted.Redacted | undefined, otherwise: string): Redacted.Redacted =>
  Redacted.make(orElse(Redacted.isRedacted(given) ? Redacted.value(given) : given, otherwise))

const mebibyte = 1024 * 1024

/** The size of the largest body, in bytes. It fits into a string of Node, even if JSON escapes every character. */
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
