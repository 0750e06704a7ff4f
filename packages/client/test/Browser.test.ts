import * as Http from "node:http"
import { fileURLToPath } from "node:url"
import { assert, describe, layer } from "@effect/vitest"
import { Emulator, Fault } from "@mammoth-effect/emulator"
import { Context, Effect, Layer, Redacted } from "effect"
import { build } from "esbuild"
import { type Browser, chromiumPath, launch, type Page } from "../../../browser.shared.js"
import type * as PushPage from "./support/pushPage.js"

declare const pushPage: typeof PushPage

/** Bundles the script of the page together with the client. */
const bundle = Effect.promise(() =>
  build({
    entryPoints: [fileURLToPath(new URL("support/pushPage.ts", import.meta.url))],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    globalName: "pushPage",
    platform: "browser",
    target: "es2022"
  })
).pipe(Effect.map(({ outputFiles }) => outputFiles[0]?.text ?? ""))

/** Starts a server for the shop's page, and returns the page's origin. */
const serve = (script: string) =>
  Effect.acquireRelease(
    Effect.async<Http.Server>((resume) => {
      const server = Http.createServer((request, response) => {
        const isScript = request.url === "/push.js"
        response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" })
        response.end(isScript ? script : `<!doctype html><title>Shop</title><script src="/push.js"></script>`)
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  ).pipe(
    Effect.map((server) => {
      const address = server.address()
      return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
    })
  )

class Shop extends Context.Tag("test/Shop")<Shop, { readonly origin: string; readonly browser: Browser }>() {
  static readonly layer = Layer.scoped(
    Shop,
    Effect.gen(function* () {
      const browser = yield* Effect.acquireRelease(Effect.promise(launch), (it) => Effect.promise(() => it.close()))
      return { origin: yield* serve(yield* bundle), browser }
    })
  )
}

/** Opens the shop's page. */
const open = Effect.gen(function* () {
  const { browser, origin } = yield* Shop
  const page = yield* Effect.acquireRelease(
    Effect.promise(() => browser.newPage()),
    (page) => Effect.promise(() => page.close())
  )
  yield* Effect.promise(() => page.goto(origin))
  return page
})

const pushFrom = (page: Page, given: PushPage.Given) =>
  Effect.promise(() => page.evaluate((given) => pushPage.push(given), given))

const methods = ["addData", "addDataUsingGet"] as const

/** Makes a webhook on a new emulator, and opens the shop's page. Returns a function that pushes from the page. */
const setUp = (spec: { readonly origins?: string }, options: Emulator.Options = { openData: true }) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator.make(options)
    const keys = {
      "x-api-key": Redacted.value(emulator.apiKey),
      "x-api-secret": Redacted.value(emulator.apiSecret)
    }
    const { webhook } = yield* Effect.promise(async () => {
      const response = await fetch(`${emulator.baseUrl}/workspaces/4/projects/4/webhooks`, {
        method: "POST",
        headers: keys,
        body: JSON.stringify({ mode: "combine", ...spec })
      })
      return response.json()
    })
    yield* emulator.clearRequests
    const page = yield* open
    return {
      emulator,
      page,
      rows: emulator.rows(webhook.id),
      push: (method: PushPage.Given["method"]) =>
        pushFrom(page, { baseUrl: emulator.baseUrl, uri: webhook.uri, method }),
      /** Returns the method and status of each request since the previous use of `seen`. */
      seen: Effect.map(emulator.requests, (requests) =>
        requests.map(({ method, status }) => `${method} ${status}`)
      ).pipe(Effect.zipLeft(emulator.clearRequests))
    }
  })

describe.skipIf(chromiumPath === undefined)("A browser page", () => {
  layer(Shop.layer)((it) => {
    it.scoped("pushes with only the webhook's key if the webhook allows the page's origin", () =>
      Effect.gen(function* () {
        const { origin } = yield* Shop
        for (const origins of ["*", origin, `https://a.example, ${origin}`]) {
          const { emulator, page, push, rows, seen } = yield* setUp({ origins })
          assert.strictEqual(yield* push("addData"), "pushed", origins)
          const names = (yield* emulator.requests).flatMap(({ headers }) => headers.map(([name]) => name.toLowerCase()))
          assert.deepStrictEqual(yield* seen, ["OPTIONS 204", "POST 201"])
          assert.strictEqual(yield* push("addDataUsingGet"), "pushed", origins)
          assert.deepStrictEqual(yield* seen, ["GET 200"])
          assert.deepStrictEqual(yield* rows, [
            { page: "/pricing", seconds: 12 },
            { page: "/pricing", seconds: "12" }
          ])
          assert.include(names, "origin")
          assert.deepStrictEqual(yield* Effect.promise(() => page.evaluate(() => pushPage.headers())), [
            "accept",
            "content-type",
            "accept"
          ])
          for (const name of ["x-api-key", "x-api-secret", "cookie"]) assert.notInclude(names, name)
        }
      })
    )

    it.scoped(
      "gets an error with the delivery Unknown, and writes no row, if the webhook does not allow the page's origin",
      () =>
        Effect.gen(function* () {
          const { push, rows, seen } = yield* setUp({ origins: "https://a.example" })
          assert.strictEqual(yield* push("addData"), "MammothTransportError Unknown")
          assert.deepStrictEqual(yield* seen, ["OPTIONS 403"])
          assert.strictEqual(yield* push("addDataUsingGet"), "MammothTransportError Unknown")
          assert.deepStrictEqual(yield* seen, ["GET 403"])
          assert.deepStrictEqual(yield* rows, [])
        })
    )

    it.scoped("gets the error Unauthorized if the server refuses the push", () =>
      Effect.gen(function* () {
        const { push, seen } = yield* setUp({}, { openData: false })
        for (const method of methods) assert.strictEqual(yield* push(method), "MammothUnauthorized Rejected")
        assert.deepStrictEqual(yield* seen, ["OPTIONS 204", "POST 401", "GET 401"])
      })
    )

    it.scoped("does not follow a redirect of its push", () =>
      Effect.gen(function* () {
        const { emulator, push, rows } = yield* setUp({})
        for (const method of methods) {
          const headers = { location: "/elsewhere", "access-control-allow-origin": "*" }
          yield* emulator.inject(Fault.status(307, { operation: method, headers }))
          assert.strictEqual(yield* push(method), "MammothUnexpectedStatus Unknown")
        }
        assert.notInclude(
          (yield* emulator.requests).map(({ url }) => url),
          "/elsewhere"
        )
        assert.deepStrictEqual(yield* rows, [])
      })
    )

    it.scoped("cannot list webhooks even with account keys, because the preflight request fails", () =>
      Effect.gen(function* () {
        const { emulator, page } = yield* setUp({})
        const answer = yield* Effect.promise(() =>
          page.evaluate(
            ([url, key, secret]) =>
              fetch(url, { headers: { "x-api-key": key, "x-api-secret": secret } }).then(
                (response) => String(response.status),
                (error) => String(error)
              ),
            [
              `${emulator.baseUrl}/workspaces/4/projects/4/webhooks`,
              Redacted.value(emulator.apiKey),
              Redacted.value(emulator.apiSecret)
            ] as const
          )
        )
        assert.strictEqual(answer, "TypeError: Failed to fetch")
        assert.deepStrictEqual(
          (yield* emulator.requests).map(({ method, status }) => [method, status]),
          [["OPTIONS", 404]]
        )
      })
    )
  })
})
