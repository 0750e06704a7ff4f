import * as Http from "node:http"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Emulator, Fault } from "../src/index.js"
import { call, create, exchange, inProject, keys } from "./support.js"

/** Sends a GET with exactly these header lines. Returns the status and the text of the response. */
const get = (emulator: Emulator.Service, target: string, ...lines: ReadonlyArray<string>) =>
  Effect.map(
    exchange(emulator, [`GET ${target} HTTP/1.1`, "Connection: close", ...lines, "", ""].join("\r\n")),
    ({ text }) => ({ status: Number(text.split(" ")[1]), text })
  )

const withKeys = (emulator: Emulator.Service) =>
  Object.entries(keys(emulator)).map(([name, value]) => `${name}: ${value}`)

const list = `/api/v2${inProject(1)}`

describe("the host that a request names", () => {
  it.scoped("may be any loopback name, in any spelling, with or without a port", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const hosts = ["localhost", "LOCALHOST:80", "localhost.", "127.0.0.1:4010", "127.9.8.7", "[::1]:1", "a.localhost"]
      for (const host of hosts) {
        const answer = yield* get(emulator, "/emulator/requests", `Host: ${host}`)
        assert.strictEqual(answer.status, 200, host)
      }
    })
  )

  it.scoped("is refused on every route if it is not a loopback name, and the request has no effect", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make({ openData: true })
      const { data, id } = yield* create(emulator, 1)
      const hosts = [
        "rebound.example:4010",
        "localhost.rebound.example",
        "127.0.0.1.rebound.example",
        "user@localhost",
        "192.168.1.5",
        "[fe80::1]",
        "[::1",
        "localhost:80:80",
        ""
      ]
      for (const host of hosts) {
        const { status, text } = yield* get(emulator, "/emulator/requests", `Host: ${host}`)
        assert.strictEqual(status, 403, host)
        assert.include(
          text,
          "The request names a host that this emulator does not serve. The emulator serves localhost."
        )
        assert.include(text, "--allowed-host")
        assert.notInclude(text, "rebound")
      }
      for (const target of ["/", "/docs", "/favicon.ico", "/nothing", "/emulator/events", list, `/api/v2${data}?n=1`]) {
        const { status } = yield* get(emulator, target, "Host: rebound.example", ...withKeys(emulator))
        assert.strictEqual(status, 403, target)
      }
      const upgrade = ["Connection: upgrade", "Upgrade: websocket", "Host: rebound.example"]
      assert.strictEqual((yield* get(emulator, `/api/v2${data}?n=1`, ...upgrade)).status, 403)
      assert.deepStrictEqual(yield* emulator.rows(id), [])
      assert.deepInclude((yield* emulator.requests).at(-1), { operation: undefined, status: 403 })
    })
  )

  it.scoped("is checked in the target and in every Host header", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const status = (target: string, ...lines: ReadonlyArray<string>) =>
        Effect.map(get(emulator, target, ...lines), (answer) => answer.status)
      assert.strictEqual(yield* status("http://rebound.example/", "Host: localhost"), 403)
      assert.strictEqual(yield* status("http://localhost@rebound.example/", "Host: localhost"), 403)
      assert.strictEqual(yield* status("http://localhost/", "Host: rebound.example"), 403)
      assert.strictEqual(yield* status("http://localhost:4010/", "Host: localhost"), 200)
      assert.strictEqual(yield* status("/", "Host: localhost", "Host: rebound.example"), 403)
      assert.strictEqual(yield* status("/", "Host: rebound.example", "host: localhost"), 403)
      // Send a health check of a load balancer, which names no host. A page cannot send this request.
      const seen = yield* exchange(emulator, "GET /emulator/requests HTTP/1.0\r\n\r\n")
      assert.match(seen.text, /^HTTP\/1.1 200 /)
    })
  )

  it.scoped("may be a host from the options, or any IP address if the emulator listens on all addresses", () =>
    Effect.gen(function* () {
      const named = yield* Emulator.make({ host: "localhost", allowedHosts: ["Emulator", "::2"] })
      for (const host of ["emulator:4010", "[::2]", "localhost"]) {
        assert.strictEqual((yield* get(named, "/", `Host: ${host}`)).status, 200, host)
      }
      for (const host of ["other", "192.168.1.5"]) {
        const { status, text } = yield* get(named, "/", `Host: ${host}`)
        assert.strictEqual(status, 403, host)
        assert.include(text, "The emulator serves localhost, emulator, [::2].")
      }
      const every = yield* Emulator.make({ host: "0.0.0.0" })
      for (const host of ["192.168.1.5:4010", "[fe80::1]"]) {
        assert.strictEqual((yield* get(every, "/", `Host: ${host}`)).status, 200, host)
      }
      const { status, text } = yield* get(every, "/", "Host: rebound.example")
      assert.strictEqual(status, 403)
      assert.include(text, "The emulator serves localhost, IP addresses.")
    })
  )
})

