/**
 * Tests the first line of the compiler's message for typical mistakes. All programs are in one file, so one run of the
 * compiler checks all of them.
 */
import { assert, describe, it } from "@effect/vitest"
import { open } from "./support/Compiler.js"

const prelude = `import { FetchHttpClient } from "@effect/platform"
import { Credentials, Ingestor, MammothConfig, RequestOptions, Webhooks, WebhookSink, WebhookTarget } from "@mammoth-effect/client"
import { makeClient } from "@mammoth-effect/client/promise"
import { type Identifier, type Json, type Webhook, WebhookKey } from "@mammoth-effect/core"
import { Chunk, Effect, Either, Layer, Option, Redacted, Schema, Stream } from "effect"
const Reading = Schema.Struct({ station: Schema.String, celsius: Schema.Number })
const place = { workspaceId: 7, projectId: 9 } as const
const key = WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa")
declare const combine: Webhook.CombineWebhook
declare const replace: Webhook.ReplaceWebhook
declare const plain: Webhook.Webhook
declare const datasetId: Identifier.DatasetId
declare const loading: Promise<{ celsius: number }>
declare const text: string
const mammoth = makeClient()
`

interface Mistake {
  readonly name: string
  readonly program: string
  /** The first line of the compiler's message. */
  readonly line: string
  /** The part of `line` that names the mistake or its remedy. Undefined if `line` names neither. */
  readonly tells?: string
}

