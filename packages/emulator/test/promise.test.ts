import { inspect } from "node:util"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import {
  CannotListen,
  type Emulator,
  type FailOptions,
  type FaultName,
  InvalidArgument,
  type Options,
  startEmulator,
  UnknownWebhook
} from "../src/promise.js"

const keys = ({ credentials }: Emulator) => ({
  "x-api-key": credentials.apiKey,
  "x-api-secret": credentials.apiSecret
})

const webhooks = "/workspaces/1/projects/1/webhooks"

/** Calls an operation without a socket. */
const call = (emulator: Emulator, method: string, path: string, body?: unknown): Promise<Response> =>
  emulator.fetch(`${emulator.baseUrl}${path}`, {
    method,
    headers: keys(emulator),
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })

const create = async (emulator: Emulator): Promise<{ readonly id: number; readonly data: string }> => {
  const { webhook } = await (await call(emulator, "POST", webhooks, { name: "orders", mode: "combine" })).json()
  return { id: webhook.id, data: `/webhooks/data/${webhook.uri.split("/").at(-1)}` }
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => assert.fail("the promise was not rejected"),
    (error: unknown) => error
  )

const thrown = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return assert.fail("nothing was thrown")
}

const codeOf = (error: unknown): unknown =>
  error instanceof TypeError && error.cause instanceof Error && "code" in error.cause ? error.cause.code : error

/** Passes a value of any type, as a program without types can do. */
const untyped = (given: object): never => given as never

const forms: Readonly<Record<string, Options>> = { "on a socket": {}, "in process": { listen: false } }

for (const [where, form] of Object.entries(forms)) {
  describe(`an emulator from startEmulator ${where}`, () => {
    it("returns rows and requests as plain data", async () => {
      await using emulator = await startEmulator({ ...form, seed: "plain" })
      const { data, id } = await create(emulator)
      await call(emulator, "POST", data, { order: 1, tags: ["a"] })
      assert.deepStrictEqual(emulator.rows(id), [{ order: 1, tags: ["a"] }])
      assert.deepStrictEqual(emulator.rows({ id }), [{ order: 1, tags: ["a"] }])
      const [, pushed] = emulator.requests
      assert.deepStrictEqual(pushed, {
        index: 1,
        operation: "addData",
        method: "POST",
        url: `/api/v2${data}`,
        headers: [
          ["host", new URL(emulator.baseUrl).host],
          ["content-type", "text/plain;charset=UTF-8"],
          ["x-api-key", "emulator-key"],
          ["x-api-secret", "emulator-secret"]
        ],
        body: `{"order":1,"tags":["a"]}`,
        status: 201,
        fault: undefined
      })
    })

    it("returns its keys as credentials and as environment variables", async () => {
      await using emulator = await startEmulator({ ...form, apiKey: "k", apiSecret: "s" })
      assert.deepStrictEqual(emulator.credentials, { apiKey: "k", apiSecret: "s" })
      assert.deepStrictEqual(emulator.env, {
        MAMMOTH_BASE_URL: emulator.baseUrl,
        MAMMOTHANALYTICS_API_KEY: "k",
        MAMMOTHANALYTICS_API_SECRET: "s"
      })
      assert.strictEqual((await call(emulator, "GET", webhooks)).status, 200)
      assert.strictEqual((await emulator.fetch(`${emulator.baseUrl}${webhooks}`)).status, 401)
    })

    it("shows no keys when it is logged", async () => {
      await using emulator = await startEmulator({ ...form, apiKey: "key-of-a-test", apiSecret: "secret-of-a-test" })
      await call(emulator, "GET", webhooks)
      assert.notMatch(`${inspect(emulator, { depth: 9 })}${JSON.stringify(emulator)}`, /-of-a-test/)
    })

    it("removes webhooks, requests and faults on reset, and uses new ids afterwards", async () => {
      await using emulator = await startEmulator({ ...form, listLag: 0 })
      const before = await create(emulator)
      emulator.fail({ status: 503, times: "every" })
      emulator.reset()
      assert.deepStrictEqual(emulator.requests, [])
      assert.instanceOf(
        thrown(() => emulator.rows(before)),
        UnknownWebhook
      )
      assert.strictEqual((await call(emulator, "POST", before.data, { order: 1 })).status, 404)
      assert.deepStrictEqual((await (await call(emulator, "GET", webhooks)).json()).webhooks, [])
      const after = await create(emulator)
      assert.isAbove(after.id, before.id)
      assert.deepStrictEqual(
        emulator.requests.map(({ index }) => index),
        [1, 2, 3]
      )
    })

    it("removes only the requests on clearRequests, and only the faults on clearFaults", async () => {
      await using emulator = await startEmulator(form)
      const { id } = await create(emulator)
      emulator.fail({ status: 503, times: "every" })
      assert.strictEqual((await call(emulator, "GET", webhooks)).status, 503)
      emulator.clearRequests()
      assert.deepStrictEqual(emulator.requests, [])
      assert.strictEqual((await call(emulator, "GET", webhooks)).status, 503)
      emulator.clearFaults()
      assert.strictEqual((await call(emulator, "GET", webhooks)).status, 200)
      assert.deepStrictEqual(emulator.rows(id), [])
      assert.lengthOf(emulator.requests, 2)
    })

    it("can be closed twice, and still returns rows afterwards", async () => {
      const emulator = await startEmulator(form)
      const { data, id } = await create(emulator)
      await call(emulator, "POST", data, { order: 1 })
      await Promise.all([emulator.close(), emulator.close()])
      await emulator.close()
      assert.strictEqual(codeOf(await rejection(call(emulator, "GET", webhooks))), "ECONNREFUSED")
      assert.deepStrictEqual(emulator.rows(id), [{ order: 1 }])
    })

    it("is closed by await using", async () => {
      const left = await (async () => {
        await using emulator = await startEmulator(form)
        return emulator
      })()
      assert.strictEqual(codeOf(await rejection(call(left, "GET", webhooks))), "ECONNREFUSED")
    })
  })
}

