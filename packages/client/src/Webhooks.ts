/**
 * The webhook operations as an Effect service.
 *
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as ConfigError from "effect/ConfigError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Credentials from "./Credentials.js"
import { type RowRefused, WrongMode } from "./IngestError.js"
import { makeEnsure } from "./internal/operations/ensure.js"
import { callForMode } from "./internal/operations/mode.js"
import { makePages, withoutUnasked } from "./internal/operations/pages.js"
import { type Complete, inAny, within } from "./internal/operations/place.js"
import * as Prepare from "./internal/operations/prepare.js"
import { asSelected, asSelectedPage } from "./internal/operations/projection.js"
import { encodeAll } from "./internal/operations/replaceAll.js"
import { makeToInput } from "./internal/operations/target.js"
import { makeTestOperations } from "./internal/operations/testOperations.js"
import type { Wrapped } from "./internal/options/wrapped.js"
import type * as Json from "./Json.js"
import * as MammothConfig from "./MammothConfig.js"
import type * as Operation from "./Operation.js"
import * as Operations from "./Operations.js"
import { withOptions } from "./RequestOptions.js"
import type * as Webhook from "./Webhook.js"
import type * as WebhookField from "./WebhookField.js"
import type * as WebhookMode from "./WebhookMode.js"
import type * as WebhookPage from "./WebhookPage.js"
import type * as WebhooksError from "./WebhooksError.js"
import type {
  AddDataError,
  CreateRequest,
  EnsureError,
  EnsureSpec,
  GetDetailsRequest,
  InProject,
  ListRequest,
  Management,
  OfWebhook,
  ProjectService,
  PushService,
  ReadError,
  ReplaceOptions,
  Service,
  Target,
  TestOperations,
  UpdateRequest,
  WholeRequest
} from "./WebhooksService.js"
import type { ReplaceTarget } from "./WebhookTarget.js"

export type * from "./WebhooksService.js"

/**
 * The service of all webhook operations.
 *
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const names = Effect.gen(function*() {
 *   const webhooks = yield* Webhooks.Webhooks
 *   const page = yield* webhooks.list({ workspaceId: 4, projectId: 4, fields: ["name"] })
 *   return page.webhooks.map((webhook) => webhook.name)
 * })
 *
 * @since 0.1.0
 * @category tags
 */
export class Webhooks extends Context.Tag("@mammoth-effect/client/Webhooks")<Webhooks, Service>() {}

declare const PushTypeId: unique symbol

/**
 * The operations of {@link Webhooks} that push rows, for programs that hold a webhook's key but no account keys. You
 * can provide `WebhookPush` with {@link layerPush} or {@link layer}. A program that needs `Webhooks` does not compile
 * with `layerPush` alone.
 *
 * @example
 * import { WebhookKey, Webhooks } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const push = (page: string): Effect.Effect<void, Webhooks.AddDataError, Webhooks.WebhookPush> =>
 *   Webhooks.addData(WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa"), { page })
 *
 * @since 0.1.0
 * @category models
 */
export interface WebhookPush extends Webhooks {
  readonly [PushTypeId]: never
}

/**
 * The tag of the operations that push rows. Both {@link layer} and {@link layerPush} provide these operations.
 *
 * `WebhookPush` has the same tag key as `Webhooks`, but its type has fewer operations. So a layer that provides
 * `Webhooks` also provides `WebhookPush`. If a function takes an `Effect` that may need `Webhooks`, you can pass an
 * `Effect` that needs only `WebhookPush`.
 *
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const push = Effect.map(Webhooks.WebhookPush, (webhooks) => webhooks.addData)
 *
 * @since 0.1.0
 * @category tags
 */
export const WebhookPush: Context.Tag<WebhookPush, PushService> = Context.GenericTag(Webhooks.key)

/**
 * The operations of one project. You call them without the ids of the workspace and the project. The operations need
 * the services `R`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProjectWebhooks<R = Webhooks> extends ProjectService<R> {}

/** Makes the operations of one project. You can call their `list` and `stream` without a query. */
const ofProject = <R>(operations: Management<R, unknown>): ProjectService<R> => ({
  ...operations,
  list: (query = {}) => operations.list(query),
  stream: (query = {}) => operations.stream(query)
})

/**
 * Prepares the operations that manage webhooks. Returns a function that makes these operations. The parameter
 * `complete` of the returned function adds the project to each request.
 */