describe("a browser on this machine", () => {
  it.scoped("is forbidden to guess a content type, unless a fault sets the response's headers", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const { data, id } = yield* create(emulator, 1)
      const origin = new URL(emulator.baseUrl).origin
      const sniff = (method: string, path: string, baseUrl = emulator.baseUrl) =>
        Effect.map(call({ ...emulator, baseUrl }, method, path, method === "POST" ? { body: {} } : {}), (answer) =>
          answer.headers.get("x-content-type-options")
        )
      for (const path of [
        "/",
        "/docs",
        "/favicon.ico",
        "/nothing",
        "/emulator/requests",
        "/emulator/webhooks/1/rows"
      ]) {
        assert.strictEqual(yield* sniff("GET", path, origin), "nosniff", path)
      }
      assert.strictEqual(yield* sniff("POST", "/emulator/faults", origin), "nosniff")
      assert.strictEqual(yield* sniff("HEAD", "/", origin), "nosniff")
      for (const [method, path] of [
        ["GET", inProject(1)],
        ["POST", data],
        ["OPTIONS", data],
        ["DELETE", inProject(1, `/${id}`)]
      ] as const) {
        assert.strictEqual(yield* sniff(method, path), "nosniff", method)
      }
      for (const fault of [Fault.html(), Fault.wrongJson(), Fault.contentType("text/html")]) {
        yield* emulator.inject(fault)
        assert.strictEqual(yield* sniff("GET", inProject(1)), "nosniff")
      }
      yield* emulator.inject(Fault.status(200))
      assert.isNull(yield* sniff("GET", inProject(1)))
      assert.include((yield* get(emulator, "/", "Host: rebound.example")).text, "nosniff")
    })
  )

  it.scoped("can follow another page's link, but gets a 404 for that page's scripts, frames and forms", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const ask = (method: string, path: string, site: string, mode: string, dest: string, origin?: string) =>
        Effect.async<number>((resume) => {
          const headers = {
            "sec-fetch-site": site,
            "sec-fetch-mode": mode,
            "sec-fetch-dest": dest,
            ...(origin === undefined ? {} : { origin })
          }
          const request = Http.request(`${new URL(emulator.baseUrl).origin}${path}`, { method, headers })
          request.on("response", (response) => {
            response.destroy()
            resume(Effect.succeed(response.statusCode ?? 0))
          })
          request.end(method === "POST" ? JSON.stringify(Fault.status(503)) : undefined)
        })
      for (const path of ["/", "/docs", "/emulator/requests", "/emulator/events"]) {
        for (const site of ["cross-site", "same-site"]) {
          assert.strictEqual(yield* ask("GET", path, site, "no-cors", "script"), 404)
          assert.strictEqual(yield* ask("GET", path, site, "navigate", "iframe"), 404)
          assert.strictEqual(yield* ask("GET", path, site, "navigate", "document"), 200)
        }
        assert.strictEqual(yield* ask("GET", path, "same-origin", "cors", "empty"), 200)
        assert.strictEqual(yield* ask("GET", path, "none", "navigate", "document"), 200)
      }
      // Post a fault as a form on a page of another origin does.
      for (const origin of [undefined, "null", "https://a.example"]) {
        assert.strictEqual(
          yield* ask("POST", "/emulator/faults", "cross-site", "navigate", "document", origin),
          404,
          origin
        )
      }
    })
  )
})
