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
  /** The name of the header that carries a webhook's secret, in lower case. */
  readonly secretHeader: string
  readonly secretScheme: string | undefined
  readonly record: number
  readonly recordBytes: number
  /** The delay until a list shows that a webhook was created or deleted, in milliseconds. */
  readonly listLag: number
}

/**
 * Returns the default if the string is missing or empty. An empty string counts as missing, because an unset variable
 * often becomes an empty string.
 */
export const orElse = (text: string | undefined, otherwise: string): string =>
  text === undefined || text === "" ? otherwise : text

const key = (given: string | Redacted.Redacted | undefined, otherwise: string): Redacted.Redacted =>
  Redacted.make(orElse(Redacted.isRedacted(given) ? Redacted.value(given) : given, otherwise))

const mebibyte = 1024 * 1024

/**
 * The maximum value of `bodyLimit`, in bytes. A body of this size fits into one string of Node, even after JSON has
 * escaped every character of the body.
 */
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
