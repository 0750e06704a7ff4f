/**
 * Tests the error messages for typical mistakes in plain JavaScript. Each mistake is an expression of a program without
 * types. No mistake may cause a request.
 */
import { compileFunction } from "node:vm"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { assumeCombine, assumeReplace, type Client, makeClient } from "../src/promise.js"
import { assertTagged, connected, keys, rejected } from "./support/Promises.js"

const project = { workspaceId: 7, projectId: 9 }

/** Evaluates an expression as a program without types would. */
const evaluate = (program: string, names: Readonly<Record<string, unknown>>): unknown =>
  compileFunction(`return ${program}`, Object.keys(names))(...Object.values(names))

const noName = "expected no property with this name"

const noClientOption = `${noName} (use one of credentials, env, baseUrl, allowInsecure, timeout, deadline, retry, fetch, httpClient, userAgent, webhookSecret, responseLimits)`

/** Wrong calls, each with the end of the message of its `InvalidRequest`. */
const calls: Readonly<Record<string, string>> = {
  // These calls have missing arguments, or arguments of the wrong type.
  "mammoth.list()": "request: expected an object with workspaceId, projectId, received nothing",
  "mammoth.list(null)": "request: expected an object with workspaceId, projectId, received null",
  "mammoth.list('7')": "request: expected an object with workspaceId, projectId, received a string of 1 character",
  "mammoth.list([7, 9])": "request: expected an object with workspaceId, projectId, received a list of 2",
  "mammoth.list({})":
    "workspaceId: expected an integer from 1 to 2^53 - 1, received nothing; projectId: expected an integer from 1 to 2^53 - 1, received nothing",
  "mammoth.create()": "request: expected an object with workspaceId, projectId, received nothing",
  "mammoth.getDetails()": "request: expected an object with workspaceId, projectId, webhookId, received nothing",
  "mammoth.getDetails(8)":
    "request: expected an object with workspaceId, projectId, webhookId, received a positive integer",
  "mammoth.delete()": "request: expected an object with workspaceId, projectId, webhookId, received nothing",
  "mammoth.update()": "request: expected an object with workspaceId, projectId, webhookId, received nothing",
  "mammoth.stream()": "request: expected an object with workspaceId, projectId, received nothing",
  "mammoth.ensure()": "name: expected the webhook's name, as a string, before the settings, received nothing",
  "mammoth.ensure('orders')": "spec: expected an object with workspaceId, projectId, received nothing",
  "mammoth.ensure('orders', 'combine')":
    "spec: expected an object with workspaceId, projectId, received a string of 7 characters",
  "mammoth.ensure({ ...project, name: 'orders' })":
    "name: expected the webhook's name, as a string, before the settings, received an object",
  "mammoth.ensure('orders', { ...project, name: 'orders' })": `name: ${noName} (did you mean the first argument of ensure?), received a string of 6 characters`,
  "mammoth.addData()": "webhook: expected a webhook, its key, or its uri, as the first argument, received nothing",
  "mammoth.addData({ order: 1 })":
    "webhook: expected a webhook, its key, or its uri, as the first argument, received an object",
  "mammoth.addData('abcdefgh')":
    "data: expected a JSON value: null, true, false, a finite number, a string, a list or an object, received nothing",
  "mammoth.addDataUsingGet()":
    "webhook: expected a webhook, its key, or its uri, as the first argument, received nothing",
  "mammoth.replaceAll()":
    "webhook: expected a webhook that ensure or create returned, or assumeReplace(key), as the first argument, received nothing",
  "mammoth.replaceAll('abcdefgh', [])":
    "webhook: expected a webhook that ensure or create returned, or assumeReplace(key), as the first argument, received a string of 8 characters",
  "mammoth.replaceAll(all)": "rows: expected an array or another iterable of rows, received nothing",
  "mammoth.ingest()":
    "webhook: expected a webhook that ensure or create returned, or assumeCombine(key), as the first argument, received nothing",
  "mammoth.ingest('abcdefgh', [])":
    "webhook: expected a webhook that ensure or create returned, or assumeCombine(key), as the first argument, received a string of 8 characters",
  "mammoth.ingest(orders)": "rows: expected an array or another iterable of rows, received nothing",
  "mammoth.inProject().list()":
    "workspaceId: expected an integer from 1 to 2^53 - 1, received nothing; projectId: expected an integer from 1 to 2^53 - 1, received nothing",
  "mammoth.inProject({ workspace: 7, projectId: 9 }).list()": `workspace: ${noName} (did you mean workspaceId?), received a positive integer`,
  "mammoth.inProject(project).getDetails()":
    "webhookId: expected an integer between -(2^53 - 1) and 2^53 - 1, received nothing",

  // These calls have properties that do not exist.
  "mammoth.list({ workspaceID: 7, projectId: 9 })": `workspaceID: ${noName} (did you mean workspaceId?), received a positive integer`,
  "mammoth.list({ workspace_id: 7, project_id: 9 })": `workspace_id: ${noName} (did you mean workspaceId?), received a positive integer`,
  "mammoth.list({ ...project, page: 2 })": `page: ${noName} (use one of workspaceId, projectId, fields, id, name, datasetId, mode, limit, offset, sort), received a positive integer`,
  "mammoth.list({ ...project, timeout: 5000 })": `timeout: ${noName} (did you mean { timeout } as the next argument?), received a positive integer`,
  "mammoth.stream({ ...project, feilds: ['id'] })": `feilds: ${noName} (did you mean fields?), received a list of 1`,
  "mammoth.getDetails({ ...project, id: 8 })": `id: ${noName} (did you mean webhookId?), received a positive integer`,
  "mammoth.delete({ ...project, webhook_id: 8 })": `webhook_id: ${noName} (did you mean webhookId?), received a positive integer`,
  "mammoth.update({ ...project, webhookId: 8, is_secure: true })": `is_secure: ${noName} (did you mean isSecure?), received a boolean`,
  "mammoth.create({ ...project, origin: '*' })": `origin: ${noName} (did you mean origins?), received a string of 1 character`,
  "mammoth.ensure('orders', { ...project, modes: 'combine' })": `modes: ${noName} (did you mean mode?), received a string of 7 characters`,

  // These calls have wrong options.
  "mammoth.list(project, null)": "options: expected an object of options, such as { signal }, received null",
  "mammoth.list(project, 5000)":
    "options: expected an object of options, such as { signal }, received a positive integer",
  "mammoth.list(project, AbortSignal.abort())":
    "options: expected an object of options, such as { signal }, received an AbortSignal",
  "mammoth.list(project, { signal: new AbortController() })":
    "options.signal: expected an AbortSignal (the `signal` of an AbortController), received an object without keys",
  "mammoth.list(project, { retries: 3 })": `options.retries: ${noName} (did you mean retry: { times }?), received a positive integer`,
  "mammoth.list(project, { retry: 3 })":
    "options.retry: expected false, or an object of settings such as { attempts: 3 }, received a positive integer",
  "mammoth.list(project, { retry: { attempt: 3 } })": `options.retry.attempt: ${noName} (did you mean attempts?), received a positive integer`,
  "mammoth.list(project, { retry: { attempts: '3' } })":
    "options.retry.attempts: expected a number of 1 or more, received a string of 1 character",
  "mammoth.list(project, { timeout: '10s' })":
    'options.timeout: expected a time above zero, such as "10 seconds", received a string of 3 characters',
  "mammoth.list(project, { timeoutMs: 10 })": `options.timeoutMs: ${noName} (did you mean timeout?), received a positive integer`,
  "mammoth.list(project, { limit: 10 })": `options.limit: ${noName} (use one of signal, timeout, deadline, retry, atLeastOnce, headers, baseUrl, onResponse), received a positive integer`,
  "mammoth.list(project, { atLeastOnce: 'yes' })":
    "options.atLeastOnce: expected true or false, received a string of 3 characters",
  "mammoth.list(project, { onResponse: console })": "options.onResponse: expected a function, received an object",
  "mammoth.list(project, { headers: [['x-team', 'weather']] })":
    "options.headers: expected an object of names and values (use Object.fromEntries for a Headers), received a list of 1",
  "mammoth.list(project, { baseURL: 'https://example.com' })": `options.baseURL: ${noName} (did you mean baseUrl?), received a string of 19 characters`,
  "mammoth.addData('abcdefgh', { order: 1 }, { atleastonce: true })": `options.atleastonce: ${noName} (did you mean atLeastOnce?), received a boolean`,
  "mammoth.replaceAll(all, [], { soleWriter: true })": `options.soleWriter: ${noName} (did you mean isSoleWriter?), received a boolean`,
  "mammoth.ingest(orders, [], { batchs: { maxRows: 5 } })": `options.batchs: ${noName} (did you mean batch?), received an object`,
  "mammoth.ingest(orders, [], { batch: { rows: 5 } })": `options.batch.rows: ${noName} (use one of maxRows, maxBytes, maxWait), received a positive integer`,
  "mammoth.ingest(orders, [], { onBadRow: 'skip' })":
    'options.onBadRow: expected "fail" or "continue", received a string of 4 characters',
  "mammoth.ingest(orders, [], { onDeadletter: console.log })": `options.onDeadletter: ${noName} (did you mean onDeadLetter?), received a function`,
  "mammoth.list(new Proxy({}, { ownKeys() { throw new Error('no') } }))":
    "request: expected an object that can be read, received an object that cannot be read"
}

