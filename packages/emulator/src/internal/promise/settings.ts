/** Reads the options of an emulator. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"
import { mostBody } from "../settings.js"
import type { InvalidArgument } from "./errors.js"
import * as Read from "./read.js"

const text = Schema.optional(Schema.String)

const flag = Schema.optional(Schema.Boolean)

const amount = (most: number = Number.MAX_SAFE_INTEGER) =>
  Schema.optional(
    Schema.Number.pipe(
      Schema.filter((number) => Number.isInteger(number) && number >= 0 && number <= most, {
        description: `an integer ${most === Number.MAX_SAFE_INTEGER ? "of 0 or more" : `from 0 to ${most}`}`
      })
    )
  )

const Settings = Schema.Struct({
  listen: flag,
  host: text,
  port: amount(65_535),
  allowedHosts: Schema.optional(Schema.Array(Schema.String)),
  apiKey: text,
  apiSecret: text,
  arraysAreRows: flag,
  openData: flag,
  bodyLimit: amount(mostBody),
  secretHeader: text,
  secretScheme: text,
  record: amount(),
  recordBytes: amount(),
  listLag: amount(),
  seed: Schema.optional(Schema.Union(Schema.String, Schema.Number))
})

type Settings = typeof Settings.Type

const decode = Issue.decodeUnknown(Settings)

const ofSockets = ["host", "port", "allowedHosts"]

/** Reads the options of `startEmulator`. Returns an error if an option cannot be used. */
export const read = (options: unknown): Either.Either<Settings, InvalidArgument> =>
  Either.gen(function* () {
    const name = "startEmulator"
    const given = yield* Read.record(name, options)
    yield* Read.checkNames(name, given, Struct.keys(Settings.fields), "the options")
    const settings = yield* Either.mapLeft(decode(given), Read.toError(name))
    const idle = ofSockets.find((option) => settings.listen === false && option in given)
    return idle === undefined
      ? settings
      : yield* Read.refuse(name, `leave out ${idle}, because with listen: false, the emulator opens no port`)
  })
