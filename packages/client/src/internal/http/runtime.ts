/**
 * Finds out, once, which things the fetch of this runtime does by itself, and which settings it accepts. Both are found
 * by tests, not from the name or version of the runtime. There are two exceptions: Bun can only be recognized by its
 * name, and in Node a test would take time.
 */
import * as Either from "effect/Either"
import { constFalse } from "effect/Function"
import * as Predicate from "effect/Predicate"

const probe = "http://localhost/"

/**
 * Is this Node, outside of pages and workers of a browser? Its fetch accepts cache modes and all headers. Node is not
 * tested, because the first `new Request` loads its fetch. That takes 20 to 30 ms, even if another transport is used.
 * Pages, browsers' workers, Electron's pages, Deno, Bun and Cloudflare Workers have a global `self`, and are tested.
 */
const isNode = !("self" in globalThis)

/** Can a request bypass caches? Cloudflare Workers with a compatibility date before 2024-11-11 refuse to be asked. */
export const takesCacheMode: boolean =
  isNode || Either.isRight(Either.try(() => new Request(probe, { cache: "no-store" })))

/**
 * Does the runtime keep some headers to itself, as browsers do in pages and in workers? In a browser, any header beyond
 * the usual ones causes a preflight request to the server, even for a GET, and `user-agent` is the browser's own.
 */
export const guardsHeaders: boolean =
  !isNode
  && Either.getOrElse(
    Either.try(() => !new Request(probe, { headers: { "sec-probe": "1" } }).headers.has("sec-probe")),
    constFalse
  )

/**
 * Makes Bun open a new connection. Deno sends any request again, and Bun a GET, PUT or DELETE, when a connection that
 * was used before is reset, although the server may have acted. Neither does so on a new connection.
 */
export const newConnection: RequestInit = "Bun" in globalThis ? { keepalive: false } : {}

const deno: unknown = Reflect.get(globalThis, "Deno")

const createHttpClient: unknown = Predicate.hasProperty(deno, "createHttpClient") ? deno.createHttpClient : undefined

const newConnectionClient: unknown = Predicate.isFunction(createHttpClient)
  ? Reflect.apply(createHttpClient, deno, [{ poolMaxIdlePerHost: 0 }])
  : undefined

/**
 * Makes Deno open a new connection, by a client that keeps none. Like Deno's default client, it takes proxies and
 * certificates from the environment.
 */
export const newConnectionSetting: object | undefined =
  newConnectionClient === undefined ? undefined : { client: newConnectionClient }

const denoVersion: unknown =
  Predicate.hasProperty(deno, "version") && Predicate.hasProperty(deno.version, "deno") ? deno.version.deno : undefined

/** Does this Deno send any request again on new connections, too? Only its version tells. */
const resendsAlways = Predicate.isString(denoVersion) && /^2\.([78]\.|9\.[0-5](?!\d))/.test(denoVersion)

/**
 * Can fetch send a write twice within one attempt, given these settings? If the server received the first and then went
 * away, fetch reports that it could not connect for the second.
 */
export const mayResendWrite = (settings: unknown): boolean =>
  newConnectionClient !== undefined
  && (resendsAlways || !Predicate.hasProperty(settings, "client") || settings.client !== newConnectionClient)