const mistakes: ReadonlyArray<Mistake> = [
  {
    name: "the id of a dataset as the id of a webhook",
    program: "Webhooks.getDetails({ ...place, webhookId: datasetId })",
    line: "Type 'DatasetId' is not assignable to type 'Input<WebhookId>'.",
    tells: "WebhookId"
  },
  {
    name: "an id that is a string",
    program: `Webhooks.delete({ ...place, webhookId: "12" })`,
    line: "Type 'string' is not assignable to type 'Input<WebhookId>'.",
    tells: "WebhookId"
  },
  {
    name: "a misspelled field name",
    program: `Webhooks.list({ ...place, fields: ["id", "datasetid"] })`,
    line: `Type '"datasetid"' is not assignable to type '"id" | "name" | "mode" | "uri" | "datasetId" | "origins" | "secret"'. Did you mean '"datasetId"'?`,
    tells: `"datasetId"`
  },
  {
    name: "an unknown mode",
    program: `Webhooks.ensure("readings", { ...place, mode: "upsert" })`,
    line: `Type '"upsert"' is not assignable to type '"replace" | "combine" | undefined'.`,
    tells: `"combine"`
  },
  {
    name: "a mode of the type string",
    program: `Webhooks.create({ ...place, name: "readings", mode: text })`,
    line: `Type 'string' is not assignable to type '"replace" | "combine" | undefined'.`,
    tells: `"combine"`
  },
  {
    name: "a list request without a project",
    program: "Webhooks.list({ workspaceId: 7, limit: 10 })",
    line: `Argument of type '{ workspaceId: number; limit: number; }' is not assignable to parameter of type 'ListRequest<"standard">'.`
  },
  {
    name: "ensure with one argument",
    program: `Webhooks.ensure({ ...place, name: "readings" })`,
    line: "Expected 2 arguments, but got 1.",
    tells: "Expected 2 arguments"
  },
  {
    name: "the function name of another SDK",
    program: "Webhooks.add_data(combine, { celsius: 4 })",
    line: `Property 'add_data' does not exist on type 'typeof import("Webhooks")'. Did you mean 'addData'?`,
    tells: "addData"
  },
  {
    name: "settings together with a patch",
    program: "Webhooks.update({ ...place, webhookId: 12, isSecure: true, patch: [] })",
    line: "Argument of type '{ webhookId: number; isSecure: true; patch: never[]; workspaceId: 7; projectId: 9; }' is not assignable to parameter of type 'UpdateRequest'."
  },
  {
    name: "a call without a layer",
    program: "Effect.runPromise(Webhooks.stream(place).pipe(Stream.runDrain))",
    line: "Argument of type 'Effect<void, ReadError, Webhooks>' is not assignable to parameter of type 'Effect<void, ReadError, never>'",
    tells: "Webhooks>"
  },
  {
    name: "a layer without credentials",
    program:
      "Effect.runPromise(Webhooks.delete({ ...place, webhookId: 12 }).pipe(Effect.provide(Webhooks.layer.pipe(Layer.provide([MammothConfig.layer(), FetchHttpClient.layer])))))",
    line: "Argument of type 'Effect<void, Common | ConfigError, Credentials>' is not assignable to parameter of type 'Effect<void, Common | ConfigError, never>'",
    tells: "Credentials>"
  },
  {
    name: "a layer without an HTTP client",
    program:
      "Effect.runPromise(Webhooks.delete({ ...place, webhookId: 12 }).pipe(Effect.provide(Webhooks.layer.pipe(Layer.provide([Credentials.layerConfig(), MammothConfig.layer()])))))",
    line: "Argument of type 'Effect<void, Common | ConfigError, HttpClient>' is not assignable to parameter of type 'Effect<void, Common | ConfigError, never>'",
    tells: "HttpClient>"
  },
  {
    name: "a layer function that is not called",
    program: "Layer.provide(Webhooks.layer, [Credentials.layerConfig, FetchHttpClient.layer])",
    line: "No overload matches this call."
  },
  {
    name: "a misspelled error tag",
    program: `Webhooks.list(place).pipe(Effect.catchTag("MammothNotFond", () => Effect.void))`,
    line: "No overload matches this call."
  },
  {
    name: "an error tag that the call cannot fail with",
    program: `Webhooks.list(place).pipe(Effect.catchTag("MammothPayloadTooLarge", () => Effect.void))`,
    line: "No overload matches this call."
  },
  {
    name: "an error that nobody handles",
    program: "const name: Effect.Effect<void, never, Webhooks.Webhooks> = Webhooks.delete({ ...place, webhookId: 12 })",
    line: "Type 'Effect<void, Common, Webhooks>' is not assignable to type 'Effect<void, never, Webhooks>'",
    tells: "never"
  },
  {
    name: "an Effect as the target",
    program: `Webhooks.addData(Webhooks.ensure("readings", place), { celsius: 4 })`,
    line: "Argument of type 'Effect<Webhook, EnsureError, Webhooks>' is not assignable to parameter of type 'Target'.",
    tells: "Effect<"
  },
  {
    name: "a number as the target",
    program: "Webhooks.addData(12, { celsius: 4 })",
    line: "Argument of type 'number' is not assignable to parameter of type 'Target'.",
    tells: "'number'"
  },
  {
    name: "a misspelled option",
    program: `Webhooks.list(place).pipe(RequestOptions.withOptions({ dead_line: "5 seconds" }))`,
    line: "Object literal may only specify known properties, but 'dead_line' does not exist in type 'Options'. Did you mean to write 'deadline'?",
    tells: "dead_line"
  },
  {
    name: "an unknown unit of time",
    program: `Webhooks.list(place).pipe(RequestOptions.withOptions({ deadline: "5 mins" }))`,
    line: `Type '"5 mins"' is not assignable to type 'DurationInput | undefined'.`,
    tells: "DurationInput"
  },
  {
    name: "headers of the class Headers",
    program: "Webhooks.list(place).pipe(RequestOptions.withOptions({ headers: new Headers() }))",
    line: "Type 'Headers' is not assignable to type 'Readonly<Record<string, string>>'.",
    tells: "Record<string, string>"
  },
  {
    name: "a number as the retry option of a client",
    program: "makeClient({ retry: 5 })",
    line: "Type 'number' is not assignable to type 'false | RetryOptions | undefined'.",
    tells: "RetryOptions"
  },
  {
    name: "an unknown unit of time for a client",
    program: `mammoth.list(place, { deadline: "10s" })`,
    line: `Type '"10s"' is not assignable to type 'Time | undefined'.`,
    tells: "Time"
  },
  {
    name: "account keys as plain strings",
    program: "Credentials.layer({ apiKey: text, apiSecret: text })",
    line: "Type 'string' is not assignable to type 'Redacted<string>'.",
    tells: "Redacted<string>"
  },
  {
    name: "an ingestor without onUndelivered",
    program: "Ingestor.make(combine, { schema: Reading })",
    line: "Argument of type '{ schema: Schema.Struct<{ station: typeof Schema.String; celsius: typeof Schema.Number; }>; }' is not assignable to parameter of type 'Options<{ readonly station: string; readonly celsius: number; }>'."
  },
  {
    name: "rows appended to a webhook in mode replace",
    program: "WebhookSink.make(replace, { schema: Reading })",
    line: `Argument of type 'ReplaceWebhook' is not assignable to parameter of type 'CombineTarget<"get the webhook from ensure or create, or narrow it with Webhook.isCombine">'.`,
    tells: "get the webhook from ensure or create"
  },
  {
    name: "rows appended to a webhook of unknown mode",
    program: "WebhookSink.append(plain, { schema: Reading })",
    line: `Argument of type 'Webhook' is not assignable to parameter of type 'CombineTarget<"get the webhook from ensure or create, or narrow it with Webhook.isCombine">'.`,
    tells: "get the webhook from ensure or create"
  },
  {
    name: "rows offered to a webhook from an ensure without a mode",
    program: `Effect.flatMap(Webhooks.ensure("readings", place), (webhook) => Ingestor.make(webhook, { schema: Reading, onUndelivered: () => Effect.void }))`,
    line: `Argument of type 'Webhook' is not assignable to parameter of type 'CombineTarget<"get the webhook from ensure or create, or narrow it with Webhook.isCombine">'.`,
    tells: "get the webhook from ensure or create"
  },
  {
    name: "rows ingested by a client into a webhook in mode replace",
    program: "mammoth.ingest(replace, [{ celsius: 4 }])",
    line: `Argument of type 'ReplaceWebhook' is not assignable to parameter of type 'CombineTarget<"get the webhook from ensure or create, or narrow it with Webhook.isCombine">'.`,
    tells: "get the webhook from ensure or create"
  },
  {
    name: "rows appended to a listed webhook",
    program: `Effect.map(Webhooks.list({ ...place, mode: ["combine"] }), (page) => page.webhooks.map((webhook) => WebhookSink.append(webhook, { schema: Reading })))`,
    line: `Argument of type 'Webhook' is not assignable to parameter of type 'CombineTarget<"get the webhook from ensure or create, or narrow it with Webhook.isCombine">'.`,
    tells: "get the webhook from ensure or create"
  },
  {
    name: "a row that does not match the schema",
    program: "Stream.run(Stream.make({ station: 4, celsius: 4 }), WebhookSink.append(combine, { schema: Reading }))",
    line: "Argument of type 'Stream<{ station: number; celsius: number; }, never, never>' is not assignable to parameter of type 'Stream<{ readonly station: string; readonly celsius: number; }, never, never>'",
    tells: "station: number"
  },
  {
    name: "a redacted uri as a string",
    program: "mammoth.getDetails({ ...place, webhookId: 12 }).then(({ uri }): string => uri)",
    line: "Type 'Redacted<string>' is not assignable to type 'string'.",
    tells: "Redacted<string>"
  },
  {
    name: "a Map in data",
    program: `Webhooks.addData(combine, { by: new Map([["north", 4]]) })`,
    line: `Type 'Map<string, number>' is not assignable to type 'Map<string, number> & NotJson<"a Map: send Object.fromEntries(map)">'.`,
    tells: "Object.fromEntries"
  },
  {
    name: "undefined as data",
    program: "Webhooks.addData(combine, undefined)",
    line: `Argument of type 'undefined' is not assignable to parameter of type 'NotJson<"undefined: send null for a cell without a value">'.`,
    tells: "send null"
  },
  {
    name: "undefined in a list of data",
    program: "Webhooks.addData(combine, { readings: [4, undefined] })",
    line: `Type 'undefined' is not assignable to type 'number | (number & NotJson<"undefined: send null for a cell without a value">)'.`,
    tells: "send null"
  },
  {
    name: "a function in data",
    program: "Webhooks.addData(combine, { at: { now: () => 1 } })",
    line: `Type '() => 1' is not assignable to type '(() => 1) & NotJson<"a function: call it, or send { ...object } without its methods">'.`,
    tells: "a function: call it"
  },
  {
    name: "an object with a method as data",
    program: `class Sample { readonly celsius = 4; fahrenheit() { return 39 } }
Webhooks.addData(combine, new Sample())`,
    line: `Argument of type 'Sample' is not assignable to parameter of type 'Sample & { readonly fahrenheit: NotJson<"a function: call it, or send { ...object } without its methods">; }'.`,
    tells: "{ ...object }"
  },
  {
    name: "a redacted value in data",
    program: `Webhooks.addData(combine, { token: Redacted.make("x") })`,
    line: `Type 'Redacted<string>' is not assignable to type 'Redacted<string> & NotJson<"a Redacted: unwrap it with Redacted.value">'.`,
    tells: "Redacted.value"
  },
  {
    name: "an Option in data",
    program: `Webhooks.addData(combine, { note: Option.some("cold") })`,
    line: `Type 'Option<string>' is not assignable to type 'Option<string> & NotJson<"an Option: send Option.getOrNull(option)">'`,
    tells: "Option.getOrNull"
  },
  {
    name: "a Promise as data",
    program: "mammoth.addData(combine, loading)",
    line: `Argument of type 'Promise<{ celsius: number; }>' is not assignable to parameter of type 'NotJson<"a Promise: await it first">'.`,
    tells: "await it first"
  },
  {
    name: "an Effect as data",
    program: "Webhooks.addData(combine, Effect.succeed({ celsius: 4 }))",
    line: `Argument of type 'Effect<{ celsius: number; }, never, never>' is not assignable to parameter of type 'NotJson<"an Effect: run it first, with yield*">'.`,
    tells: "yield*"
  },
  {
    name: "a Buffer in data",
    program: `Webhooks.addData(combine, { photo: Buffer.from("x") })`,
    line: `Type 'Buffer<ArrayBuffer>' is not assignable to type 'Buffer<ArrayBuffer> & NotJson<"bytes: send a string, such as base64">'.`,
    tells: "base64"
  },
  {
    name: "bytes in data",
    program: "Webhooks.addData(combine, { photo: new Uint8Array(2) })",
    line: `Type 'Uint8Array<ArrayBuffer>' is not assignable to type 'Uint8Array<ArrayBuffer> & NotJson<"bytes: send a string, such as base64">'.`,
    tells: "base64"
  },
  {
    name: "a symbol as a key of data",
    program: `Webhooks.addData(combine, { [Symbol("celsius")]: 4 })`,
    line: `Argument of type '{ [x: symbol]: number; }' is not assignable to parameter of type '{ [x: symbol]: number; } & { readonly [x: symbol]: NotJson<"a symbol key: JSON drops it, use a string">; }'.`,
    tells: "a symbol key"
  },
  {
    name: "a list in the row of addDataUsingGet",
    program: `Webhooks.addDataUsingGet(combine, { station: "north", celsius: [4] })`,
    line: `Type 'number[]' is not assignable to type 'number[] & NotJson<"not a string, number or boolean: use addData">'.`,
    tells: "use addData"
  },
  {
    name: "a row of a generic type",
    program: "<A extends { celsius: number }>(row: A) => Webhooks.addData(combine, row)",
    line: "Argument of type 'A' is not assignable to parameter of type 'Compatible<A>'.",
    tells: "Compatible<A>"
  },
  {
    name: "a row of a generic JSON type",
    program: "<A extends Json.Json>(row: A) => Webhooks.addData(combine, row)",
    line: "Argument of type 'A' is not assignable to parameter of type 'Compatible<A>'.",
    tells: "Compatible<A>"
  },
  {
    name: "a bigint in data",
    program: "Webhooks.addData(combine, { total: 4n })",
    line: `Type 'bigint' is not assignable to type 'bigint & NotJson<"a bigint: send String(bigint)">'.`,
    tells: "String(bigint)"
  },
  {
    name: "a Set in a list of rows",
    program: `Webhooks.addData(combine, [{ tags: new Set(["cold"]) }])`,
    line: `Type 'Set<string>' is not assignable to type 'Set<string> & NotJson<"a Set: send Array.from(set)">'.`,
    tells: "Array.from(set)"
  },
  {
    name: "a symbol in data",
    program: `Webhooks.addData(combine, { unit: Symbol("celsius") })`,
    line: `Type 'symbol' is not assignable to type 'symbol & NotJson<"a symbol: send a string">'.`,
    tells: "a symbol"
  },
  {
    name: "an Either in data",
    program: "Webhooks.addData(combine, { celsius: Either.right(4) })",
    line: `Type 'Either<number, never>' is not assignable to type 'Either<number, never> & NotJson<"an Either: send Either.getOrThrow(either)">'`,
    tells: "an Either"
  },
  {
    name: "a Stream as data",
    program: "Webhooks.addData(combine, Stream.make({ celsius: 4 }))",
    line: `Argument of type 'Stream<{ celsius: number; }, never, never>' is not assignable to parameter of type 'NotJson<"a Stream: run it with WebhookSink.append">'.`,
    tells: "WebhookSink.append"
  },
  {
    name: "a Chunk as data",
    program: "Webhooks.addData(combine, Chunk.make({ celsius: 4 }))",
    line: `Argument of type 'NonEmptyChunk<{ celsius: number; }>' is not assignable to parameter of type 'NotJson<"an iterable: send Array.from(iterable)">'.`,
    tells: "Array.from(iterable)"
  },
  {
    name: "a Promise in a list of rows",
    program: "mammoth.addData(combine, [loading])",
    line: `Property '[NotJsonTypeId]' is missing in type 'Promise<{ celsius: number; }>' but required in type 'NotJson<"a Promise: await it first">'.`,
    tells: "await it first"
  },
  {
    name: "an async iterable in data",
    program: "mammoth.addData(combine, { rows: new ReadableStream<{ celsius: number }>() })",
    line: `Type 'ReadableStream<{ celsius: number; }>' is not assignable to type 'ReadableStream<{ celsius: number; }> & NotJson<"an async iterable: collect its values first">'.`
  },
  {
    name: "URLSearchParams as data",
    program: `Webhooks.addData(combine, new URLSearchParams("celsius=4"))`,
    line: `Argument of type 'URLSearchParams' is not assignable to parameter of type 'NotJson<"a Map: send Object.fromEntries(map)">'.`,
    tells: "Object.fromEntries"
  },
  {
    name: "a RegExp in data",
    program: "Webhooks.addData(combine, { pattern: /a/ })",
    line: `Type 'RegExp' is not assignable to type 'RegExp & NotJson<"a RegExp: send its source">'.`,
    tells: "send its source"
  },
  {
    name: "replaceAll on a webhook in mode combine",
    program: "Webhooks.replaceAll(combine, [], { schema: Reading })",
    line: `Argument of type 'CombineWebhook' is not assignable to parameter of type 'ReplaceTarget<"get the webhook from ensure or create, or narrow it with Webhook.isReplace">'.`,
    tells: "get the webhook from ensure or create"
  },
  {
    name: "the secret of a webhook as a plain string",
    program: "WebhookTarget.assumeCombine(key, { secret: text })",
    line: "Type 'string' is not assignable to type 'Redacted<string>'.",
    tells: "Redacted<string>"
  },
  {
    name: "a limit that is a string",
    program: `Webhooks.list({ ...place, limit: "10" })`,
    line: "Type 'string' is not assignable to type 'number'.",
    tells: "number"
  },
  {
    name: "an unknown sort direction",
    program: `Webhooks.list({ ...place, sort: [["name", "up"]] })`,
    line: `Type '"up"' is not assignable to type '"asc" | "desc"'.`,
    tells: `"asc" | "desc"`
  },
  {
    name: "a list call with the layer for pushes",
    program:
      "Effect.runPromise(Webhooks.list(place).pipe(Effect.provide(Webhooks.layerPush.pipe(Layer.provide([MammothConfig.layer(), FetchHttpClient.layer])))))",
    line: "Argument of type 'Effect<WebhookPage<WebhookField>, ReadError | ConfigError, Webhooks>' is not assignable to parameter of type 'Effect<WebhookPage<WebhookField>, ReadError | ConfigError, never>'",
    tells: "Webhooks>"
  },
  {
    name: "a field that was not requested",
    program: `Effect.map(Webhooks.getDetails({ ...place, webhookId: 12, fields: ["id"] }), (webhook) => webhook.name)`,
    line: "Property 'name' does not exist on type '{ readonly id: WebhookId; }'.",
    tells: "'name' does not exist"
  }
]

