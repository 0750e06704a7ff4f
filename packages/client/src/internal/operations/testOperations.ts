/**
 * Makes the service from the operations that a test provides. Every other operation fails with a defect. Its message
 * names the operation and the remedy.
 */
import type * as Operation from "@mammoth-effect/core/Operation"
import type * as Webhook from "@mammoth-effect/core/Webhook"
import * as WebhookField from "@mammoth-effect/core/WebhookField"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type * as WebhooksService from "../../WebhooksService.js"
import { gunzip } from "../http/gzip.js"
import { isOfMode } from "./mode.js"
import type { Complete } from "./place.js"
import { asSelected, asSelectedPage } from "./projection.js"

const missing = (name: string): Effect.Effect<never> =>
  Effect.dieMessage(
    `Webhooks.${name} was called, but this test's layer has no ${name}: use Webhooks.layerTest({ ${name}: … }) or an emulator`
  )

const otherMode = (name: string) => `Webhooks.layerTest: ${name} must return a webhook in the requested mode`

/** Selects the fields that a call requests, like the real operations. */
const narrow =
  (selection: WebhookField.Selection = "standard") =>
  (webhook: Webhook.Webhook): Partial<Webhook.Webhook> => {
    if (selection === "standard" || selection === "full") return webhook
    const fields: ReadonlyArray<WebhookField.WebhookField> = selection === "min" ? WebhookField.minimal : selection
    return Object.fromEntries(
      WebhookField.all.flatMap((field) => (fields.includes(field) ? [[field, webhook[field]]] : []))
    )
  }

/** Returns an encoded document as a string. */
const textOf = (document: string | Uint8Array, isCompressed: boolean): Effect.Effect<string> => {
  if (typeof document === "string") return Effect.succeed(document)
  return isCompressed ? gunzip(document) : Effect.sync(() => new TextDecoder().decode(document))
}

const parse = (text: string): unknown => JSON.parse(text)

/** Makes `addData` and `addEncodedData`. If a test gives only one of the two, derives the other from it. */
const makePush = ({
  addData,
  addEncodedData
}: WebhooksService.TestOperations): Pick<WebhooksService.Service, "addData" | "addEncodedData"> => ({
  addData: (target, data) =>
    addData?.(target, data)
    ?? (addEncodedData === undefined
      ? missing("addData")
      : Effect.flatMap(
          Effect.sync(() => JSON.stringify(data)),
          (document) => addEncodedData(target, document)
        )),
  addEncodedData: (target, document, options) =>
    addEncodedData?.(target, document, options)
    ?? (addData === undefined
      ? missing("addEncodedData")
      : Effect.flatMap(textOf(document, options?.gzip === true), (text) =>
          Effect.flatMap(
            Effect.sync(() => parse(text)),
            (data) => addData(target, data)
          )
        ))
})

/**
 * Makes the operations of a test's service. `manage` makes the operations on webhooks, for requests of any `Place`. The
 * other properties are all remaining operations except `inProject`.
 */
export const makeTestOperations = (given: WebhooksService.TestOperations) => ({
  manage: <Place>(complete: Complete<Place>): WebhooksService.Management<never, Place> => ({
    list: (request) =>
      Effect.map(given.list?.(complete(request)) ?? missing("list"), (page) =>
        asSelectedPage({
          ...page,
          webhooks: page.webhooks.map((webhook) => asSelected<"standard">(narrow(request.fields)(webhook)))
        })
      ),
    create: (request) =>
      Effect.filterOrDieMessage(
        given.create?.(complete(request)) ?? missing("create"),
        isOfMode(request.mode),
        otherMode("create")
      ),
    getDetails: (request) =>
      Effect.map(given.getDetails?.(complete(request)) ?? missing("getDetails"), (webhook) =>
        asSelected(narrow(request.fields)(webhook))
      ),
    delete: (request) => given.delete?.(complete(request)) ?? missing("delete"),
    update: (request) => given.update?.(complete(request)) ?? missing("update"),
    stream: (request) =>
      Stream.map(given.stream?.(complete(request)) ?? Stream.fromEffect(missing("stream")), (webhook) =>
        asSelected(narrow(request.fields)(webhook))
      ),
    ensure: (name, spec) =>
      Effect.filterOrDieMessage(
        given.ensure?.(name, complete(spec)) ?? missing("ensure"),
        isOfMode(spec.mode),
        otherMode("ensure")
      )
  }),
  addDataUsingGet: (target: WebhooksService.Target, data: unknown) =>
    given.addDataUsingGet?.(target, data) ?? missing("addDataUsingGet"),
  ...makePush(given),
  perform: (operation: Operation.Operation) => missing(operation.name)
})