const managing = (prepare: Prepare.Prepare) => {
  const list = prepare(Operations.list)
  const create = prepare(Operations.create)
  const getDetails = prepare(Operations.getDetails)
  const update = prepare(Operations.update)
  const delete_ = prepare(Operations.delete)
  const pages = makePages(list, "stream")
  const ensure = makeEnsure({ list, create, update, delete: delete_ })
  return <Place>(complete: Complete<Place>): Management<never, Place> => ({
    list: (request) => Effect.map(list.call(complete(request)), (page) => asSelectedPage(page)),
    create: (request) => callForMode(create, complete(request), request.mode),
    getDetails: (request) => Effect.map(getDetails.call(complete(request)), ({ webhook }) => asSelected(webhook)),
    delete: (request) => delete_.call(complete(request)),
    update: (request) => Effect.map(update.call(complete(request)), ({ webhook }) => webhook),
    stream: (request) => {
      const whole = complete(request)
      return Stream.map(pages(whole), (webhook) => asSelected(withoutUnasked(whole, webhook)))
    },
    ensure: (name, spec) => ensure(name, complete(spec))
  })
}

/** Prepares the operations that push rows. The operations share a cache for the address of the last target. */
const pushing = (prepare: Prepare.Prepare): PushService => {
  const addDataUsingGet = prepare(Operations.addDataUsingGet)
  const addData = prepare(Operations.addData)
  const toInput = makeToInput()
  return {
    addDataUsingGet: (target, data) => addDataUsingGet.callWith(toInput(target, { query: data })),
    addData: (target, data) => addData.callWith(toInput(target, { body: data })),
    addEncodedData: (target, document, options) =>
      addData.callWith(
        toInput(target, { document, headers: options?.gzip === true ? { "content-encoding": "gzip" } : {} })
      )
  }
}

/**
 * Makes the service from the credentials, the configuration and the HTTP client of the environment.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<
  Service,
  never,
  HttpClient.HttpClient | Credentials.Credentials | MammothConfig.MammothConfig
> = Effect.gen(function* () {
  const prepare = yield* Prepare.make(Option.some(yield* Credentials.Credentials))
  const manage = managing(prepare)
  return Webhooks.of({
    ...manage(inAny),
    ...pushing(prepare),
    inProject: (project) => ofProject(manage(within(project))),
    perform: (operation, request) => prepare(operation).call(request)
  })
})

/**
 * Makes a function that calls any operation from its declaration, such as `Operations.list`. Use this function to keep
 * an app's bundle small. {@link layer} contains every operation, but this function contains none. So the bundle
 * contains only the operations that the app names.
 *
 * The calls follow the same policies as the calls of the layer. A `RetryPolicy` of the environment is read once, when
 * the function is made. All calls of the function share pauses and one retry budget.
 *
 * @example
 * import { Operations, Webhooks } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const perform = yield* Webhooks.makePerform
 *   const page = yield* perform(Operations.list, { workspaceId: 4, projectId: 4 })
 *   return page.webhooks.length
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const makePerform: Effect.Effect<
  Service["perform"],
  never,
  HttpClient.HttpClient | Credentials.Credentials | MammothConfig.MammothConfig
> = Effect.gen(function* () {
  const prepare = yield* Prepare.make(Option.some(yield* Credentials.Credentials))
  return (operation, request) => prepare(operation).call(request)
})

/**
 * Provides the operations over the HTTP client, the credentials and the configuration of the environment. See
 * {@link layerConfig} for a layer that also reads credentials and configuration from environment variables.
 *
 * If you provide a `RetryPolicy` layer to this layer, the policy is read once, when this layer is built. Default:
 * `RetryPolicy.standard`. Each use of this layer builds its own service. So two accounts in one app have separate
 * credentials, pauses and budgets.
 *
 * @example
 * import { FetchHttpClient } from "@effect/platform"
 * import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
 * import { Layer, Redacted } from "effect"
 *
 * const MammothLayer = Webhooks.layer.pipe(
 *   Layer.provide([
 *     Credentials.layer({ apiKey: Redacted.make("key"), apiSecret: Redacted.make("secret") }),
 *     MammothConfig.layer({ timeout: "10 seconds" }),
 *     FetchHttpClient.layer
 *   ])
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<
  Webhooks,
  never,
  HttpClient.HttpClient | Credentials.Credentials | MammothConfig.MammothConfig
> = Layer.fresh(Layer.effect(Webhooks, make))

/**
 * Options of {@link layerConfig}: the options of `Credentials.layerConfig` and of `MammothConfig.layerConfig`. Each
 * option is a value, or a `Config` that reads the value. You can also give one `Config` that reads all options.
 *
 * @since 0.1.0
 * @category models
 */
