/** The schema of a day of weather, and a stream that reads days from a CSV file. */
import { createReadStream } from "node:fs"
import { basename } from "node:path"
import { pipeline } from "node:stream"
import { fileURLToPath } from "node:url"
import * as NodeStream from "@effect/platform-node/NodeStream"
import { CsvError, parse } from "csv-parse"
import { Config, DateTime, Effect, Option, ParseResult, Schema, Stream } from "effect"

const expected = (what: string) => ({
  message: ({ actual }: ParseResult.ParseIssue) => ({
    message: `expected ${what}, found ${JSON.stringify(actual)}`,
    override: true
  })
})

const CalendarDate = Schema.String.pipe(
  Schema.filter((text) => Option.exists(DateTime.make(text), (date) => DateTime.formatIsoDateUtc(date) === text))
).annotations(expected("a date such as 2012-01-31"))

const Reading = Schema.NumberFromString.pipe(Schema.finite()).annotations(expected("a number"))

const Amount = Reading.pipe(Schema.nonNegative(expected("a number of 0 or more")))

/** One day of weather. The schema decodes the strings of a CSV row to typed values. */
export const Weather = Schema.Struct({
  date: CalendarDate,
  precipitation: Amount,
  tempMax: Schema.propertySignature(Reading).pipe(Schema.fromKey("temp_max")),
  tempMin: Schema.propertySignature(Reading).pipe(Schema.fromKey("temp_min")),
  wind: Amount,
  weather: Schema.Literal("drizzle", "rain", "snow", "sun", "fog").annotations(
    expected("drizzle, rain, snow, sun or fog")
  )
})

export interface Weather extends Schema.Schema.Type<typeof Weather> {}

/** The error of a row that is not a day of weather. */
export class BadRow extends Schema.TaggedError<BadRow>()("BadRow", {
  file: Schema.String,
  line: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.file}, line ${this.line}: ${this.reason}`
  }
}

/** The error of a file that cannot be read. */
export class UnreadableFile extends Schema.TaggedError<UnreadableFile>()("UnreadableFile", {
  file: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `cannot read ${this.file}: ${this.reason}`
  }
}

/** The path of the file. Reads `WEATHER_CSV`. Default: the file of this example. */
export const file: Config.Config<string> = Config.nonEmptyString("WEATHER_CSV").pipe(
  Config.withDefault(fileURLToPath(new URL("../data/seattle-weather.csv", import.meta.url)))
)

/** Streams the days of a file. Reads the file only as fast as the consumer takes days. */
export const days = (path: string): Stream.Stream<Weather, BadRow | UnreadableFile> => {
  const file = basename(path)
  return NodeStream.fromReadable<BadRow | UnreadableFile, unknown>(
    () =>
      pipeline(
        createReadStream(path),
        parse({ bom: true, columns: true, info: true, skip_empty_lines: true }),
        () => {}
      ),
    (error) => unreadable(file, error)
  ).pipe(
    Stream.mapEffect((record) =>
      Effect.flatMap(Effect.orDie(decodeRecord(record)), ({ info, record }) =>
        Effect.mapError(decodeWeather(record), ({ issue }) => {
          const [first] = ParseResult.ArrayFormatter.formatIssueSync(issue)
          return new BadRow({ file, line: info.lines, reason: `${first?.path.join(".")}: ${first?.message}` })
        })
      )
    )
  )
}

const decodeRecord = Schema.decodeUnknown(
  Schema.Struct({ info: Schema.Struct({ lines: Schema.Number }), record: Schema.Unknown })
)

const decodeWeather = Schema.decodeUnknown(Weather)

const unreadable = (file: string, error: unknown): BadRow | UnreadableFile => {
  if (error instanceof CsvError && typeof error["lines"] === "number") {
    return new BadRow({ file, line: error["lines"], reason: error.message.replace(/ (on|at) line \d+$/, "") })
  }
  return new UnreadableFile({ file, reason: error instanceof Error ? error.message : String(error) })
}
