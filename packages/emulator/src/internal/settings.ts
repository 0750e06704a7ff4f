/** What the emulator was asked to be like, with every default filled in. */
import type * as Redacted from "effect/Redacted"

export interface Settings {
  readonly host: string
  /** Beside those of `host`. */
  readonly allowedHosts: ReadonlyArray<string>
  readonly port: number
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
