/** Tests the errors of the promise API as plain JavaScript sees them: fields, stack and printed text. */
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect, promisify } from "node:util"
import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Fault } from "@mammoth-effect/emulator"
import { Chunk, Duration, Effect, Either, HashMap, Option, Redacted } from "effect"
import { build } from "esbuild"
import { Verdict, type WebhooksError } from "../src/index.js"
import {
  assumeCombine,
  type Client,
  ClientClosed,
  ConfigurationError,
  isMammothError,
  makeClient,
  type MammothError,
  type Plain,
  type Report,
  reveal
} from "../src/promise.js"
import { assertTagged, connected, keys, rejected } from "./support/Promises.js"
import { project } from "./support/Server.js"

/** One failing call for each error that a call can reject with, and the fault that causes the error. */
const failures: Readonly<
  Record<string, { readonly fault?: Fault.Fault; readonly call: (mammoth: Client) => Promise<unknown> }>
> = {
  MammothInvalidRequest: { call: (mammoth) => mammoth.list({ ...project, limit: 101 }) },
  MammothTransportError: { fault: Fault.reset("start"), call: (mammoth) => mammoth.list(project) },
  MammothTimedOut: { fault: Fault.stall("start"), call: (mammoth) => mammoth.list(project, { timeout: 50 }) },
  MammothBadRequest: { fault: Fault.status(400), call: (mammoth) => mammoth.list(project) },
  MammothUnauthorized: { fault: Fault.status(401), call: (mammoth) => mammoth.list(project) },
  MammothForbidden: { fault: Fault.status(403), call: (mammoth) => mammoth.list(project) },
  MammothNotFound: { call: (mammoth) => mammoth.getDetails({ ...project, webhookId: 99 }) },
  MammothPayloadTooLarge: { fault: Fault.status(413), call: (mammoth) => mammoth.addData("abcdefgh", { n: 1 }) },
  MammothRateLimited: {
    fault: Fault.status(429, { headers: { "retry-after": "7" } }),
    call: (mammoth) => mammoth.list(project)
  },
  MammothServerError: {
    fault: Fault.status(503, { headers: { "retry-after": "7" } }),
    call: (mammoth) => mammoth.list(project)
  },
  MammothUnexpectedStatus: { fault: Fault.status(302), call: (mammoth) => mammoth.list(project) },
  MammothDecodeError: { fault: Fault.status(200, { body: "{}" }), call: (mammoth) => mammoth.list(project) },
  MammothRowRefused: { call: (mammoth) => mammoth.ingest(assumeCombine("abcdefgh"), [{ n: Number.NaN }]) },
  MammothWrongMode: {
    call: (mammoth) => mammoth.ingest(Object.assign(assumeCombine("abcdefgh"), { mode: "replace" }), [{ n: 1 }])
  },
  MammothSourceError: {
    call: (mammoth) =>
      mammoth.ingest(
        assumeCombine("abcdefgh"),
        (function* () {
          yield { n: 1 }
          throw new Error("the cursor broke")
        })()
      )
  }
}

const fail = ({ call, fault }: (typeof failures)[string]) =>
  Effect.gen(function* () {
    const { emulator, mammoth } = yield* connected()
    if (fault !== undefined) yield* emulator.inject(fault)
    return yield* rejected(() => call(mammoth))
  })

/** Returns the parts of a value that are not plain data. */
const strange = (value: unknown): ReadonlyArray<string> => {
  if (typeof value !== "object" || value === null) return typeof value === "function" ? ["a function"] : []
  const kinds = [
    Duration.isDuration(value),
    Option.isOption(value),
    Either.isEither(value),
    Chunk.isChunk(value),
    HashMap.isHashMap(value),
    Redacted.isRedacted(value),
    Effect.isEffect(value)
  ]
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value))
  return kinds.includes(true) || !isPlain ? [inspect(value)] : Object.values(value).flatMap(strange)
}

