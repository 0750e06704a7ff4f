/** Serves the API without a transport: takes a request, and returns the response that the caller sees. */
import * as OpenApi from "@effect/platform/OpenApi"
import type { Operation } from "@mammoth-effect/core/Operation"
import * as Operations from "@mammoth-effect/core/Operations"
import * as Wait from "@mammoth-effect/core/Wait"
import * as WebhooksApi from "@mammoth-effect/core/WebhooksApi"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Fault from "../Fault.js"
import * as Body from "./body.js"
import { queryOf, type Raw } from "./endpoint.js"
import type { Faults } from "./faults.js"
import type { Handlers } from "./handlers.js"
import type { Draft, Journal } from "./journal.js"
import * as Origins from "./origins.js"
import * as Reply from "./reply.js"
import type { Settings } from "./settings.js"
import * as Shown from "./shown.js"
import type { Store } from "./store.js"

/** The base path of the published API. */
export const basePath: string = Context.getOption(WebhooksApi.WebhooksApi.annotations, OpenApi.Servers).pipe(
  Option.map((servers) => servers.map((server) => server.url).join()),
  Option.getOrElse(() => "")
)

/** The names of the headers that carry the account's keys. */
export const keyHeaders: readonly [key: string, secret: string] = [
  WebhooksApi.ApiKey.security.apiKey.key.toLowerCase(),
  WebhooksApi.ApiSecret.security.apiSecret.key.toLowerCase()
]

/** A request as it arrived. */
export interface Incoming {
  readonly method: string
  /** The path and the query, still percent-encoded. */
  readonly url: string
  /** The names and values of the headers, alternating, as received. */
  readonly rawHeaders: ReadonlyArray<string>
  readonly headers: Raw["headers"]
  /** Reads the bytes of the body, or fails with the reply that refuses the body. */
  readonly body: Effect.Effect<Uint8Array, Reply.Reply>
}

export type Handler = (incoming: Incoming) => Effect.Effect<Shown.Shown>

export interface Parts {
  readonly settings: Settings
  readonly store: Store
  readonly journal: Journal
  readonly faults: Faults
  readonly handlers: Handlers
  /**
   * The scope in which delayed operations run. An operation that a fault delays still acts after its caller has hung up,
   * but not after this scope has ended.
   */
  readonly scope: Scope.Scope
}

export interface Api {
  /** Returns the handler for an operation's request, or for a browser's preflight request before a push. */
  readonly find: (method: string, url: string) => Handler | undefined
  /** Responds with a 404. */
  readonly unknown: Handler
  /** Records a request that belongs to no operation, and responds with the given reply. */
  readonly aside: (own: Reply.Reply) => Handler
}

type Params = Raw["path"]

interface Route {
  readonly method: string
  /** The segments of the path. A parameter is written as its name in braces, such as `{webhook_id}`. */
  readonly segments: ReadonlyArray<string>
  readonly handle: (params: Params) => Handler
}

export const make = (parts: Parts): Api => {
  const { journal, settings } = parts
  const readBody = (incoming: Incoming) =>
    Effect.flatMap(incoming.body, (bytes) =>
      Body.decode(bytes, incoming.headers["content-encoding"], settings.bodyLimit)
    )

  const arrive = ({ method, rawHeaders, url }: Incoming, operation: string | undefined) =>
    journal.arrive({ operation, method, url, rawHeaders })

  const aside: Api["aside"] = (own) => (incoming) =>
    Effect.gen(function* () {
      const draft = yield* arrive(incoming, undefined)
      const reply = yield* readBody(incoming).pipe(
        Effect.tap((body) => journal.setBody(draft, body)),
        Effect.match({ onFailure: (refusal) => refusal, onSuccess: () => own })
      )
      return note(draft, Shown.ofReply(reply))
    })

  const unknown = aside(Reply.notFound("The emulator has no route for this method and path"))

  /**
   * Responds to a browser's preflight request: with a 204 if the page may push, and with a 403 if not. Responds with a
   * 404 if no webhook has the key. Also responds with a 404 if the request does not come from a page of another origin.
   */
  const preflight: Route["handle"] = (params) => (incoming) => {
    const entry = parts.store.byKey(params["webhook_uri"] ?? "")
    if (entry === undefined || !Origins.isForeign(incoming.headers)) return unknown(incoming)
    const shared = Origins.share(entry.webhook.origins, incoming.headers)
    const reply =
      shared === undefined ? foreign : { status: 204, body: "", headers: Origins.permit(shared, incoming.headers) }
    return aside(reply)(incoming)
  }

  const handleOperation = (operation: Operation): Route["handle"] => {
    const act = makeAct(parts, operation)
    return (params) => (incoming) =>
      Effect.gen(function* () {
        const { headers, url } = incoming
        const draft = yield* arrive(incoming, operation.name)
        const body = yield* Effect.either(readBody(incoming))
        if (Either.isRight(body)) journal.setBody(draft, body.right)
        const raw = { path: params, query: queryOf(url), headers, pathname: url.split("?", 1).join() }
        // Start the operation only after its delay, so that the operation sees the webhooks of that moment.
        const own = Effect.suspend(() => act(raw, body))

        const fault = parts.faults.take(operation.name)
        if (fault === undefined) return note(draft, Shown.ofReply(yield* own))
        const late = Wait.sleep(fault.delayBefore ?? 0)
        const reply = Fault.acts(fault)
          ? yield* late.pipe(Effect.zipRight(own), Effect.forkIn(parts.scope), Effect.flatMap(Fiber.join))
          : yield* Effect.as(late, Shown.standIn(operation))
        yield* Wait.sleep(fault.delayAfter ?? 0)
        draft.fault = fault.answer._tag
        return note(draft, Shown.ofFault(fault.answer, reply))
      })
  }

  const routes: ReadonlyArray<Route> = [
    ...Object.values<Operation>(Operations).map((operation) => ({
      method: operation.method,
      segments: segmentsOf(operation),
      handle: handleOperation(operation)
    })),
    { method: "OPTIONS", segments: segmentsOf(Operations.addData), handle: preflight }
  ]

  return {
    find: (method, url) => {
      const path = split(url)
      for (const route of routes) {
        if (route.method !== method) continue
        const params = match(route.segments, path)
        if (params !== undefined) return route.handle(params)
      }
      return undefined
    },
    unknown,
    aside
  }
}