/** Programs that the compiler must accept. */
const right: ReadonlyArray<Pick<Mistake, "name" | "program">> = [
  { name: "a row of an unknown type", program: "(row: unknown) => Webhooks.addData(combine, row)" },
  {
    name: "a row with values of an unknown type",
    program: "(row: Record<string, unknown>) => Webhooks.addData(combine, row)"
  },
  {
    name: "a date, and an object with toJSON",
    program: `Webhooks.addData(combine, { at: new Date(), link: new URL("https://a.b") })`
  },
  {
    name: "a row of an interface type",
    program: `interface Row { readonly celsius: number; readonly note?: string; readonly at: Date | null; readonly parts: ReadonlyArray<Row> }
(row: Row) => Webhooks.addData(combine, [row, row])`
  },
  {
    name: "an instance of a schema's class",
    program: `class Sample extends Schema.Class<Sample>("Sample")({ celsius: Schema.Number }) {}
Stream.run(Stream.make(new Sample({ celsius: 4 })), WebhookSink.append(combine, { schema: Sample }))
Webhooks.addData(combine, new Sample({ celsius: 4 }))`
  },
  { name: "a schema of any JSON", program: "WebhookSink.append(combine, { schema: Schema.Unknown })" },
  {
    name: "generic functions that pass a row on",
    program: `;<A>(row: Json.Compatible<A>) => Webhooks.addData(combine, row)
;<A>(row: A & Json.Compatible<A>) => Webhooks.addData<A>(combine, row)
;<A>(row: Json.CompatibleFlat<A>) => Webhooks.addDataUsingGet(combine, row)
;<A>(row: Json.Compatible<A>) => mammoth.addData(combine, row)`
  },
  {
    name: "generic functions that pass a schema on",
    program: `;<A, I>(schema: Schema.Schema<A, I>) => WebhookSink.append(combine, { schema })
;<A>(options: Ingestor.Options<A>) => Ingestor.make(combine, options)`
  }
]

