/**
 * Detects once what the runtime's fetch does automatically, and which settings it accepts. Tests fetch itself instead
 * of reading the runtime's name or version, with three exceptions. Bun can only be recognized by its name. Some
 * behaviour of Deno can only be recognized by its version. In Node, a test would take time.
 */
import * as Either from "effect/Either"
import { constFalse } from "effect/Function"
import * as Predicate from "effect/Predicate"

const probe = "http://localhost/"

/**
 * Is `true` in Node, outside the pages and workers of a browser. Node's fetch accepts cache modes and all headers. Node
 * is not tested, because the first `new Request` loads its fetch. That takes 20 to 30 ms, even if another transport is
 * used. All runtimes with a global `self` are tested: pages, browsers' workers, Electron's pages, Deno, Bun and
 * Cloudflare Workers.
 */
const isNode = !("self" in globalThis)

/**
 * Is `true` if a request can have a cache mode, and so can bypass caches. Cloudflare Workers with a compatibility date
 * before 2024-11-11 throw an error for a cache mode.
 */
export const takesCacheMode: boolean =
  isNode || Either.isRight(Either.try(() => new Request(probe, { cache: "no-store" })))

/**
 * Is `true` if the runtime sets some headers itself, as browsers do in pages and workers. In a browser, `user-agent` is
 * the browser's own. Any header beyond the usual headers causes a preflight request to the server, even for a GET.
 */
export const guardsHeaders: boolean =
  !isNode
  && Either.getOrElse(
    Either.try(() => !new Request(probe, { headers: { "sec-probe": "1" } }).headers.has("sec-probe")),
    constFalse
  )

/**
 * The settings that make Bun open a new connection. When a reused connection is reset, Deno sends every request again,
 * and Bun sends a GET, PUT or DELETE again. The server may have acted on the first request. On a new connection, Bun
 * and most versions of Deno send a request only once.
 */
export const newConnection: RequestInit = "Bun" in globalThis ? { keepalive: false } : {}

const deno: unknown = Reflect.get(globalThis, "Deno")

const createHttpClient: unknown = Predicate.hasProperty(deno, "createHttpClient") ? deno.createHttpClient : undefined

const newConnectionClient: unknown = Predicate.isFunction(createHttpClient)
  ? Reflect.apply(createHttpClient, deno, [{ poolMaxIdlePerHost: 0 }])
  : undefined

/**
 * The setting that makes Deno open a new connection: a client that keeps no idle connections. Like Deno's default
 * client, this client reads proxies and certificates from the environment.
 */
export const newConnectionSetting: object | undefined =
  newConnectionClient === undefined ? undefined : { client: newConnectionClient }

const denoVersion: unknown =
  Predicate.hasProperty(deno, "version") && Predicate.hasProperty(deno.version, "deno") ? deno.version.deno : undefined

/**
 * Is `true` for the versions of Deno that send a request again even on a new connection. Only the version shows this.
 */
const resendsAlways = Predicate.isString(denoVersion) && /^2\.([78]\.|9\.[0-5](?!\d))/.test(denoVersion)

/**
 * Returns `true` if fetch can send a write twice within one attempt with these settings. The server may receive the
 * first request and then become unreachable. Fetch then reports only that it could not connect for the second request.
 */
export const mayResendWrite = (settings: unknown): boolean =>
  newConnectionClient !== undefined
  && (resendsAlways || !Predicate.hasProperty(settings, "client") || settings.client !== newConnectionClient)