export type ConfigOptions = Wrapped<Credentials.Options & MammothConfig.Options>

/**
 * Provides the operations over the HTTP client of the environment, and reads credentials and configuration from options
 * and environment variables. This layer combines {@link layer}, `Credentials.layerConfig` and
 * `MammothConfig.layerConfig`.
 *
 * Each option is a value or a `Config`. If you leave out an option, its default applies. Five defaults come from
 * environment variables: `MAMMOTHANALYTICS_API_KEY`, `MAMMOTHANALYTICS_API_SECRET`, `MAMMOTH_BASE_URL`,
 * `MAMMOTH_TIMEOUT` and `MAMMOTH_DEADLINE`. Only the keys are required. If an option or a variable is missing or cannot
 * be used, the layer fails with a `ConfigError` that names the option or the variable.
 *
 * @example
 * import { FetchHttpClient } from "@effect/platform"
 * import { Webhooks } from "@mammoth-effect/client"
 * import { Config, Layer } from "effect"
 *
 * const MammothLayer = Webhooks.layerConfig().pipe(Layer.provide(FetchHttpClient.layer))
 *
 * const ShopLayer = Webhooks.layerConfig({
 *   apiKey: Config.redacted("SHOP_MAMMOTH_KEY"),
 *   apiSecret: Config.redacted("SHOP_MAMMOTH_SECRET"),
 *   timeout: "10 seconds"
 * }).pipe(Layer.provide(FetchHttpClient.layer))
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  options?: ConfigOptions
): Layer.Layer<Webhooks, ConfigError.ConfigError, HttpClient.HttpClient> =>
  Layer.provide(layer, [Credentials.layerConfig(options), MammothConfig.layerConfig(options)])

/**
 * Makes the operations that push rows. They use the configuration and the HTTP client of the environment, and need no
 * account keys.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makePush: Effect.Effect<PushService, never, HttpClient.HttpClient | MammothConfig.MammothConfig> =
  Effect.gen(function* () {
    const prepare = yield* Prepare.make(Option.none())
    // Keep the other operations if the app already provides `Webhooks`. Otherwise, `WebhookPush` would replace them,
    // because both tags have the same key.
    const around = yield* Effect.serviceOption(Webhooks)
    return { ...Option.getOrUndefined(around), ...pushing(prepare) }
  })

/**
 * Provides only the operations that push rows, and needs no account keys. Use this layer in browsers, and in edge
 * functions that hold only a webhook's key. A program that calls any other operation does not compile with this layer.
 *
 * A browser lets a page push if the webhook's `origins` include the page's origin. The setting `origins` suggests that
 * the server accepts pushes without account keys. Nobody has proven this: the published description requires keys for
 * every operation.
 *
 * @example
 * import { FetchHttpClient } from "@effect/platform"
 * import { MammothConfig, WebhookKey, Webhooks } from "@mammoth-effect/client"
 * import { Effect, Layer } from "effect"
 *
 * const PushLayer = Webhooks.layerPush.pipe(Layer.provide([MammothConfig.layer(), FetchHttpClient.layer]))
 *
 * const pushed = Webhooks.addData(WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa"), { page: "/pricing" }).pipe(
 *   Effect.provide(PushLayer)
 * )
 *
 * @since 0.1.0
 * @category layers
 */
export const layerPush: Layer.Layer<WebhookPush, never, HttpClient.HttpClient | MammothConfig.MammothConfig> =
  Layer.fresh(Layer.effect(WebhookPush, makePush))

/**
 * Provides the operations that a test defines, without credentials or transport. A call of any other operation ends
 * with a defect whose message names the operation.
 *
 * `inProject` uses the same operations. To test several calls that depend on each other, or the requests themselves,
 * use `@mammoth-effect/emulator`, in process or on a socket.
 *
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const pushed: Array<unknown> = []
 * const TestLayer = Webhooks.layerTest({ addData: (_, row) => Effect.sync(() => void pushed.push(row)) })
 *
 * @since 0.1.0
 * @category testing
 */
