import * as Http from "node:http"
import { assert, describe, it, layer } from "@effect/vitest"
import { Operations } from "@mammoth-effect/core"
import { Context, Effect, Exit, Layer, Redacted, Scope } from "effect"
import { type Browser, chromiumPath, launch, type Page } from "../../../browser.shared.js"
import { Emulator, Fault } from "../src/index.js"
import { call, create, inProject, json } from "./support.js"

/** Returns the emulator with a base URL outside the API, so that calls reach the routes outside the API. */
const beside = (emulator: Emulator.Service) => ({ ...emulator, baseUrl: new URL(emulator.baseUrl).origin })

describe("the routes outside the API", () => {
  it.scoped("serve the page and the API reference to this machine, but not to pages of other origins", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      for (const path of ["/", "/docs"]) {
        const answer = yield* call(beside(emulator), "GET", path, { headers: {} })
        assert.strictEqual(answer.status, 200)
        assert.match(answer.headers.get("content-type") ?? "", /^text\/html/)
        assert.include(answer.headers.get("content-security-policy"), "default-src 'self'")
        const foreign = yield* call(beside(emulator), "GET", path, { headers: { origin: "https://a.example" } })
        assert.strictEqual(foreign.status, 404)
      }
      assert.strictEqual((yield* call(beside(emulator), "GET", "/favicon.ico", { headers: {} })).status, 204)
      assert.deepStrictEqual(yield* emulator.requests, [])
    })
  )

  it.scoped("return a single request by its index, and the last rows of a webhook", () =>
    Effect.gen(function* () {
      const emulator = yield* Emulator.make()
      const { data, id } = yield* create(emulator, 1, { mode: "combine" })
      for (const n of [1, 2, 3]) yield* call(emulator, "POST", data, { body: { n } })
      const get = (path: string) => call(beside(emulator), "GET", `/emulator${path}`, { headers: {} })
      const [, second] = yield* emulator.requests
      assert.deepStrictEqual(json(yield* get("/requests/1")), JSON.parse(JSON.stringify(second)))
      assert.strictEqual((yield* get("/requests/4")).status, 404)
      assert.strictEqual((yield* get("/requests/x")).status, 404)
      assert.deepStrictEqual(json(yield* get(`/webhooks/${id}/rows?last=2`)), [{ n: 2 }, { n: 3 }])
      assert.strictEqual(json(yield* get(`/webhooks/${id}/rows?last=9`)).length, 3)
      yield* emulator.clearRequests
      assert.strictEqual((yield* get("/requests/1")).status, 404)
    })
  )

  it.effect("close the stream of events when the emulator ends", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const emulator = yield* Scope.extend(Emulator.make(), scope)
      const reader = yield* Effect.promise(async () => {
        const response = await fetch(`${beside(emulator).baseUrl}/emulator/events`)
        assert.strictEqual(response.headers.get("content-type"), "text/event-stream")
        return response.body?.getReader()
      })
      const first = yield* Effect.promise(async () => new TextDecoder().decode((await reader?.read())?.value))
      assert.strictEqual(JSON.parse(first.replace(/^data: /, "")).baseUrl, emulator.baseUrl)
      yield* Scope.close(scope, Exit.void)
      const end = yield* Effect.promise(async () =>
        reader?.read().then(
          () => "more",
          () => "closed"
        )
      )
      assert.strictEqual(end, "closed")
    })
  )
})

class Chromium extends Context.Tag("test/Chromium")<Chromium, Browser>() {
  static readonly layer = Layer.scoped(
    Chromium,
    Effect.acquireRelease(Effect.promise(launch), (browser) => Effect.promise(() => browser.close()))
  )
}

const widths = { desktop: 1280, phone: 390 } as const

interface Look {
  readonly width?: number
  readonly colorScheme?: "light" | "dark"
  readonly path?: string
}