describe("An error of the promise API", () => {
  for (const [tag, failure] of Object.entries(failures)) {
    it.scoped(`has plain fields, prints few lines, and names the line of the caller: ${tag}`, () =>
      Effect.gen(function* () {
        const error = yield* fail(failure)
        assert.isTrue(isMammothError(error), String(error))
        if (!isMammothError(error)) return
        assert.deepStrictEqual([error._tag, error.name], [tag, tag])
        assert.instanceOf(error, Error)
        assert.isFalse(Effect.isEffect(error))

        const fields = Object.entries(error)
        assert.deepStrictEqual(
          fields.filter(([, value]) => value === undefined),
          []
        )
        assert.deepStrictEqual(
          fields.flatMap(([, value]) => strange(value)),
          []
        )

        // Expect the line of the call, which is in this file, at the top of the stack.
        const [first = "", second = ""] = error.stack?.split("\n    at ") ?? []
        assert.strictEqual(first, `${tag}: ${error.message}`)
        assert.match(second, /PromiseErrors\.test\.ts:\d+:\d+/)

        const shown = inspect(error)
        assert.isTrue(shown.startsWith(`${tag}: ${error.message}\n    at `))
        assert.include(shown, `_tag: '${tag}'`)
        assert.isAtMost(shown.split("\n").length, 25)
        assert.notMatch(shown, /client\/src/)
        assert.include(inspect({ error }), error.message)

        const json: unknown = JSON.parse(JSON.stringify(error))
        const plain: object = JSON.parse(JSON.stringify(Object.fromEntries(fields)))
        assert.deepStrictEqual(json, { ...plain, name: tag, message: error.message })
      })
    )
  }

  it.scoped("carries its times as numbers of milliseconds", () =>
    Effect.gen(function* () {
      const timedOut = yield* fail(failures["MammothTimedOut"] ?? assert.fail("no such failure"))
      assertTagged(timedOut, "MammothTimedOut")
      assert.strictEqual(timedOut.duration, 50)
      for (const tag of ["MammothRateLimited", "MammothServerError"] as const) {
        const error = yield* fail(failures[tag] ?? assert.fail("no such failure"))
        assertTagged(error, tag)
        assert.strictEqual(error.retryAfter, 7000)
      }
    })
  )

  it.scoped("has a cause with the system's error code, but without secrets, if the transport failed", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected({
        fetch: () => {
          const cause = Object.assign(new Error(`no route for ${keys.apiSecret}`), { code: "ECONNREFUSED" })
          return Promise.reject(new TypeError("fetch failed", { cause }))
        }
      })
      const error = yield* rejected(() => mammoth.list(project))
      assertTagged(error, "MammothTransportError")
      assert.instanceOf(error.cause, Error)
      assert.propertyVal(error.cause, "code", "ECONNREFUSED")
      assert.include(String(error.cause), "no route for <redacted>")
      const shown = [error, error.cause].flatMap((each) => [
        inspect(each, { depth: null, showHidden: true, getters: true }),
        inspect(each, { depth: null, showHidden: true, customInspect: false }),
        String(each.stack),
        JSON.stringify(each)
      ])
      for (const text of shown) assert.notInclude(text, keys.apiSecret)
    })
  )

  it.scoped("hides the keys and secrets that a server repeats, however the error is printed", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const webhook = yield* Effect.promise(() => mammoth.create({ ...project, name: "n", isSecure: true }))
      const hidden = [keys.apiKey, keys.apiSecret, reveal(webhook.uri), reveal(webhook.secret) ?? assert.fail()]
      for (const status of [400, 401, 413, 429, 500]) {
        yield* emulator.inject(Fault.status(status, { body: JSON.stringify({ detail: hidden.join(" ") }) }))
        const error = yield* rejected(() => mammoth.addData(webhook, { n: 1 }))
        assert.isTrue(isMammothError(error))
        const shown = [
          inspect(error),
          inspect(error, { depth: null, showHidden: true, customInspect: false }),
          JSON.stringify(error),
          String(error)
        ]
        for (const text of shown) for (const secret of hidden) assert.notInclude(text, secret)
      }
    })
  )

  it.scoped("is the object that the callback threw, if a callback fails", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const own = new RangeError("the file is full")
      const error = yield* rejected(() =>
        mammoth.ingest(assumeCombine("abcdefgh"), [{ n: Number.NaN }], {
          onBadRow: "continue",
          onDeadLetter: () => Promise.reject(own)
        })
      )
      assert.strictEqual(error, own)
    })
  )

  it.scoped("ends the run if onReport throws the error, and the run closes its source", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      const orders = yield* Effect.promise(() => mammoth.create({ ...project, name: "orders", mode: "combine" }))
      const own = new RangeError("the screen is full")
      const throws = () => {
        throw own
      }
      for (const onReport of [throws, () => Promise.reject(own)]) {
        let isReturned = false
        const endless = async function* () {
          try {
            for (let id = 0; ; id++) {
              await new Promise((resolve) => void setImmediate(resolve))
              yield { id }
            }
          } finally {
            isReturned = true
          }
        }
        const ran = () => mammoth.ingest(orders, endless(), { onReport })
        assert.strictEqual(yield* rejected(ran), own)
        assert.isTrue(isReturned)
      }
      const before = (yield* emulator.rows(orders.id)).length
      const atEnd = ({ accepted }: Report) => (accepted.rows === 1 ? throws() : undefined)
      assert.strictEqual(yield* rejected(() => mammoth.ingest(orders, [{ id: 1 }], { onReport: atEnd })), own)
      assert.strictEqual((yield* emulator.rows(orders.id)).length, before + 1)
    })
  )

  it.scoped("stays the error of the run, even if the last call of onReport throws another error", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const onReport = ({ offered }: Report) => (offered === 1 ? Promise.reject(new Error("late")) : undefined)
      const error = yield* rejected(() => mammoth.ingest(assumeCombine("abcdefgh"), [{ n: Number.NaN }], { onReport }))
      assertTagged(error, "MammothRowRefused")
    })
  )
})

