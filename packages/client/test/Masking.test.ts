import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { WebhooksError } from "@mammoth-effect/core"
import { Effect, FastCheck as fc, Layer, Logger, LogLevel } from "effect"
import { Credentials, MammothConfig, RetryPolicy, Webhooks } from "../src/index.js"
import { short } from "../src/internal/http/mask.js"
import * as Server from "./support/Server.js"

const otherKey = "another-key-0123"

/** Makes a call that fails. Returns the error, and adds the log lines to `logs`. */
const shown = (apiKey: string, answer: () => Promise<Response>, logs: Array<string> = []) =>
  Webhooks.list(Server.project).pipe(
    Effect.flip,
    Effect.provide(
      Webhooks.layer.pipe(
        Layer.provide([
          Server.keys(apiKey, otherKey),
          MammothConfig.layer({ baseUrl: "http://127.0.0.1:1/api/v2", logBodies: true }),
          RetryPolicy.layer(RetryPolicy.none),
          FetchHttpClient.layer
        ])
      )
    ),
    Effect.provide([
      Layer.succeed(FetchHttpClient.Fetch, answer),
      Logger.replace(
        Logger.defaultLogger,
        Logger.make((options) => logs.push(Logger.stringLogger.log(options)))
      ),
      Logger.minimumLogLevel(LogLevel.All)
    ])
  )

const respond =
  (body: string, status = 400, headers: Record<string, string> = {}) =>
  () =>
    Promise.resolve(new Response(body, { status, headers }))

/** Makes a call that fails. Returns the error's message, JSON and stack, and the log lines. */
const texts = (apiKey: string, answer: () => Promise<Response>) =>
  Effect.gen(function* () {
    const logs: Array<string> = []
    const error = yield* shown(apiKey, answer, logs)
    return [error.message, JSON.stringify(error), error.stack ?? "", ...logs]
  })

const hex = (character: string, length: number) => character.charCodeAt(0).toString(16).padStart(length, "0")

const entities: Record<string, string> = {
  "+": "plus",
  "/": "sol",
  "=": "equals",
  "&": "amp",
  "<": "lt",
  ".": "period"
}

/** Functions that escape one character, by the name of the escape. */
const escapes: Record<string, (character: string) => string> = {
  "without an escape": (c) => c,
  "a JSON escape in lower case": (c) => `\\u${hex(c, 4)}`,
  "a JSON escape in upper case": (c) => `\\u${hex(c, 4).toUpperCase()}`,
  "a backslash before each character that is not a letter or a digit": (c) => (/[\da-z]/i.test(c) ? c : `\\${c}`),
  "percent-encoded in lower case": (c) => `%${hex(c, 2)}`,
  "percent-encoded in upper case": (c) => `%${hex(c, 2).toUpperCase()}`,
  "percent-encoded by encodeURIComponent": encodeURIComponent,
  "percent-encoded twice": (c) => `%25${hex(c, 2)}`,
  "a decimal entity": (c) => `&#${c.charCodeAt(0)};`,
  "a hexadecimal entity": (c) => `&#x${hex(c, 2)};`,
  "a named entity": (c) => (entities[c] === undefined ? c : `&${entities[c]};`),
  "an entity in JSON": (c) => `\\u0026#x${hex(c, 2).toUpperCase()};`,
  "a JSON escape in a URL": (c) => `%5Cu${hex(c, 4)}`
}

const toBase64 = (text: string) => Buffer.from(text, "latin1").toString("base64")
const toUrl = (base64: string) => base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")

/** Functions that encode a string in base64. Each name describes the string's place or the result's form. */
const encodings: Record<string, (text: string) => string> = {
  alone: toBase64,
  "after one byte": (text) => toBase64(`:${text}:and more`),
  "after two bytes": (text) => toBase64(`u:${text}`),
  "for URLs": (text) => toUrl(toBase64(`user:${text}`)),
  "with JSON escapes": (text) =>
    toBase64(`user:${text}:`).replaceAll("/", "\\/").replaceAll("+", "\\u002B").replaceAll("=", "\\u003d"),
  "percent-encoded": (text) => encodeURIComponent(toBase64(text))
}

