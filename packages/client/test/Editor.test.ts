/** Tests the completions, the hovers and the parameter help of an editor. */
import { assert, describe, it } from "@effect/vitest"
import { open } from "./support/Compiler.js"

const inline = "Schema.Struct({ station: Schema.String, celsius: Schema.Number })"

const methods = [
  "list(/*M*/place)",
  "create(/*M*/place)",
  "getDetails(/*M*/{ ...place, webhookId: 8 })",
  "delete(/*M*/{ ...place, webhookId: 8 })",
  `update(/*M*/{ ...place, webhookId: 8, origins: "*" })`,
  "stream(/*M*/place)",
  `ensure(/*M*/"readings", place)`,
  "addData(/*M*/combine, { celsius: 4 })",
  "addDataUsingGet(/*M*/combine, { celsius: 4 })",
  "inProject(/*M*/place)"
]

const calls = [
  ...methods.map((call) => ["Webhooks", call] as const),
  ...methods.map((call) => ["service", call] as const),
  ...methods.map((call) => ["mammoth", call] as const),
  ["service", `addEncodedData(/*M*/combine, "{}")`],
  ["mammoth", "replaceAll(/*M*/replace, [])"],
  ["mammoth", "ingest(/*M*/combine, [])"],
  ["Webhooks", "replaceAll(/*M*/replace, [], { schema: Reading })"],
  ["WebhookSink", "append(/*M*/combine, { schema: Reading })"],
  ["WebhookSink", "make(/*M*/combine, { schema: Reading })"],
  ["WebhookSink", "outcomes(/*M*/combine, { schema: Reading })"],
  ["Ingestor", "make(/*M*/combine, { schema: Reading, onUndelivered: () => Effect.void })"],
  ["project", "list(/*M*/{ limit: 10 })"],
  ["project", "stream(/*M*/{ limit: 10 })"],
  ["promised", "list(/*M*/{ limit: 10 })"],
  ["promised", `create(/*M*/{ name: "readings" })`],
  ["promised", "getDetails(/*M*/{ webhookId: 8 })"],
  ["promised", "delete(/*M*/{ webhookId: 8 })"],
  ["promised", "update(/*M*/{ webhookId: 8, isSecure: true })"],
  ["promised", "stream(/*M*/{ limit: 10 })"],
  ["promised", `ensure(/*M*/"readings", {})`]
] as const

const program = `
import { Ingestor, Webhooks, WebhookSink } from "@mammoth-effect/client"
import { makeClient } from "@mammoth-effect/client/promise"
import type { Webhook } from "@mammoth-effect/core"
import { Effect, Schema } from "effect"
declare const combine: Webhook.CombineWebhook
declare const replace: Webhook.ReplaceWebhook
declare const service: Webhooks.Service
declare const listed: Webhook.Webhook
interface Named { readonly station: string; readonly celsius: number }
declare const Reading: Schema.Schema<Named>
const place = { workspaceId: 4, projectId: 4 }
const mammoth = makeClient()
const project = Webhooks.inProject(place)
const promised = mammoth.inProject(place)

Webhooks.list({ ...place, fields: [/*list fields*/] })
Webhooks.list({ ...place, mode: [/*list mode*/] })
Webhooks.stream({ ...place, fields: [/*stream fields*/] })
Webhooks.getDetails({ ...place, webhookId: 8, fields: [/*details fields*/] })
Webhooks.create({ ...place, mode: /*create mode*/ })
Webhooks.ensure("readings", { ...place, mode: /*ensure mode*/ })
service.list({ ...place, fields: [/*service fields*/] })
project.ensure("readings", { mode: /*project mode*/ })
mammoth.list({ ...place, fields: [/*client fields*/] })
mammoth.ensure("readings", { ...place, mode: /*client mode*/ })
promised.list({ fields: [/*client's project fields*/] })

WebhookSink./*append inline*/append(combine, { schema: ${inline} })
WebhookSink./*make inline*/make(combine, { schema: ${inline} })
Ingestor./*ingestor inline*/make(combine, { schema: ${inline}, onUndelivered: () => Effect.void })
Webhooks./*replaceAll inline*/replaceAll(replace, [], { schema: ${inline} })
WebhookSink./*append named*/append(combine, { schema: Reading })
Ingestor./*ingestor named*/make(combine, { schema: Reading, onUndelivered: () => Effect.void })
Webhooks./*replaceAll named*/replaceAll(replace, [], { schema: Reading })
Webhooks./*list hover*/list({ ...place, fields: ["id", "name"] })
Webhooks./*whole list hover*/list(place)
Webhooks./*ensure hover*/ensure("readings", { ...place, mode: "combine" })
listed./*id*/id
listed./*dataset*/datasetId
${calls.map(([on, call], i) => `${on}./*hover ${i}*/${call.replace("/*M*/", `/*call ${i}*/`)}`).join("\n")}
`