/** Opens a page of the emulator, and collects the page's errors and its requests to other servers. */
const open = (emulator: Emulator.Service, { colorScheme = "light", path = "/", width = widths.desktop }: Look = {}) =>
  Effect.gen(function* () {
    const browser = yield* Chromium
    const page = yield* Effect.acquireRelease(
      Effect.promise(() => browser.newPage({ colorScheme, viewport: { width, height: 800 } })),
      (page) => Effect.promise(() => page.close())
    )
    const { origin } = new URL(emulator.baseUrl)
    const elsewhere: Array<string> = []
    const faults: Array<string> = []
    page.setDefaultTimeout(10_000)
    page.on("request", (request) => {
      if (!request.url().startsWith(origin) && !request.url().startsWith("data:")) elsewhere.push(request.url())
    })
    page.on("pageerror", (error) => faults.push(String(error)))
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text())
    })
    yield* Effect.promise(() => page.goto(`${origin}${path}`))
    return { page, elsewhere, faults }
  })

const sees = (page: Page, text: string | RegExp, within = "body") =>
  Effect.promise(() => page.locator(within).getByText(text).first().waitFor())

const press = (page: Page, name: string | RegExp) =>
  Effect.promise(() => page.getByRole("button", { name, exact: true }).first().click())

/** Returns one line for each request that the page lists. The newest request is first. */
const requests = (page: Page) =>
  Effect.promise(() =>
    page.locator("#requests summary").evaluateAll((all) =>
      all.map((summary) =>
        ["b", ".chip:not([hidden])", ".attempt", ".status"]
          .map((part) => summary.querySelector(part)?.textContent ?? "")
          .filter((text) => text !== "")
          .join(" ")
      )
    )
  )

