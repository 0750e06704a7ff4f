import { assert, describe, it } from "@effect/vitest"
import { Effect, Predicate, Schema } from "effect"
import * as Resolver from "../../../src/internal/promise/resolver.js"
import { WebhookUnresolved } from "../../../src/OutboxError.js"

/** Returns the error of a webhook function that throws or rejects. */
const failure = (webhook: () => never) => Effect.flip(Resolver.make(webhook, ["short", "a b c"]).resolve("orders"))

describe("The error of a webhook function that throws", () => {
  it.effect("shows the message without its secrets", () =>
    Effect.gen(function* () {
      for (const [message, shown] of [
        ["the vault is sealed", "the vault is sealed"],
        ["connect ECONNREFUSED 127.0.0.1:8200", "connect ECONNREFUSED 127.0.0.1:8200"],
        [
          "no route to https://vault.example.com/v1/secret/data/mammoth",
          "no route to https://vault.example.com/v1/secret/data/mammoth"
        ],
        ["no key g7rHe3mUqUGPEpnc4XxeDWJa", "no key <redacted>"],
        ["POST https://h/webhook/data/abc?x=1", "POST https://h/webhook/data/<redacted>?x=1"],
        ["at https://app:hunter2@vault/v1", "at https://<redacted>@vault/v1"],
        ["?token=hunter2&x=1", "?token=<redacted>&x=1"],
        ['{"client_secret": "hunter2"}', '{"client_secret": "<redacted>"}'],
        ['{"passwd": "hunter2"}', '{"passwd": "<redacted>"}'],
        ["secret: hunter2", "secret: <redacted>"],
        ["Authorization: Token hunter2", "Authorization: <redacted>"],
        ["Set-Cookie: sid=hunter2", "Set-Cookie: <redacted>"],
        ['pwd="two words"', 'pwd="<redacted>"'],
        ["passphrase: hunter2", "passphrase: <redacted>"],
        ["apiKey = hunter2", "apiKey = <redacted>"],
        ["X-Vault-Token: hvs.abc", "X-Vault-Token: <redacted>"],
        ["invalid token: hunter2", "invalid token: <redacted>"],
        ["https://app:p@ss@vault/v1", "https://<redacted>@vault/v1"],
        ["https://vault/v1/a@b", "https://vault/v1/a@b"],
        ["Authorization: Bearer hunter2", "Authorization: <redacted>"],
        ["wrong password: hunter2", "wrong password: <redacted>"],
        ["keys short and a b c", "keys <redacted> and <redacted>"]
      ] as const) {
        const error = yield* failure(() => {
          throw new TypeError(message)
        })
        assert.strictEqual(error.reason, `the function in the option webhook threw an error (TypeError): ${shown}`)
        assert.include(error.message, 'The outbox "orders" has no usable webhook: the function')
      }
    })
  )

  it.effect("has a limited length, even if the thrown message is long", () =>
    Effect.gen(function* () {
      const error = yield* failure(() => {
        throw new Error("no ".repeat(100_000))
      })
      assert.isBelow(error.reason.length, 600)
    })
  )

  it.effect("masks a password in a URL, even if the message is cut within the password", () =>
    Effect.gen(function* () {
      const error = yield* failure(() => {
        throw new Error(`${"no ".repeat(160)}https://app:${"hunter".repeat(20)}@vault`)
      })
      assert.notInclude(error.reason, "hunter")
    })
  )

  it.effect("has a cause with the name, the code and the stack, but without secrets", () =>
    Effect.gen(function* () {
      const thrown = Object.assign(new TypeError("no key g7rHe3mUqUGPEpnc4XxeDWJa"), { code: "ESEALED" })
      const error = yield* failure(() => {
        throw thrown
      })
      const { cause } = error
      assert.instanceOf(cause, Error)
      if (!(cause instanceof Error)) return
      assert.deepStrictEqual([cause.name, cause.message], ["TypeError", "no key <redacted>"])
      assert.isTrue(Predicate.hasProperty(cause, "code") && cause.code === "ESEALED")
      assert.match(cause.stack ?? "", /^TypeError: no key <redacted>\n {4}at .*resolver\.test\.ts/)
      const encoded = Schema.encodeSync(WebhookUnresolved)(error)
      assert.notInclude(JSON.stringify(encoded), "g7rHe3mUqUGPEpnc4XxeDWJa")
    })
  )

  it.effect("shows the kind of a thrown value that is not an Error, and hides the value", () =>
    Effect.gen(function* () {
      const error = yield* failure(() => {
        throw "hunter2"
      })
      assert.strictEqual(error.reason, "the function in the option webhook threw a string of 7 characters")
      assert.isUndefined(error.cause)
    })
  )
})
