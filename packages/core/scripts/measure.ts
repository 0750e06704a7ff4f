/**
 * Measures how long several kinds of schema take to decode a page of 50 webhooks. The docstring of `Webhook.projection`
 * says which kind the SDK uses. Run this script with `npx tsx scripts/measure.ts`.
 */
import { ParseResult, Schema } from "effect"
import * as WebhookPage from "../src/WebhookPage.js"

const text = JSON.stringify({
  webhooks: Array.from({ length: 50 }, (_, i) => ({
    id: i + 1,
    name: `webhook ${i}`,
    mode: i % 2 === 0 ? "replace" : "combine",
    uri: `/webhook/data/nHC1zIl97JzgDMopgcfp${i}`,
    ds_id: 500 + i,
    origins: "*",
    secret: null
  })),
  limit: 50,
  offset: 0,
  next: ""
})

const page = <A, I>(webhook: Schema.Schema<A, I>) =>
  Schema.Struct({
    webhooks: Schema.Array(webhook),
    limit: Schema.NullOr(Schema.Number),
    offset: Schema.NullOr(Schema.Number),
    next: Schema.NullOr(Schema.String)
  })

const wire = {
  id: Schema.Int,
  name: Schema.NonEmptyString,
  mode: Schema.String,
  uri: Schema.NonEmptyString,
  ds_id: Schema.Int,
  origins: Schema.NullOr(Schema.String),
  secret: Schema.NullOr(Schema.String)
}

const { ds_id: _, ...others } = wire

const renamed = {
  ...others,
  datasetId: Schema.propertySignature(Schema.Int).pipe(Schema.fromKey("ds_id")),
  uri: Schema.Redacted(Schema.NonEmptyString),
  secret: Schema.NullOr(Schema.Redacted(Schema.String))
}

class WebhookClass extends Schema.Class<WebhookClass>("WebhookClass")(renamed) {}

const decoder = <A, I>(schema: Schema.Schema<A, I>): (() => unknown) => {
  const decode = ParseResult.decodeUnknownEither(schema)
  return () => decode(JSON.parse(text))
}

const shapes: Readonly<Record<string, () => unknown>> = {
  "JSON.parse alone": () => JSON.parse(text),
  "struct as on the wire": decoder(page(Schema.Struct(wire))),
  "struct, renamed key, Redacted": decoder(page(Schema.Struct(renamed))),
  "class, renamed key, Redacted": decoder(page(WebhookClass)),
  "WebhookPage, as shipped": decoder(WebhookPage.WebhookPage)
}

const rounds = 15
const calls = 400

const round = (run: () => unknown): number => {
  const start = performance.now()
  for (let i = 0; i < calls; i++) run()
  return ((performance.now() - start) / calls) * 1000
}

const median = (times: ReadonlyArray<number>): number =>
  times.toSorted((a, b) => a - b)[times.length >> 1] ?? Number.NaN

// Change the schema after each round, so that a busy or cold machine slows all of them equally.
const times = Object.keys(shapes).map((): Array<number> => [])
for (let i = -3; i < rounds; i++) {
  for (const [at, run] of Object.values(shapes).entries()) {
    const time = round(run)
    if (i >= 0) times[at]?.push(time)
  }
}

console.log(
  `Time to decode one page of 50 webhooks from a string, in microseconds: median of ${rounds} rounds of ${calls} calls`
)
console.table(
  Object.fromEntries(Object.keys(shapes).map((name, at) => [name, { µs: Math.round(median(times[at] ?? [])) }]))
)