/** Clients with wrong options, each with the end of the message of its `ConfigurationError`. */
const clients: Readonly<Record<string, string>> = {
  "makeClient(null)": "options: expected an object of options, such as { credentials }, received null",
  "makeClient('sesame')":
    "options: expected an object of options, such as { credentials }, received a string of 6 characters",
  "makeClient({ apiKey: 'sesame' })": `apiKey: ${noName} (did you mean credentials: { apiKey, apiSecret }?), received a string of 6 characters`,
  "makeClient({ credentials: 'sesame' })":
    "credentials: expected { apiKey, apiSecret }, or a function that returns them, received a string of 6 characters",
  "makeClient({ credentials: null })":
    "credentials: expected { apiKey, apiSecret }, or a function that returns them, received null",
  "makeClient({ credentials: { key: 'sesame' } })": `credentials.key: ${noName} (did you mean apiKey?), received a string of 6 characters`,
  "makeClient({ credentials: { apikey: 'sesame' } })": `credentials.apikey: ${noName} (did you mean apiKey?), received a string of 6 characters`,
  "makeClient({ credentials: { apiKey: 'sesame' } })":
    "credentials.apiSecret: expected a string of at least one character, received nothing",
  "makeClient({ credentials, retries: 3 })": `retries: ${noName} (did you mean retry: { times }?), received a positive integer`,
  "makeClient({ credentials, attempts: 3 })": `attempts: ${noName} (did you mean retry: { attempts }?), received a positive integer`,
  "makeClient({ credentials, retry: 3 })":
    "retry: expected false, or an object of settings such as { attempts: 3 }, received a positive integer",
  "makeClient({ credentials, retry: { attempt: 3 } })": `retry.attempt: ${noName} (did you mean attempts?), received a positive integer`,
  "makeClient({ credentials, timeout: '10s' })":
    'timeout: Expected a time above zero, such as "10 seconds", received a string of 3 characters',
  "makeClient({ credentials, baseURL: 'https://example.com' })": `baseURL: ${noName} (did you mean baseUrl?), received a string of 19 characters`,
  "makeClient({ credentials, fetch: 'node-fetch' })": "fetch: expected a function, received a string of 10 characters",
  "makeClient({ credentials, logBodies: true })": `logBodies: ${noClientOption}, received a boolean`,
  "makeClient({ credentials, traceContext: true })": `traceContext: ${noClientOption}, received a boolean`,
  "makeClient({ credentials, transformClient: String })": `transformClient: ${noClientOption}, received a function`,
  "makeClient({ credentials, httpClient: {} })":
    "httpClient: expected a layer of an HttpClient, received an object without keys",
  "makeClient({ credentials, env: 'production' })":
    "env: expected an object of variables, such as process.env, received a string of 10 characters",
  "makeClient({ credentials, webhookSecret: 'sesame' })":
    "webhookSecret: expected an object such as { header }, received a string of 6 characters",
  "makeClient({ credentials, responseLimits: { need: 5 } })": `responseLimits.need: ${noName} (did you mean needed?), received a positive integer`,
  "makeClient({ credentials, allowInsecure: 'yes' })":
    "allowInsecure: expected true or false, received a string of 3 characters"
}