/** Records the status that the caller is about to see. */
const note = (draft: Draft, shown: Shown.Shown): Shown.Shown => {
  draft.status = shown.broken?.at === "start" ? undefined : shown.status
  return shown
}

const segmentsOf = (operation: Operation): ReadonlyArray<string> => `${basePath}${operation.route}`.split("/")

/** Returns the decoded segments of a URL's path, or an empty list if decoding fails. The URL may be absolute. */
const split = (url: string): ReadonlyArray<string> => {
  const path = url
    .replace(/^https?:\/\/.*?\//, "/")
    .split(/[?;#]/, 1)
    .join()
  return Either.getOrElse(Either.all(path.split("/").map(Encoding.decodeUriComponent)), () => [])
}

/** Returns the parameters of a path, or `undefined` if the path does not match the route or a parameter is empty. */
const match = (route: ReadonlyArray<string>, path: ReadonlyArray<string>): Params | undefined => {
  if (route.length !== path.length) return undefined
  const params: Array<readonly [string, string]> = []
  for (const [i, segment] of route.entries()) {
    const value = path[i] ?? ""
    if (!segment.startsWith("{")) {
      if (segment !== value) return undefined
    } else if (value === "") return undefined
    else params.push([segment.slice(1, -1), value])
  }
  return Object.fromEntries(params)
}

/** Returns true if this operation is a push. With the option `openData`, a push needs only the webhook's key. */
const takesKey = (operation: Operation): boolean =>
  operation.route === Operations.addData.route || operation.route === Operations.addDataUsingGet.route

const foreign = Reply.forbidden(
  "The webhook's origins do not include the origin of this page: add the origin with the operation update"
)

/** Makes the function that performs an operation. The function first checks that the request is allowed. */
const makeAct = ({ handlers, settings, store }: Parts, operation: Operation) => {
  const endpoint = Object.entries(handlers).find(([name]) => name === operation.name)?.[1]
  const isOpen = settings.openData && takesKey(operation)
  const isAllowed = guard(settings)

  const perform = (raw: Omit<Raw, "body">, body: Either.Either<Body.Body, Reply.Reply>): Effect.Effect<Reply.Reply> => {
    if (!isOpen && !isAllowed(raw.headers)) {
      return Effect.succeed(Reply.unauthorized("The API key or the API secret is missing or wrong"))
    }
    if (Either.isLeft(body)) return Effect.succeed(body.left)
    return endpoint === undefined
      ? Effect.succeed(Reply.notImplemented(operation.name))
      : endpoint({ ...raw, body: body.right.text })
  }

  /** Performs a push. Refuses a page of another origin if the webhook's origins do not include the page's origin. */
  const performForPages: typeof perform = (raw, body) => {
    const entry = store.byKey(raw.path["webhook_uri"] ?? "")
    if (entry === undefined) return perform(raw, body)
    const headers = Origins.share(entry.webhook.origins, raw.headers)
    if (headers === undefined) return Effect.succeed(foreign)
    return Effect.map(perform(raw, body), (reply) => ({ ...reply, headers }))
  }

  return takesKey(operation) ? performForPages : perform
}

/** Makes a function that returns true if a request's headers have the account's API key and API secret. */
const guard = (settings: Settings) => {
  const [key, secret] = keyHeaders
  return (headers: Raw["headers"]): boolean =>
    headers[key] === Redacted.value(settings.apiKey) && headers[secret] === Redacted.value(settings.apiSecret)
}