export const layerTest = (operations: TestOperations): Layer.Layer<Webhooks> =>
  Layer.sync(Webhooks, () => {
    const { manage, ...others } = makeTestOperations(operations)
    return { ...others, ...manage(inAny), inProject: (project) => ofProject(manage(within(project))) }
  })

/**
 * Lists the webhooks of a project that match the filters. Returns one page, with only the requested fields of each
 * webhook.
 *
 * Source: published API description, ListWebhooks. The call only reads, so it is retried after failures. To read all
 * pages, use `stream`.
 *
 * @param request the project, with the filters, order, fields and page
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const names = Webhooks.list({ workspaceId: 4, projectId: 4, fields: ["id", "name"], mode: ["combine"] }).pipe(
 *   Effect.map((page) => page.webhooks.map((webhook) => webhook.name))
 * )
 *
 * @since 0.1.0
 * @category operations
 */
export const list = <const Fields extends WebhookField.Selection = "standard">(
  request: ListRequest<Fields>
): Effect.Effect<WebhookPage.Selected<Fields>, ReadError, Webhooks> =>
  Effect.flatMap(Webhooks, (webhooks) => webhooks.list(request))

/**
 * Creates a webhook and its dataset. If you give a `mode` and the response has another mode, the call fails with
 * `DecodeError`. If `mode` is a literal, the type of the result has this mode.
 *
 * Source: published API description, CreateAWebhook. Without a `mode`, the server creates a `replace` webhook: each
 * push replaces all its rows. The call is not retried if the server may have acted, because a retry could create a
 * second webhook. To get exactly one webhook with a name, use `ensure`.
 *
 * @param request the project, with the name, mode and other settings; the server has a default for each
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 *
 * const orders = Webhooks.create({ workspaceId: 4, projectId: 4, name: "orders", mode: "combine" })
 *
 * @since 0.1.0
 * @category operations
 */
export const create = <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
  request: CreateRequest<Mode>
): Effect.Effect<Webhook.OfMode<Mode>, ReadError, Webhooks> =>
  Effect.flatMap(Webhooks, (webhooks) => webhooks.create(request))

/**
 * Reads one webhook, with only the requested fields.
 *
 * Source: published API description, GetWebhookDetails. The call only reads, so it is retried after failures.
 *
 * @param request the project, the webhook's id, and the fields to read
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 *
 * const orders = Webhooks.getDetails({ workspaceId: 4, projectId: 4, webhookId: 8 })
 *
 * @since 0.1.0
 * @category operations
 */
export const getDetails = <const Fields extends WebhookField.Selection = "standard">(
  request: GetDetailsRequest<Fields>
): Effect.Effect<Webhook.Selected<Fields>, ReadError, Webhooks> =>
  Effect.flatMap(Webhooks, (webhooks) => webhooks.getDetails(request))

/**
 * Deletes a webhook.
 *
 * Source: published API description, DeleteWebhook. The call is retried after failures. If an earlier attempt has
 * deleted the webhook, the call succeeds.
 *
 * @param request the project, and the webhook's id
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 *
 * const gone = Webhooks.delete({ workspaceId: 4, projectId: 4, webhookId: 8 })
 *
 * @since 0.1.0
 * @category operations
 */
const delete_ = (request: OfWebhook): Effect.Effect<void, WebhooksError.Common, Webhooks> =>
  Effect.flatMap(Webhooks, (webhooks) => webhooks.delete(request))
export { delete_ as delete }

/**
 * Changes a webhook's mode, origins or security.
 *
 * Source: published API description, UpdateWebhookConfigurations. The call is retried after failures, because repeating
 * the change has no further effect.
 *
 * @param request the project, the webhook's id, and the settings to change or a list of changes
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 *
 * const opened = Webhooks.update({ workspaceId: 4, projectId: 4, webhookId: 8, origins: "*" })
 *
 * @since 0.1.0
 * @category operations
 */
export const update = (request: UpdateRequest): Effect.Effect<Webhook.Webhook, ReadError, Webhooks> =>
  Effect.flatMap(Webhooks, (webhooks) => webhooks.update(request))

