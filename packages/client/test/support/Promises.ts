/** Makes clients of the promise API, and reads the errors that their promises reject with. */
import { assert } from "@effect/vitest"
import { Emulator } from "@mammoth-effect/emulator"
import { Effect } from "effect"
import { isMammothError, makeClient, type MammothError, type Options } from "../../src/promise.js"

export const keys = { apiKey: "emulator-key", apiSecret: "emulator-secret" }

/** Starts an emulator, and makes a client that is closed after the test. */
export const connected = (options: Options = {}, emulatorOptions: Emulator.Options = {}) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator.make({ seed: 1, ...emulatorOptions })
    const mammoth = yield* Effect.acquireRelease(
      Effect.sync(() => makeClient({ baseUrl: emulator.baseUrl, credentials: keys, retry: false, ...options })),
      (client) => Effect.promise(client.close)
    )
    return { emulator, mammoth }
  })

/** Returns the error that a promise rejects with. */
export const rejected = (promise: () => Promise<unknown>): Effect.Effect<unknown> =>
  Effect.promise(() =>
    promise().then(
      () => assert.fail("it was fulfilled"),
      (error: unknown) => error
    )
  )

/** Checks that an error has the given tag, and narrows the error's type. */
export function assertTagged<Tag extends MammothError["_tag"]>(
  error: unknown,
  tag: Tag
): asserts error is Extract<MammothError, { readonly _tag: Tag }> {
  assert.isTrue(isMammothError(error), String(error))
  assert.propertyVal(error, "_tag", tag)
}