describe("A run", () => {
  it.scoped("waits for the promise of onReport before it calls onReport again, and before it ends", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const orders = yield* Effect.promise(() => mammoth.create({ ...project, name: "orders", mode: "combine" }))
      let running = 0
      const seen: Array<number> = []
      yield* Effect.promise(() =>
        mammoth.ingest(orders, [{ id: 1 }], {
          onReport: async ({ accepted }) => {
            seen.push(++running)
            await new Promise((resolve) => setTimeout(resolve, 50))
            running--
            seen.push(accepted.rows)
          }
        })
      )
      assert.deepStrictEqual([running, seen[0], seen.at(-1)], [0, 1, 1])
      assert.notInclude(seen, 2)
    })
  )
})

describe("The stack of an error", () => {
  const frames = (error: unknown): ReadonlyArray<string> =>
    error instanceof Error ? (error.stack ?? "").split("\n    at ").slice(1) : []

  it.scoped("names every function in the chain of callers, across awaits", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const readOrder = async () => {
        await new Promise((resolve) => void setImmediate(resolve))
        return await mammoth.getDetails({ ...project, webhookId: 99 })
      }
      const outer = async () => {
        await readOrder()
      }
      const found = frames(yield* rejected(outer))
      assert.match(found[0] ?? "", /^readOrder .*PromiseErrors\.test\.ts/)
      assert.isTrue(
        found.some((frame) => /^(?:async )?outer /.test(frame)),
        found.join("\n")
      )
    })
  )

  it.scoped("names the function that began an iteration, even for an error of a later page", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      yield* Effect.promise(async () => {
        for (const name of ["a", "b"]) await mammoth.create({ ...project, name })
      })
      const breakNext = emulator.inject(Fault.status(503, { operation: "list" }))
      const readAll = async () => {
        for await (const _ of mammoth.stream({ ...project, limit: 1 })) await Effect.runPromise(breakNext)
      }
      assert.match(frames(yield* rejected(readAll))[0] ?? "", /^readAll .*PromiseErrors\.test\.ts/)
    })
  )

  it.scoped("names the caller of an ingestion, of a project's operation, and of a call after close", () =>
    Effect.gen(function* () {
      const { mammoth } = yield* connected()
      const push = async () => await mammoth.ingest(assumeCombine("abcdefgh"), [{ n: Number.NaN }])
      const inProject = async () => await mammoth.inProject(project).delete({ webhookId: 99 })
      const late = async () => await mammoth.list(project)
      assert.match(frames(yield* rejected(push))[0] ?? "", /^push /)
      assert.match(frames(yield* rejected(inProject))[0] ?? "", /^inProject /)
      const { ensure, stream } = mammoth.inProject({ workspaceId: 0, projectId: 0 })
      const ensureInProject = async () => await ensure("orders", {})
      const streamInProject = async () => {
        for await (const _ of stream()) assert.fail("there are no webhooks")
      }
      assert.match(frames(yield* rejected(ensureInProject))[0] ?? "", /^ensureInProject /)
      assert.match(frames(yield* rejected(streamInProject))[0] ?? "", /^streamInProject /)
      yield* Effect.promise(() => mammoth.close())
      const closed = yield* rejected(late)
      assert.instanceOf(closed, ClientClosed)
      assert.match(frames(closed)[0] ?? "", /^late /)
    })
  )

  it("names the caller of makeClient", () => {
    const start = () => makeClient({ env: {} })
    let error: unknown
    try {
      start()
    } catch (thrown) {
      error = thrown
    }
    assert.instanceOf(error, ConfigurationError)
    assert.match(frames(error)[0] ?? "", /^start /)
  })

  it("names the caller in an ES module that imports the built package", { timeout: 60_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "promise-errors-"))
    try {
      await build({
        stdin: { contents: `export * from "@mammoth-effect/client/promise"`, resolveDir: import.meta.dirname },
        bundle: true,
        format: "esm",
        platform: "node",
        outfile: join(folder, "promise.mjs")
      })
      const program = [
        `import { makeClient } from "./promise.mjs"`,
        `const mammoth = makeClient({ credentials: { apiKey: "key-of-a-test", apiSecret: "secret-of-a-test" } })`,
        `const pushOrder = async () => {`,
        `  await null`,
        `  await mammoth.addData("no address", { order: 1 })`,
        `}`,
        `try { await pushOrder() } catch (error) { console.log(error) }`
      ]
      await writeFile(join(folder, "program.mjs"), program.join("\n"))
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "program.mjs")])
      const lines = stdout.trimEnd().split("\n")
      assert.match(lines[0] ?? "", /^MammothInvalidRequest: Webhooks\.addData .*nothing was sent\. webhook: expected /)
      assert.match(lines[1] ?? "", /^ {4}at pushOrder \(file:.*\/program\.mjs:5:\d+\)$/)
      assert.isAtMost(lines.length, 8, stdout)
      assert.notInclude(stdout, "promise.mjs")
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe("The types of errors", () => {
  it("allow an exhaustive switch over the tag", () => {
    const advice = (error: MammothError): string | number | undefined => {
      switch (error._tag) {
        case "MammothInvalidRequest":
        case "MammothDecodeError":
        case "MammothRowRefused":
          return error.issues.length
        case "MammothRateLimited":
        case "MammothServerError":
          return error.retryAfter
        case "MammothTimedOut":
          return error.duration
        case "MammothBadRequest":
        case "MammothUnauthorized":
        case "MammothForbidden":
        case "MammothNotFound":
        case "MammothPayloadTooLarge":
        case "MammothUnexpectedStatus":
          return error.status
        case "MammothTransportError":
          return error.code
        case "MammothAmbiguousName":
          return error.ids.length
        case "MammothSourceError":
          return error.line
        case "MammothWrongMode":
          return error.found
        case "MammothCredentialsError":
        case "MammothConfigurationError":
          return error.reason
        case "MammothClientClosed":
          return undefined
        default:
          expectTypeOf(error).toEqualTypeOf<never>()
          return error satisfies never
      }
    }
    assert.strictEqual(advice(new ConfigurationError({ reason: "no keys" })), "no keys")
  })

  it("have numbers instead of durations, and no types of Effect", () => {
    expectTypeOf<Plain<WebhooksError.TimedOut>["duration"]>().toEqualTypeOf<number>()
    expectTypeOf<Plain<WebhooksError.RateLimited>["retryAfter"]>().toEqualTypeOf<number | undefined>()
    expectTypeOf<Extract<keyof MammothError, symbol>>().toEqualTypeOf<never>()
    expectTypeOf<Extract<keyof Plain<WebhooksError.NotFound>, "pipe" | "toJSON">>().toEqualTypeOf<never>()
    expectTypeOf<Plain<WebhooksError.InvalidRequest>["delivery"]>().toEqualTypeOf<"NotSent">()
  })
})

describe("Verdict.of", () => {
  it.scoped("accepts the plain errors of the promise API", () =>
    Effect.gen(function* () {
      const { emulator, mammoth } = yield* connected()
      yield* emulator.inject(Fault.status(413))
      const error = yield* rejected(() => mammoth.addData("abcdefgh", { n: 1 }))
      assertTagged(error, "MammothPayloadTooLarge")
      assert.strictEqual(Verdict.of(error), "refused")
    })
  )
})