describe("startEmulator", () => {
  it("serves the same rows through its port and its fetch", async () => {
    await using emulator = await startEmulator()
    const { data, id } = await create(emulator)
    const url = `${emulator.baseUrl}${data}`
    const response = await fetch(url, { method: "POST", headers: keys(emulator), body: `{"order":2}` })
    assert.strictEqual(response.status, 201)
    assert.deepStrictEqual(emulator.rows(id), [{ order: 2 }])
    await emulator.close()
    assert.strictEqual(codeOf(await rejection(fetch(url))), "ECONNREFUSED")
  })

  it("writes a row although the response on the socket is lost", async () => {
    await using emulator = await startEmulator()
    const { data, id } = await create(emulator)
    emulator.fail({ operation: "addData", fault: "lostResponse" })
    const sent = fetch(`${emulator.baseUrl}${data}`, { method: "POST", headers: keys(emulator), body: `{"order":1}` })
    // Accept two codes, because fetch may see the reset or the closed socket first.
    assert.include(["ECONNRESET", "UND_ERR_SOCKET"], codeOf(await rejection(sent)))
    assert.deepStrictEqual(emulator.rows(id), [{ order: 1 }])
  })

  it("serves the page from its file", async () => {
    await using emulator = await startEmulator()
    assert.match(await (await fetch(new URL(emulator.baseUrl).origin)).text(), /<title>/)
  })

  it("rejects with the caller's stack if the port is taken", async () => {
    await using emulator = await startEmulator()
    const port = Number(new URL(emulator.baseUrl).port)
    const error = await rejection(startEmulator({ port }))
    assert.instanceOf(error, CannotListen)
    assert.strictEqual(error._tag, "MammothCannotListen")
    assert.strictEqual(
      error.message,
      `Cannot listen on 127.0.0.1:${port}: the port is taken by another process (EADDRINUSE)`
    )
    assert.match(error.stack ?? "", /^MammothCannotListen: Cannot listen.+\n.+promise\.test\.ts/)
  })

  const refused: ReadonlyArray<readonly [options: object | null, reason: string | RegExp]> = [
    [{ prot: 1 }, /^unknown option "prot"; the options are listen, host, port, allowedHosts, apiKey, .*seed$/],
    [{ list_lag: 1 }, /^unknown option "list_lag" \(did you mean listLag\?\); the options are listen/],
    [{ port: "4010" }, "port: expected an integer from 0 to 65535, received a string of 4 characters"],
    [{ port: 65_536 }, "port: expected an integer from 0 to 65535, received a positive integer"],
    [{ listLag: "1 second" }, "listLag: expected an integer of 0 or more, received a string of 8 characters"],
    [{ bodyLimit: 1e9 }, "bodyLimit: expected an integer from 0 to 67108864, received a positive integer"],
    [{ allowedHosts: "emulator" }, /^allowedHosts: expected /],
    [{ listen: false, port: 4010 }, "leave out port, because with listen: false, the emulator opens no port"],
    [null, "expected an object of options, received null"]
  ]
  it.each(refused)("refuses the options %o", async (options, reason) => {
    const error = await rejection(startEmulator(options as never))
    assert.instanceOf(error, InvalidArgument)
    assert.strictEqual(error._tag, "MammothInvalidArgument")
    if (typeof reason === "string") assert.strictEqual(error.message, `startEmulator: ${reason}`)
    else assert.match(error.reason, reason)
    assert.match(error.stack ?? "", /^MammothInvalidArgument: startEmulator: .+\n.+promise\.test\.ts/)
  })

  it("uses the default of an option that is undefined", async () => {
    await using emulator = await startEmulator({ listen: false, port: undefined, seed: undefined })
    assert.strictEqual(emulator.baseUrl, "http://emulator.localhost/api/v2")
  })
})