const secrets = fc.stringMatching(/^[!-~]{8,48}$/)
const choices = fc.infiniteStream(fc.boolean())

/** Returns response bodies that repeat a string. */
const bodies = (text: string) => [
  JSON.stringify({ detail: `unknown key ${text}.`, extra: { [text]: [`see ${text}`], nested: { note: text } } }),
  `{"detail":"unknown key ${text.replaceAll('"', '\\"')}."}`,
  `unknown key ${text} was given`,
  `<html><title>Unknown key ${text}</title></html>`
]

/** Makes calls whose responses or errors repeat a form of a secret. Returns the strings that show the secret. */
const leaks = (apiKey: string, form: string) =>
  Effect.gen(function* () {
    const found: Array<string> = []
    const collect = (all: ReadonlyArray<string>) =>
      found.push(...all.filter((text) => text.includes(form) || text.includes(apiKey)))
    for (const body of bodies(form)) collect(yield* texts(apiKey, respond(body)))
    collect(yield* texts(apiKey, respond("", 500, { "x-request-id": form })))
    collect(yield* texts(apiKey, respond("", 302, { location: `https://elsewhere.example/${form}` })))
    const cause = Object.assign(new Error(`no route for ${form}`), { code: form })
    collect(yield* texts(apiKey, () => Promise.reject(new TypeError("fetch failed", { cause }))))
    return found
  })

/** A secret with every kind of character that a format escapes. */
const fixed = 'KEY+of/base64&x.<"~>\\%41=='

/** Masks a form of a secret, alone and within longer strings. Returns the results. */
const masked = (secret: string, form: string) =>
  [form, `unknown key ${form} was given`, JSON.stringify({ detail: `${form}.` })].map((text) =>
    short({ secrets: [secret, otherKey] }, text)
  )

