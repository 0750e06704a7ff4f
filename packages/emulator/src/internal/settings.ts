/** Fills in the defaults of an emulator's options. */
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

/** Returns the default for a missing or an empty text. An unset variable often becomes an empty text. */
export const orElse = (text: string | undefined, otherwise: string): string =>
  text === undefined || text === "" ? otherwise : text

const key = (given: string | Redacted.Redacted | undefined, otherwise: string): Redacted.Redacted =>
  Redacted.make(orElse(Redacted.isRedacted(given) ? Redacted.value(given) : given, otherwise))

const mebibyte = 1024 * 1024

/** The largest body, in bytes. Even with every character escaped as JSON, it fits into a string of Node. */
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