const lineCount = (text: string): number => text.split("\n").length

/** Compiles the programs. Returns the first line of each message, for each program and for the prelude. */
const compile = (programs: ReadonlyArray<string>) => {
  let text = prelude
  const starts = programs.map((program) => {
    const start = lineCount(text)
    text += `;() => {\n${program}\n}\n`
    return start
  })
  const messages = open(text).messages()
  const between = (start: number, end: number) =>
    messages
      .filter(({ line }) => line >= start && line < end)
      .map((message) =>
        (message.text[0] ?? "")
          .replace(/import\(".*?(\w+)",.*?\)/, 'import("$1")')
          .replace(/ with 'exactOptionalPropertyTypes.*/, "")
      )
  const ends = [...starts.slice(1), Number.POSITIVE_INFINITY]
  return {
    prelude: between(1, starts[0] ?? 1),
    programs: starts.map((start, i) => between(start, ends[i] ?? start))
  }
}

describe("The compiler", () => {
  const messages = compile([...mistakes, ...right].map(({ program }) => program))

  it("finds no error in the declarations that the programs share", () => {
    assert.deepStrictEqual(messages.prelude, [])
  })

  for (const [i, { line, name, tells = "" }] of mistakes.entries()) {
    it(`refuses ${name}`, () => {
      assert.strictEqual(messages.programs[i]?.[0], line)
      assert.include(line, tells)
    })
  }

  for (const [i, { name }] of right.entries()) {
    it(`accepts ${name}`, () => {
      assert.deepStrictEqual(messages.programs[mistakes.length + i], [])
    })
  }

  it("names at least two thirds of the mistakes in the first line of its message", () => {
    const told = mistakes.filter(({ tells }) => tells !== undefined)
    assert.isAtLeast(told.length / mistakes.length, 2 / 3)
  })
})
