/** Resolves the option `webhook` of an outbox, which is a webhook or a function that returns a webhook. */
import type { CombineTarget } from "@mammoth-effect/client/WebhookTarget"
import { formatAll, shape } from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { WebhookUnresolved } from "../../OutboxError.js"
import type { Service } from "../../WebhookResolver.js"
import * as Checks from "./checks.js"
import { conceal, type Secrets } from "./conceal.js"

/** A webhook, or a function that returns the webhook each time a worker needs it. */
export type Webhook = CombineTarget | (() => CombineTarget | PromiseLike<CombineTarget>)

/** Returns the value if it is a string, and `""` otherwise. The properties of an error can have any type. */
const textOf = (value: unknown): string => (Predicate.isString(value) ? value : "")

/** Returns the frames of an error's stack. Leaves out the message, which precedes the frames. */
const framesOf = (error: Error): ReadonlyArray<string> => {
  const [stack, message] = [textOf(error.stack), textOf(error.message)]
  const end = stack.indexOf(message) + message.length
  return stack
    .slice(Math.max(0, end))
    .split("\n")
    .filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
}

/** Copies an error without its secrets: the name, the message, the code and the stack. */
const copyOf = (error: Error, secrets: Secrets): Error => {
  const name = conceal(textOf(error.name), secrets)
  const message = conceal(textOf(error.message), secrets)
  const stack = [message === "" ? name : `${name}: ${message}`, ...framesOf(error)].join("\n")
  const code = Predicate.hasProperty(error, "code") ? conceal(textOf(error.code), secrets) : ""
  return Object.defineProperties(new Error(message), {
    name: { value: name, configurable: true, writable: true },
    stack: { value: stack, configurable: true, writable: true },
    ...(code === "" ? {} : { code: { value: code, enumerable: true } })
  })
}

/**
 * Makes the error for a value that the webhook function threw. If the value is an error, the cause is a copy of that
 * error.
 */
const unresolved = (outbox: string, thrown: unknown, secrets: Secrets): WebhookUnresolved => {
  const threw = "the function in the option webhook threw"
  if (!Predicate.isError(thrown)) return new WebhookUnresolved({ outbox, reason: `${threw} ${shape(thrown)}` })
  const cause = copyOf(thrown, secrets)
  const message = cause.message === "" ? "" : `: ${cause.message}`
  return new WebhookUnresolved({ outbox, reason: `${threw} an error (${cause.name})${message}`, cause })
}

/** Makes a resolver. Masks the given secrets in its errors. */
export const make = (webhook: Webhook, secrets: Secrets): Service => ({
  resolve: (outbox) => {
    if (!Predicate.isFunction(webhook)) return Effect.succeed(webhook)
    return Effect.tryPromise({
      try: () => Promise.resolve(webhook()),
      catch: (thrown) => (thrown instanceof WebhookUnresolved ? thrown : unresolved(outbox, thrown, secrets))
    }).pipe(
      Effect.filterOrFail(
        (found) => Checks.ofWebhook(found).length === 0,
        (found) => new WebhookUnresolved({ outbox, reason: formatAll({ issues: Checks.ofWebhook(found), omitted: 0 }) })
      )
    )
  }
})