/**
 * Pushes one flat row in the query of a GET request, for senders that can send only GET requests.
 *
 * Source: published API description, AddDataToWebhookUsingGetMethod. The row has at least one value. Values are
 * strings, finite numbers and booleans. The call writes a row although the request is a GET, so the call is not retried
 * if the server may have acted.
 *
 * @param target a webhook, its key or its uri
 * @param data an object with at least one property, whose values are strings, finite numbers or booleans
 * @example
 * import { WebhookKey, Webhooks } from "@mammoth-effect/client"
 *
 * const pushed = Webhooks.addDataUsingGet(WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa"), { order: 1, total: 9.5 })
 *
 * @since 0.1.0
 * @category operations
 */
export const addDataUsingGet = <A>(
  target: Target,
  data: Json.CompatibleFlat<A>
): Effect.Effect<void, WebhooksError.Common, WebhookPush> =>
  Effect.flatMap(WebhookPush, (webhooks) => webhooks.addDataUsingGet<A>(target, data))

/**
 * Pushes one JSON document. The server turns an object into a row.
 *
 * Source: published API description, AddDataToWebhook. Any response with a 2xx status is a success, whatever its body.
 * The call is not retried if the server may have acted, because a retry could write the row twice (see
 * `RetryPolicy.atLeastOnce`).
 *
 * Properties that are `undefined` are left out, because JSON cannot represent `undefined`. The call fails with
 * `InvalidRequest` if all properties of a row are `undefined`, or if `JSON.stringify` has replaced the webhook's key
 * with `<redacted>`.
 *
 * @param target a webhook, its key or its uri
 * @param data a row, or another value that JSON can represent
 * @example
 * import { WebhookKey, Webhooks } from "@mammoth-effect/client"
 *
 * const pushed = Webhooks.addData(WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa"), { order: 1, items: ["cup", "tea"] })
 *
 * @since 0.1.0
 * @category operations
 */
export const addData = <A>(target: Target, data: Json.Compatible<A>): Effect.Effect<void, AddDataError, WebhookPush> =>
  Effect.flatMap(WebhookPush, (webhooks) => webhooks.addData<A>(target, data))

/**
 * Replaces all rows of a dataset with the given rows. Sends the rows as one array in one push. A `replace` webhook
 * keeps only the rows of the last push. If a row does not fit the schema, the call sends nothing, and fails with an
 * error that holds the row's index.
 *
 * Set `isSoleWriter` if nobody else writes to the webhook. The push is then retried even if the server may have acted,
 * because a second push replaces the rows of the first. The server probably accepts arrays, but nobody has proven this.
 *
 * @param target a webhook that is known to be in mode `replace`
 * @param rows all rows of the dataset
 * @param options the schema of the rows, and `isSoleWriter: true` if nobody else writes to the webhook
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import { Effect, Schema } from "effect"
 *
 * const Price = Schema.Struct({ product: Schema.String, price: Schema.Number })
 *
 * const program = Effect.gen(function*() {
 *   const prices = yield* Webhooks.ensure("prices", { workspaceId: 4, projectId: 4, mode: "replace" })
 *   yield* Webhooks.replaceAll(prices, [{ product: "tea", price: 3 }], { schema: Price, isSoleWriter: true })
 * })
 *
 * @since 0.1.0
 * @category operations
 */
export const replaceAll = <A>(
  target: ReplaceTarget,
  rows: Iterable<A>,
  options: ReplaceOptions<A>
): Effect.Effect<void, RowRefused | WrongMode | AddDataError, WebhookPush> =>
  Effect.gen(function* () {
    if (target.mode !== "replace") return yield* new WrongMode({ wanted: "replace", found: String(target["mode"]) })
    const document = yield* encodeAll(options.schema, rows)
    const webhooks = yield* WebhookPush
    const push = webhooks.addEncodedData(target, document)
    return yield* options.isSoleWriter === true ? withOptions(push, { atLeastOnce: true }) : push
  })

/**
 * Streams every webhook that matches the filters. Requests each page when the stream is pulled.
 *
 * `limit` is the size of a page, from 1 to 100. Default: 100. The stream advances by the number of webhooks that it
 * receives, and ends at an empty page. The stream fails with `DecodeError` if pages only repeat earlier webhooks. To
 * recognize these pages, the stream also requests the field `id`. If you did not request `id`, the stream removes the
 * field from the results.
 *
 * @param request the project, with the filters, order and fields; `limit` is the size of a page
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import { Stream } from "effect"
 *
 * const firstThousand = Webhooks.stream({ workspaceId: 4, projectId: 4 }).pipe(Stream.take(1000), Stream.runCollect)
 *
 * @since 0.1.0
 * @category operations
 */