const editor = open(program)

const modes = [`"combine"`, `"replace"`]
const fields = ["datasetId", "id", "mode", "name", "origins", "secret", "uri"].map((name) => JSON.stringify(name))

describe("Completions", () => {
  for (const mark of [
    "list fields",
    "stream fields",
    "details fields",
    "service fields",
    "client fields",
    "client's project fields"
  ]) {
    it(`suggest every webhook field first (${mark})`, () => {
      assert.deepStrictEqual(editor.completions(mark).slice(0, fields.length), fields)
    })
  }

  for (const mark of ["list mode", "create mode", "ensure mode", "project mode", "client mode"]) {
    it(`suggest both webhook modes first (${mark})`, () => {
      assert.deepStrictEqual(editor.completions(mark).slice(0, modes.length), modes)
    })
  }
})

describe("A hover", () => {
  const lines = (mark: string) => editor.hover(mark).text.split("\n")

  it("shows an inline row type with two columns on at most ten lines", () => {
    for (const mark of ["append inline", "make inline", "ingestor inline"]) {
      assert.isAtMost(lines(mark).length, 10, mark)
    }
    assert.isAtMost(lines("replaceAll inline").length, 10)
  })

  it("shows a named row type or a request type on one line", () => {
    for (const mark of ["append named", "ingestor named", "replaceAll named", "list hover", "ensure hover"]) {
      assert.strictEqual(lines(mark).length, 1, mark)
    }
  })

  it("shows types by their names, such as WebhookId", () => {
    assert.strictEqual(editor.hover("id").text, "(property) Webhook.id: WebhookId")
    assert.strictEqual(editor.hover("dataset").text, "(property) Webhook.datasetId: DatasetId")
    assert.include(editor.hover("whole list hover").text, "Effect.Effect<WebhookPage<WebhookField>, Webhooks.ReadError")
    assert.include(editor.hover("list hover").text, `Webhooks.ListRequest<readonly ["id", "name"]>`)
    assert.include(editor.hover("ensure hover").text, `spec: Webhooks.EnsureSpec<"combine">`)
    assert.notInclude(lines("append named").join(), "Brand")
  })

  it("includes the example from a function's docstring", () => {
    assert.include(editor.hover("list hover").tags, "example")
    assert.include(editor.hover("ensure hover").tags, "example")
  })
})

describe("The parameter help", () => {
  for (const [i, [on, call]] of calls.entries()) {
    const name = `${on}.${call.slice(0, call.indexOf("("))}`

    it(`describes ${name} and each of its parameters`, () => {
      const { documentation, parameters } = editor.signature(`call ${i}`)
      assert.notInclude(documentation, "same as")
      assert.match(documentation, /^[A-Z][^.]+\./)
      assert.isAtLeast(parameters.length, 1)
      for (const [parameter, text] of parameters) assert.isAtLeast(text.length, 5, parameter)
      assert.include(editor.hover(`hover ${i}`).documentation, documentation.slice(0, 20))
    })
  }
})