describe("A wrong call in plain JavaScript", () => {
  for (const [program, message] of Object.entries(calls)) {
    it.scoped(`rejects with an InvalidRequest that names the remedy: ${program}`, () =>
      Effect.gen(function* () {
        const { emulator, mammoth } = yield* connected()
        const names = { mammoth, project, orders: assumeCombine("abcdefgh"), all: assumeReplace("abcdefgh") }
        const error = yield* rejected(async () => {
          const result: unknown = evaluate(program, names)
          // Request the first value of an iteration, because the iteration begins only then.
          return isAsyncIterable(result) ? result[Symbol.asyncIterator]().next() : result
        })
        assertTagged(error, "MammothInvalidRequest")
        const [, told = ""] = error.message.split("nothing was sent. ")
        assert.strictEqual(told, message)
        assert.strictEqual(error.delivery, "NotSent")
        assert.deepStrictEqual(yield* emulator.requests, [])
      })
    )
  }

  it.scoped("never throws synchronously", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const names = { mammoth, project, orders: assumeCombine("abcdefgh"), all: assumeReplace("abcdefgh") }
      for (const program of Object.keys(calls)) {
        const result: unknown = evaluate(program, names)
        if (result instanceof Promise) yield* rejected(() => result)
        else assert.isTrue(isAsyncIterable(result), program)
      }
    })
  )
})