describe("fail", () => {
  /** A fault, with the expected result of a push, the number of written rows, and the fault's name in the record. */
  interface Case {
    readonly fault: FailOptions
    readonly shows: string
    readonly rows: number
    readonly name: FaultName
  }
  const json = "application/json"
  const cases: ReadonlyArray<Case> = [
    { fault: { status: 503 }, shows: "503 null ", rows: 0, name: "status" },
    { fault: { status: 503, acts: true }, shows: "503 null ", rows: 1, name: "status" },
    { fault: { fault: "status", status: 200, body: "{}" }, shows: "200 null {}", rows: 1, name: "status" },
    {
      fault: { status: 429, headers: { "content-type": "text/plain" }, body: "slow" },
      shows: "429 text/plain slow",
      rows: 0,
      name: "status"
    },
    { fault: { fault: "lostResponse" }, shows: "ECONNRESET", rows: 1, name: "reset" },
    { fault: { fault: "reset" }, shows: "ECONNRESET", rows: 0, name: "reset" },
    { fault: { fault: "reset", acts: true, stage: "start" }, shows: "ECONNRESET", rows: 1, name: "reset" },
    { fault: { fault: "reset", stage: "headers" }, shows: `201 ${json} ECONNRESET`, rows: 1, name: "reset" },
    { fault: { fault: "stall" }, shows: "TimeoutError", rows: 0, name: "stall" },
    { fault: { fault: "stall", stage: "body" }, shows: `201 ${json} TimeoutError`, rows: 1, name: "stall" },
    { fault: { fault: "truncated" }, shows: `201 ${json} UND_ERR_SOCKET`, rows: 1, name: "truncated" },
    { fault: { fault: "wrongJson" }, shows: `201 ${json} {"unexpected":[true]}`, rows: 1, name: "wrongJson" },
    { fault: { fault: "gzipLie" }, shows: `201 ${json} Z_DATA_ERROR`, rows: 1, name: "gzipLie" }
  ]
  const begins: ReadonlyArray<Case> = [
    { fault: { delayAfter: 5 }, shows: `201 ${json} {`, rows: 1, name: "delay" },
    { fault: { fault: "delay", delayBefore: 5 }, shows: `201 ${json} {`, rows: 1, name: "delay" },
    { fault: { fault: "cutJson" }, shows: `201 ${json} {`, rows: 1, name: "cutJson" },
    { fault: { fault: "html", status: 502 }, shows: "502 text/html; charset=utf-8 <!doctype", rows: 0, name: "html" },
    { fault: { fault: "html" }, shows: "201 text/html; charset=utf-8 <!doctype", rows: 1, name: "html" },
    {
      fault: { fault: "contentType", contentType: "text/plain" },
      shows: "201 text/plain {",
      rows: 1,
      name: "contentType"
    }
  ]

  /** Returns the status, content type and body of a response, or the name or code of the error that ended it. */
  const show = async (emulator: Emulator, path: string, patience: number): Promise<string> => {
    const ended = (error: unknown): string => {
      if (error instanceof DOMException) return error.name
      const code = codeOf(error)
      return String(code instanceof Error && "code" in code ? code.code : code)
    }
    const sent = emulator.fetch(`${emulator.baseUrl}${path}`, {
      method: "POST",
      headers: keys(emulator),
      body: "{}",
      signal: AbortSignal.timeout(patience)
    })
    return sent.then(
      async (response) =>
        `${response.status} ${response.headers.get("content-type")} ${await response.text().catch(ended)}`,
      ended
    )
  }

  it.each([...cases, ...begins])("shows the fault $fault", async ({ fault, name, rows, shows }) => {
    await using emulator = await startEmulator({ listen: false })
    const { data, id } = await create(emulator)
    emulator.fail({ operation: "addData", ...fault })
    const text = await show(emulator, data, name === "stall" ? 200 : 10_000)
    if (cases.some((each) => each.fault === fault)) assert.strictEqual(text, shows)
    else assert.strictEqual(text.slice(0, shows.length), shows)
    assert.lengthOf(emulator.rows(id), rows)
    assert.strictEqual(emulator.requests.at(-1)?.fault, name)
    assert.strictEqual((await call(emulator, "POST", data, {})).status, 201)
  })

  it("supports exactly the faults that this file tests", async () => {
    await using emulator = await startEmulator({ listen: false })
    const { message } = thrown(() => emulator.fail(untyped({}))) as Error
    const known = message.replace(/^.*the faults are /, "").split(", ")
    const tried = [...cases, ...begins].map(({ fault, name }) => ("fault" in fault ? fault.fault : name))
    assert.sameMembers([...new Set<string | undefined>(tried)], known)
  })

  it("waits for delayBefore before the operation acts, and for delayAfter before it responds", async () => {
    await using emulator = await startEmulator({ listen: false })
    const { data, id } = await create(emulator)
    emulator.fail({ delayBefore: 60 })
    const before = call(emulator, "POST", data, { n: 1 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.deepStrictEqual(emulator.rows(id), [])
    assert.strictEqual((await before).status, 201)
    emulator.fail({ delayAfter: 60 })
    const after = call(emulator, "POST", data, { n: 2 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.deepStrictEqual(emulator.rows(id), [{ n: 1 }, { n: 2 }])
    assert.isUndefined(emulator.requests.at(-1)?.status)
    assert.strictEqual((await after).status, 201)
  })

  it("applies a fault only to the named operation, and to the number of requests in the option `times`", async () => {
    await using emulator = await startEmulator({ listen: false })
    const { data } = await create(emulator)
    emulator.fail({ operation: "addData", status: 503, times: 2 })
    emulator.fail({ status: 500 })
    const list = () => call(emulator, "GET", webhooks)
    const push = () => call(emulator, "POST", data, {})
    const statuses = []
    for (const send of [push, list, list, push, push]) statuses.push((await send()).status)
    assert.deepStrictEqual(statuses, [503, 500, 200, 503, 201])
  })

  const refused: ReadonlyArray<readonly [fault: object, reason: string | RegExp]> = [
    [
      {},
      /^give at least one of the options fault, status, delayBefore and delayAfter; the faults are status, lostResponse, reset, stall, delay, .*gzipLie$/
    ],
    [{ fault: "lost" }, /^unknown fault "lost"; the faults are status, lostResponse, /],
    [{ fault: "cutJSON" }, /^unknown fault "cutJSON" \(did you mean cutJson\?\); the faults are status/],
    [{ fault: "toString" }, /^unknown fault "toString"/],
    [{ fault: 7 }, /^fault: expected a name, received a positive integer; the faults are/],
    [
      { fault: "reset", stag: "body" },
      `unknown option "stag" (did you mean stage?); the options of the fault reset are fault, operation, times, acts, delayBefore, delayAfter, stage`
    ],
    [{ fault: "lostResponse", acts: false }, /^unknown option "acts"; the options of the fault lostResponse are /],
    [{ fault: "delay" }, "the fault delay needs delayBefore, delayAfter or both"],
    [{ status: 99 }, "status: expected a status from 200 to 999, received a smaller number"],
    [{ status: 503, operation: "push" }, /^operation: expected .*"addData".*, received a string of 4 characters$/],
    [{ status: 503, times: 0 }, /^times: expected .*received zero$/],
    [
      { status: 503, delayAfter: "2s" },
      "delayAfter: expected a time in milliseconds, received a string of 2 characters"
    ],
    [{ fault: "stall", stage: "end" }, /^stage: expected "start" or "headers" or "body", received a string/],
    [{ fault: "contentType" }, "contentType: expected a string, received nothing"]
  ]
  it.each(refused)("refuses the fault %o", async (fault, reason) => {
    await using emulator = await startEmulator({ listen: false })
    const error = thrown(() => emulator.fail(untyped(fault)))
    assert.instanceOf(error, InvalidArgument)
    if (typeof reason === "string") assert.strictEqual(error.message, `fail: ${reason}`)
    else assert.match(error.reason, reason)
    assert.match(error.stack ?? "", /^MammothInvalidArgument: fail: .+\n.+promise\.test\.ts/)
    assert.strictEqual((await call(emulator, "GET", webhooks)).status, 200)
  })

  it("has a type that accepts only the options of the named fault", () => {
    expectTypeOf<{ fault: "lostResponse"; operation: "addData" }>().toExtend<FailOptions>()
    expectTypeOf<{ status: number; times: "every" }>().toExtend<FailOptions>()
    expectTypeOf<{ delayAfter: number }>().toExtend<FailOptions>()
    expectTypeOf<{ fault: "delay" }>().not.toExtend<FailOptions>()
    expectTypeOf<{ fault: "contentType" }>().not.toExtend<FailOptions>()
    expectTypeOf<{ fault: "reset"; stage: "end" }>().not.toExtend<FailOptions>()
    expectTypeOf<{ fault: "lost" }>().not.toExtend<FailOptions>()
    expectTypeOf<{ operation: "addData" }>().not.toExtend<FailOptions>()
  })
})

describe("rows", () => {
  it("throws UnknownWebhook with the caller's stack if the webhook does not exist", async () => {
    await using emulator = await startEmulator({ listen: false })
    const error = thrown(() => emulator.rows(8))
    assert.instanceOf(error, UnknownWebhook)
    assert.strictEqual(error._tag, "MammothUnknownWebhook")
    assert.match(error.stack ?? "", /^MammothUnknownWebhook: The emulator has no webhook 8\n.+promise\.test\.ts/)
  })

  it("throws InvalidArgument for a value that is not a webhook or an id", async () => {
    await using emulator = await startEmulator({ listen: false })
    const error = thrown(() => emulator.rows(untyped({ name: "orders" })))
    assert.instanceOf(error, InvalidArgument)
    assert.strictEqual(error.message, "rows: expected a webhook or its id, received an object")
  })
})

describe("fetch without a socket", () => {
  it("accepts URLs, requests and bodies as the global fetch does", async () => {
    await using emulator = await startEmulator({ listen: false })
    const { data, id } = await create(emulator)
    const url = new URL(`${emulator.baseUrl}${data}`)
    const init = { method: "POST", headers: keys(emulator) }
    const bytes = new TextEncoder().encode(`{"n":2}`)
    const stream = new Blob([`{"n":3}`]).stream()
    assert.strictEqual((await emulator.fetch(url, { ...init, body: `{"n":1}` })).status, 201)
    assert.strictEqual((await emulator.fetch(new Request(url, { ...init, body: bytes }))).status, 201)
    const half = { ...init, body: stream, duplex: "half" }
    assert.strictEqual((await emulator.fetch(url, half)).status, 201)
    assert.deepStrictEqual(emulator.rows(id), [{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  it("rejects with a TypeError and sends nothing if the request is invalid", async () => {
    await using emulator = await startEmulator({ listen: false })
    assert.instanceOf(await rejection(emulator.fetch("no address")), TypeError)
    assert.instanceOf(await rejection(emulator.fetch(emulator.baseUrl, { body: "{}" })), TypeError)
    assert.deepStrictEqual(emulator.requests, [])
  })

  it("rejects with ECONNREFUSED for another origin", async () => {
    await using emulator = await startEmulator({ listen: false })
    assert.strictEqual(codeOf(await rejection(emulator.fetch("https://app.mammoth.io/api/v2"))), "ECONNREFUSED")
  })

  it("rejects with the reason of its signal, both before sending and while waiting", async () => {
    await using emulator = await startEmulator({ listen: false })
    const url = `${emulator.baseUrl}${webhooks}`
    const reason = new Error("enough")
    const signal = AbortSignal.abort(reason)
    assert.strictEqual(await rejection(emulator.fetch(url, { signal })), reason)
    assert.strictEqual(await rejection(emulator.fetch(new Request(url, { signal }))), reason)
    assert.deepStrictEqual(emulator.requests, [])
    emulator.fail({ fault: "stall" })
    const abort = new AbortController()
    const stalled = rejection(emulator.fetch(url, { signal: abort.signal }))
    await new Promise((resolve) => setTimeout(resolve, 20))
    abort.abort(reason)
    assert.strictEqual(await stalled, reason)
    assert.lengthOf(emulator.requests, 1)
  })

  it("rejects the read of a stalled body when its signal aborts or the emulator closes", async () => {
    const emulator = await startEmulator({ listen: false })
    const url = `${emulator.baseUrl}${webhooks}`
    const reason = new Error("enough")
    const abort = new AbortController()
    emulator.fail({ fault: "stall", stage: "headers", times: 2 })
    const cut = await emulator.fetch(url, { headers: keys(emulator), signal: abort.signal })
    const open = await emulator.fetch(url, { headers: keys(emulator) })
    abort.abort(reason)
    assert.strictEqual(await rejection(cut.text()), reason)
    const read = rejection(open.text())
    await emulator.close()
    assert.include(await read, { code: "UND_ERR_SOCKET" })
  })
})