describe("A secret", () => {
  for (const [name, escape] of Object.entries(escapes)) {
    it.prop(
      `is masked if all or some of its characters have this form: ${name}`,
      [secrets, choices],
      ([secret, some]) => {
        const forms = [
          Array.from(secret, escape).join(""),
          Array.from(secret, (c) => (some.next().value === true ? escape(c) : c)).join("")
        ]
        for (const form of forms) {
          for (const text of masked(secret, form)) assert.notInclude(text, form)
        }
      }
    )
  }

  it("is masked even next to escapes that are named like built-in properties, such as &toString;", () => {
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      for (const text of masked(fixed, `&${name};\\${name}${fixed}`)) assert.notInclude(text, fixed)
    }
  })

  for (const [name, encode] of Object.entries(encodings)) {
    it.prop(`is masked in base64, in this form: ${name}`, [secrets], ([secret]) => {
      const form = encode(secret)
      // Check only the middle of the base64 string, because the ends also depend on other bytes. Ignore a short middle,
      // because other words can contain a short middle by chance.
      const middle = form.slice(8, -12)
      for (const text of masked(secret, form)) assert.isFalse(middle.length > 5 && text.includes(middle), text)
    })
  }

  it.effect("is masked in errors and logs, wherever a server or a transport repeats the secret", () =>
    Effect.gen(function* () {
      for (const form of [
        Array.from(fixed, (c, i) => Object.values(escapes)[i % 12]?.(c) ?? c).join(""),
        ...Object.values(escapes)
          .slice(0, 4)
          .map((escape) => Array.from(fixed, escape).join("")),
        toBase64(`user:${fixed}`)
      ]) {
        assert.deepStrictEqual(yield* leaks(fixed, form), [], form)
      }
    })
  )

  it.prop(
    "causes masking only in strings that contain a part of the secret",
    [secrets, fc.stringMatching(/^[ -~]{1,80}$/)],
    ([secret, text]) => {
      const isNear = Array.from({ length: secret.length - 3 }, (_, i) => secret.slice(i, i + 4)).some((part) =>
        text.includes(part)
      )
      fc.pre(!isNear && !/\/webhooks?\/data\/|["\\%&]/i.test(text))
      assert.strictEqual(short({ secrets: [secret] }, text), text)
    }
  )

  it("is masked even if the surrounding string ends in the middle of the secret", () => {
    const secret = "KEY+of/base64&x=="
    const call = { secrets: [secret] }
    const forms = [
      (c: string) => c,
      escapes["a JSON escape in upper case"] ?? String,
      escapes["percent-encoded in lower case"] ?? String,
      escapes["a decimal entity"] ?? String
    ]
    for (const escape of forms) {
      const start = Array.from(secret.slice(0, 5), escape).join("").length
      const form = Array.from(secret, escape).join("")
      for (let length = start; length < form.length; length++) {
        const cut = form.slice(0, length)
        assert.strictEqual(short(call, `unknown key ${cut}`), "unknown key <redacted>", cut)
      }
      for (let before = 400; before < 2010; before += 7) {
        assert.notInclude(short(call, "-".repeat(before) + form), form.slice(0, start))
      }
    }
  })

  it("is masked if it has the encoding of an HTML form, or contains the old HTML entity &AMP;", () => {
    const call = { secrets: ["a key & more"] }
    for (const form of ["a+key+%26+more", "a key &AMP; more"]) assert.strictEqual(short(call, form), "<redacted>")
  })

  it.effect("is masked in a redirect's host name, even if the host name repeats the secret in lower case", () =>
    Effect.gen(function* () {
      const answer = respond("", 302, { location: "https://AKeyInMixedCase.example/" })
      assert.notInclude((yield* texts("AKeyInMixedCase", answer)).join().toLowerCase(), "akeyinmixedcase")
    })
  )

  it.effect(
    "is masked in an escaped webhook address and in nested JSON, even if the SDK was never given the secret",
    () =>
      Effect.gen(function* () {
        for (const uri of [
          "\\/webhook\\/data\\/sesame",
          "%2Fwebhook%2Fdata%2Fsesame",
          "&#x2F;webhook&#47;data&sol;sesame"
        ]) {
          for (const body of [`{"detail":"not ${uri} here"}`, `not ${uri} here`]) {
            assert.notInclude((yield* texts("a-key-of-length", respond(body))).join(), "sesame")
          }
        }
        const within = JSON.stringify({
          detail: JSON.stringify({ secret: "sesame", note: JSON.stringify({ token: "sesame" }) })
        })
        assert.notInclude((yield* texts("a-key-of-length", respond(within))).join(), "sesame")
      })
  )
})

describe("A long string from outside the SDK", () => {
  const size = 1_000_000
  const hostile: Record<string, string> = {
    "a secret's name before a long string": JSON.stringify({ detail: `"secret":"${"a".repeat(size)}` }),
    "a string without an end": `{"detail":"${"\\\\".repeat(size)}`,
    "quotes only": '"'.repeat(size),
    "titles without an end": "<title".repeat(size / 5),
    "spaces after a name": `{"detail"${" ".repeat(size)}`,
    backslashes: "\\".repeat(size),
    "percent signs": "%25".repeat(size / 3),
    references: "&#0000".repeat(size / 6),
    "the key, many times": "a-key-of-length-a-key-of-length".repeat(size / 31),
    "the beginning of the key": "a-key-of".repeat(size / 8),
    "lists in lists": `{"detail":"no","extra":${"[".repeat(30_000)}${"]".repeat(30_000)}}`,
    "many values": JSON.stringify({ detail: "no", extra: Array.from({ length: 20_000 }, () => ({})) }),
    "a long name": JSON.stringify({ detail: "no", extra: { ["k".repeat(60_000)]: "v".repeat(5000) } })
  }
  for (const [name, body] of Object.entries(hostile)) {
    it.effect(`is shown only in part: ${name}`, () =>
      Effect.gen(function* () {
        for (const status of [200, 400, 403]) {
          for (const text of yield* texts("a-key-of-length", respond(body, status))) {
            assert.isBelow(text.length, 30_000)
          }
        }
      })
    )
  }

  it("is masked if it repeats a key that consists of backslashes, although a backslash can also begin an escape", () => {
    const text = "\\".repeat(60)
    assert.strictEqual(short({ secrets: [text.slice(0, 24)] }, text), "<redacted>")
  })

  it("is masked quickly even if a long key could begin at every character", () => {
    for (const unit of ["\\", "\\a", "%25"]) {
      const text = unit.repeat(2000)
      assert.strictEqual(short({ secrets: [text.slice(0, 48)] }, text), "<redacted>")
    }
  })

  it.effect("is shown only in part if it comes from a header or a transport error", () =>
    Effect.gen(function* () {
      const long = "x".repeat(size)
      const cause = Object.assign(new Error(`${"A".repeat(size)}:${" ".repeat(size)}`), { code: long })
      const answers = [
        respond("", 500, { "x-request-id": long }),
        respond("", 302, { location: `https://${long}/` }),
        () => Promise.reject(new TypeError("fetch failed", { cause }))
      ]
      for (const answer of answers) {
        for (const text of yield* texts("a-key-of-length", answer)) assert.isBelow(text.length, 5000)
      }
    })
  )

  it.effect("is shown only in part as the reason of a CredentialsError, even before the SDK knows a key", () =>
    Effect.gen(function* () {
      let calls = 0
      const credentials = Credentials.layerPerAttempt(
        Effect.suspend(() => {
          calls += 1
          return Effect.fail(new WebhooksError.CredentialsError({ reason: "r".repeat(size) }))
        })
      )
      const error = yield* Webhooks.list(Server.project).pipe(
        Effect.flip,
        Effect.provide(
          Webhooks.layer.pipe(
            Layer.provide([credentials, MammothConfig.layer({ baseUrl: "http://127.0.0.1:1" }), FetchHttpClient.layer])
          )
        )
      )
      assert.strictEqual(calls, 1)
      assert.isBelow(error.message.length, 1000)
    })
  )
})

describe("An invalid document with many errors", () => {
  it.effect("causes an error with 20 issues and the number of omitted issues, if the document is a response", () =>
    Effect.gen(function* () {
      const body = `{"webhooks":[${Array.from({ length: 100_000 }, () => "{}").join()}],"limit":50,"offset":0,"next":""}`
      const error = yield* shown("a-key-of-length", respond(body, 200))
      assert.strictEqual(error._tag, "MammothDecodeError")
      if (error._tag !== "MammothDecodeError") return
      assert.strictEqual(error.issues.length, 20)
      assert.strictEqual(error.omitted, 99_996)
      assert.include(error.message, "; and 99,996 more.")
      assert.isBelow(error.message.length, 5000)
    })
  )

  it.effect(
    "causes an error with 20 issues and the number of omitted issues, if the document is the caller's input",
    () =>
      Effect.gen(function* () {
        const ids = Array.from({ length: 100_000 }, () => 0.5)
        const error = yield* Effect.flip(
          Webhooks.list({ ...Server.project, id: ids }).pipe(
            Effect.provide(
              Webhooks.layer.pipe(
                Layer.provide([Server.keys("k1", "k2"), MammothConfig.layer({}), FetchHttpClient.layer])
              )
            )
          )
        )
        assert.strictEqual(error._tag, "MammothInvalidRequest")
        if (error._tag !== "MammothInvalidRequest") return
        assert.strictEqual(error.issues.length, 20)
        assert.strictEqual(error.omitted, 99_980)
        assert.deepStrictEqual(error.issues[0]?.path, ["id", 0])
        assert.isBelow(error.message.length, 5000)
      })
  )
})