describe("makeClient with a wrong option", () => {
  for (const [program, message] of Object.entries(clients)) {
    it(`throws a ConfigurationError that names the remedy: ${program}`, () => {
      const error = thrown(() => evaluate(program, { makeClient, credentials: keys }))
      assertTagged(error, "MammothConfigurationError")
      assert.strictEqual(error.message, `The client cannot be made: ${message}`)
      assert.notInclude(error.stack, "sesame", "a value may be a secret")
    })
  }
})

describe("An additional property of an object", () => {
  it.scoped("is allowed in rows, webhooks, environment variables, and the result of a credentials function", () =>
    Effect.gen(function* () {
      const { emulator } = yield* connected()
      const mammoth: Client = makeClient({
        baseUrl: emulator.baseUrl,
        // Return an additional property, because a vault can also return more than the keys.
        credentials: () => ({ ...keys, leaseId: 4 }),
        env: { retries: "3" },
        retry: undefined
      })
      const rows = yield* Effect.promise(async () => {
        const orders = await mammoth.ensure("orders", { ...project, mode: "combine", isSecure: undefined })
        const named = Object.assign({ team: "weather" }, orders)
        await mammoth.addData(named, { retries: 3, timeout: "10s" })
        await mammoth.ingest(named, [{ apiKey: "a column" }], { signal: undefined })
        await mammoth.close()
        return orders.id
      })
      assert.deepStrictEqual(yield* emulator.rows(rows), [{ retries: 3, timeout: "10s" }, { apiKey: "a column" }])
    })
  )

  it.scoped("counts as missing if its value is undefined", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const options: object = { retries: undefined, retry: undefined, onResponse: undefined }
      yield* Effect.promise(() => mammoth.list(project, options))
    })
  )
})

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value

const thrown = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error
  }
  return assert.fail("nothing was thrown")
}