export const stream = <const Fields extends WebhookField.Selection = "standard">(
  request: ListRequest<Fields>
): Stream.Stream<Webhook.Selected<Fields>, ReadError, Webhooks> =>
  Stream.unwrap(Effect.map(Webhooks, (webhooks) => webhooks.stream(request)))

/**
 * Makes sure that one webhook with exactly this name exists, with the given mode and origins. Writes nothing if the
 * webhook exists with these settings. The published response does not show `isSecure` or the folder, so these two
 * settings apply only when the webhook is created.
 *
 * If several processes call `ensure` with one name at the same time, all of them use the webhook with the lowest id. A
 * process that created a newer webhook deletes this newer webhook. This depends on two assumptions about the server's
 * lists. First, if a list shows a webhook, the list also shows all older webhooks. Second, lists show each creation and
 * each deletion after at most 10 seconds.
 *
 * If several webhooks have the name, `ensure` waits until one is left. If several are left after 10 seconds, `ensure`
 * fails with `AmbiguousName`. Every error names `ensure` as the operation, even if the failed request belongs to
 * another operation.
 *
 * @param name the whole name, at least one character long
 * @param spec the project, the mode and origins to set, and other settings that apply only when the webhook is created
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 *
 * const orders = Webhooks.ensure("orders", { workspaceId: 4, projectId: 4, mode: "combine" })
 *
 * @since 0.1.0
 * @category operations
 */
export const ensure = <const Mode extends WebhookMode.WebhookMode | undefined = undefined>(
  name: string,
  spec: EnsureSpec<Mode>
): Effect.Effect<Webhook.OfMode<Mode>, EnsureError, Webhooks> =>
  Effect.flatMap(Webhooks, (webhooks) => webhooks.ensure(name, spec))

/**
 * Makes a function that calls an operation from its declaration, such as `Operations.delete`. The function has the
 * input and the errors of the operation. It follows the same policies as the other functions of this module.
 *
 * @example
 * import { Operations, Webhooks } from "@mammoth-effect/client"
 *
 * const remove = Webhooks.operation(Operations.delete)
 * const gone = remove({ workspaceId: 4, projectId: 4, webhookId: 8 })
 *
 * @since 0.1.0
 * @category constructors
 */
export const operation =
  <O extends Operation.Operation>(declared: O) =>
  (request: WholeRequest<O>): Effect.Effect<Operation.Success<O>, Operation.Error<O>, Webhooks> =>
    Effect.flatMap(Webhooks, (webhooks) => webhooks.perform(declared, request))

/**
 * Returns the operations of one project. You call them without the ids of the workspace and the project. Each call
 * checks the ids.
 *
 * @param project the ids of the workspace and the project
 * @example
 * import { Webhooks } from "@mammoth-effect/client"
 * import { Effect } from "effect"
 *
 * const project = Webhooks.inProject({ workspaceId: 4, projectId: 4 })
 *
 * const program = Effect.gen(function*() {
 *   const orders = yield* project.ensure("orders", { mode: "combine" })
 *   yield* Webhooks.addData(orders, { order: 1 })
 *   return yield* project.list({ fields: ["id", "name"] })
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const inProject = (project: InProject): ProjectWebhooks => {
  const webhooks = Effect.map(Webhooks, (webhooks) => webhooks.inProject(project))
  return {
    list: (query) => Effect.flatMap(webhooks, (webhooks) => webhooks.list(query)),
    create: (spec) => Effect.flatMap(webhooks, (webhooks) => webhooks.create(spec)),
    getDetails: (request) => Effect.flatMap(webhooks, (webhooks) => webhooks.getDetails(request)),
    delete: (request) => Effect.flatMap(webhooks, (webhooks) => webhooks.delete(request)),
    update: (request) => Effect.flatMap(webhooks, (webhooks) => webhooks.update(request)),
    stream: (query) => Stream.unwrap(Effect.map(webhooks, (webhooks) => webhooks.stream(query))),
    ensure: (name, spec) => Effect.flatMap(webhooks, (webhooks) => webhooks.ensure(name, spec))
  }
}