describe.skipIf(chromiumPath === undefined)("the page in a browser", () => {
  layer(Chromium.layer)((it) => {
    it.scoped("shows new webhooks and rows without a reload", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make()
        const { elsewhere, faults, page } = yield* open(emulator)
        yield* sees(page, "No webhooks yet")
        yield* sees(page, "Live", "#live")
        const { data } = yield* create(emulator, 7, { name: "orders", mode: "combine" })
        yield* sees(page, "workspace 1 · project 7 · id 1")
        yield* sees(page, "No rows yet.")
        yield* call(emulator, "POST", data, { body: { order: 17, customer: "Ada", items: ["cup"] } })
        yield* sees(page, "1 row", "#webhooks")
        yield* sees(page, "Ada", "#rows")
        yield* call(emulator, "POST", data, { body: { order: 18, note: "later" } })
        yield* sees(page, "later", "#rows")
        const table = yield* Effect.promise(() => page.locator("#rows tr").allInnerTexts())
        assert.deepStrictEqual(
          table.map((row) => row.split("\t").map((text) => text.trim())),
          [
            ["Position", "order", "customer", "items", "note"],
            ["2", "18", "", "", "later"],
            ["1", "17", "Ada", `["cup"]`, ""]
          ]
        )
        yield* call(emulator, "DELETE", inProject(7, "/1"))
        yield* sees(page, "No webhooks yet")
        assert.deepStrictEqual([elsewhere, faults], [[], []])
      })
    )

    it.scoped("shows each request with its status, its fault and the number of its attempt", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make()
        const { page } = yield* open(emulator)
        const { data } = yield* create(emulator, 1)
        yield* emulator.inject(Fault.status(503, { operation: "addData", times: 2 }))
        for (let i = 0; i < 4; i++) yield* call(emulator, "POST", data, { body: { order: 17 } })
        yield* call(emulator, "POST", data, { body: { order: 18 }, headers: {} })
        yield* sees(page, "401", "#requests")
        assert.deepStrictEqual(yield* requests(page), [
          "addData 1 401",
          "addData 1 201",
          "addData 3 201",
          "addData fault: a status 2 503",
          "addData fault: a status 1 503",
          "create 1 201"
        ])
        yield* press(page, "Clear")
        yield* sees(page, "No requests yet. New requests appear here immediately.")
        assert.deepStrictEqual(yield* emulator.requests, [])
      })
    )

    it.scoped("adds the fault that its form describes, and removes all faults", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make()
        const { page } = yield* open(emulator)
        yield* sees(page, "Live", "#live")
        const listed = call(emulator, "GET", inProject(1))
        const list = Effect.map(listed, (answer) => answer.status)
        yield* Effect.promise(async () => {
          await page.getByRole("spinbutton", { name: "Status" }).fill("429")
          await page.getByRole("spinbutton", { name: "Retry-After, s" }).fill("3")
          await page.getByLabel("Operation").selectOption("list")
          await page.getByLabel("How often").selectOption("2")
          assert.isFalse(await page.getByLabel("Sent before the fault").isVisible())
        })
        yield* press(page, "Arm fault")
        yield* sees(page, "list: status 429, Retry-After: 3", "#faults")
        yield* sees(page, "2 more requests", "#faults")
        assert.strictEqual((yield* call(emulator, "POST", inProject(1), { body: {} })).status, 201)
        const refused = yield* listed
        assert.deepStrictEqual([refused.status, refused.headers.get("retry-after")], [429, "3"])
        yield* sees(page, "1 more request", "#faults")
        yield* Effect.promise(async () => {
          await page.getByLabel("What the caller sees").selectOption("Stall")
          await page.getByLabel("Sent before the fault").selectOption("headers")
          await page.getByLabel("Operation").selectOption("")
          await page.getByLabel("How often").selectOption("every")
          await page.getByLabel("Delay, ms").fill("20")
        })
        yield* press(page, "Arm fault")
        yield* sees(page, "Any operation: stalled response, after its headers, 20 ms late", "#faults")
        assert.strictEqual(yield* list, 429)
        yield* press(page, "Disarm all")
        yield* Effect.promise(() => page.locator("#faults li").first().waitFor({ state: "detached" }))
        assert.strictEqual(yield* list, 200)
      })
    )

    it.scoped("contains a key or a secret only while the user shows it", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make({ apiKey: "sesame-key", apiSecret: "sesame-secret" })
        const { page } = yield* open(emulator)
        const { data, secret } = yield* create(emulator, 1, { is_secure: true })
        const key: string = data.split("/").at(-1)
        yield* call(emulator, "POST", data, {
          headers: { "x-api-key": "sesame-key", "x-api-secret": "sesame-secret", authorization: secret },
          body: { order: 17 }
        })
        yield* sees(page, "1 row", "#webhooks")
        yield* Effect.promise(() => page.locator("#requests summary").first().click())
        yield* sees(page, "authorization", "#requests")
        const shown = Effect.map(
          Effect.promise(() => page.content()),
          (content) => ["sesame-key", "sesame-secret", key, secret].filter((text) => content.includes(text))
        )
        assert.deepStrictEqual(yield* shown, [])
        yield* press(page, "Show API key")
        assert.deepStrictEqual(yield* shown, ["sesame-key"])
        yield* press(page, "Hide API key")
        yield* press(page, "Show the webhook's address")
        assert.deepStrictEqual(yield* shown, [key])
        yield* press(page, "Hide the webhook's address")
        yield* press(page, "Show authorization")
        assert.deepStrictEqual(yield* shown, [secret])
      })
    )

    it.scoped("shows names and rows as text, even if they contain markup", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make()
        const { faults, page } = yield* open(emulator)
        const name = `<img src=x onerror="document.title='taken'">`
        const { data } = yield* create(emulator, 1, { name })
        yield* call(emulator, "POST", data, { body: { [name]: name } })
        yield* Effect.promise(() => page.locator("#rows td", { hasText: name }).waitFor())
        yield* Effect.promise(() => page.locator("#webhooks .name", { hasText: name }).waitFor())
        assert.strictEqual(yield* Effect.promise(() => page.title()), "Mammoth webhooks emulator")
        assert.deepStrictEqual(faults, [])
      })
    )

    it.scoped("is refused under a host name that DNS rebinding points to this machine", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make({ apiKey: "sesame-key" })
        const { page } = yield* open(emulator)
        const { port } = new URL(emulator.baseUrl)
        const response = yield* Effect.promise(() => page.goto(`http://rebound.example:${port}/`))
        assert.strictEqual(response?.status(), 403)
        const read = yield* Effect.promise(() =>
          page.evaluate(async () => (await fetch("/emulator/events")).text().catch(String))
        )
        assert.include(read, "does not serve")
        assert.notInclude(read, "sesame-key")
        yield* Effect.promise(() => page.goto(`http://emulator.localhost:${port}/`))
        yield* sees(page, "Live", "#live")
      })
    )

    it.scoped("opens from a link on another page, even if the server refuses that page's pushes", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make({ openData: true })
        const { origin } = new URL(emulator.baseUrl)
        const restricted = yield* create(emulator, 1, { origins: "https://shop.example" })
        const unrestricted = yield* create(emulator, 1)
        const images = [restricted, unrestricted].map(({ data }) => `<img src="${emulator.baseUrl}${data}?n=1">`)
        const other = yield* Effect.acquireRelease(
          Effect.async<Http.Server>((resume) => {
            const server = Http.createServer((_, response) => {
              response.setHeader("content-type", "text/html")
              response.end(
                `${images.join("")}<script src="${origin}/emulator/requests"></script><a href="${origin}/">it</a>`
              )
            })
            server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
          }),
          (server) => Effect.sync(() => server.close())
        )
        const address = other.address()
        const port = typeof address === "object" ? address?.port : undefined
        const { page } = yield* open(emulator)
        for (const host of ["other.example", "127.0.0.1"]) {
          yield* emulator.clearRequests
          yield* Effect.promise(() => page.goto(`http://${host}:${port}/`, { waitUntil: "load" }))
          const pushes = Effect.map(emulator.requests, (requests) => requests.map((request) => request.status))
          assert.sameMembers([...(yield* pushes)], [403, 200], host)
          assert.deepStrictEqual(yield* emulator.rows(restricted.id), [])
          yield* Effect.promise(() => page.getByRole("link").click())
          yield* sees(page, "Live", "#live")
        }
      })
    )

    it.scoped("fits the width of a desktop and a phone, in the light and the dark scheme", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make()
        const { data } = yield* create(emulator, 1, {
          name: "a name that is rather longer than any telephone is wide",
          origins: "https://shop.example, https://a-rather-long-host-name.shop.example"
        })
        yield* call(emulator, "POST", data, {
          body: Object.fromEntries("abcdefghijklmnop".split("").map((c) => [c, c]))
        })
        for (const width of Object.values(widths)) {
          const grounds: Array<string> = []
          for (const colorScheme of ["light", "dark"] as const) {
            const { page } = yield* open(emulator, { colorScheme, width })
            yield* sees(page, "1 row", "#webhooks")
            yield* Effect.promise(() => page.locator("#rows td").first().waitFor())
            const { ground, wide } = yield* Effect.promise(() =>
              page.evaluate(() => ({
                ground: getComputedStyle(document.body).backgroundColor,
                wide: document.documentElement.scrollWidth
              }))
            )
            assert.strictEqual(wide, width)
            grounds.push(ground)
          }
          assert.notStrictEqual(grounds[0], grounds[1])
        }
      })
    )

    it.scoped("says that the connection is lost when the emulator ends", () =>
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const emulator = yield* Scope.extend(Emulator.make(), scope)
        const { page } = yield* open(emulator)
        yield* sees(page, "Live", "#live")
        yield* Scope.close(scope, Exit.void)
        yield* sees(page, "Connection lost, retrying", "#live")
      })
    )

    it.scoped("links to the API reference, which calls only the emulator", () =>
      Effect.gen(function* () {
        const emulator = yield* Emulator.make()
        const { elsewhere, faults, page } = yield* open(emulator)
        yield* Effect.promise(() => page.getByRole("link", { name: "API reference" }).click())
        for (const { summary } of Object.values(Operations)) yield* sees(page, summary)
        const ground = (colorScheme: "light" | "dark") =>
          Effect.promise(async () => {
            await page.emulateMedia({ colorScheme })
            return page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
          })
        assert.notStrictEqual(yield* ground("dark"), yield* ground("light"))
        yield* Effect.promise(async () => {
          await page.getByRole("button", { name: "Authorize" }).click()
          const inputs = page.locator(".auth-container input")
          await inputs.nth(0).fill(Redacted.value(emulator.apiKey))
          await inputs.nth(1).fill(Redacted.value(emulator.apiSecret))
          const submit = page.locator(".auth-btn-wrapper .authorize")
          while ((await submit.count()) > 0) await submit.first().click()
          await page.locator(".btn-done").first().click()
          await page.getByText(Operations.list.summary).click()
          await page.getByRole("button", { name: "Try it out" }).click()
          await page.getByPlaceholder("workspace_id").fill("1")
          await page.getByPlaceholder("project_id").fill("1")
          await page.getByRole("button", { name: "Execute" }).click()
          await page.locator(".live-responses-table").waitFor()
        })
        const [seen] = yield* emulator.requests
        assert.deepInclude(seen, { operation: "list", status: 200 })
        assert.deepStrictEqual([elsewhere, faults], [[], []])
      })
    )
  })
})
