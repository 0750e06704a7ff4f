/** Reads the target of a push: a webhook, its key, or its uri. */
import type * as Issue from "@mammoth-effect/core/Issue"
import { shape } from "@mammoth-effect/core/Issue"
import * as WebhookKey from "@mammoth-effect/core/WebhookKey"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type { Target } from "../../WebhooksService.js"
import type { Settings } from "../http/call.js"
import { isHeaderValue } from "../http/headerRules.js"
import { revealed } from "../http/revealed.js"
import type { PushInput } from "./prepare.js"

const path = ["webhook"]

/** Returns the normalized origin of an absolute URL. Returns `undefined` for a path or a key. */
const originOf = (uri: string): string | undefined =>
  /^([a-z][a-z0-9+.-]*:)?[/\\]{2}/i.test(uri)
    ? Either.getOrElse(
        Either.try(() => new URL(uri).origin),
        () => "unreadable"
      )
    : undefined

/** Returns the uri or key of a target, without white space at its ends. */
const textOf = (target: Target): unknown => {
  const uri: unknown = Predicate.hasProperty(target, "uri") ? target.uri : target
  const text = revealed(uri)
  return Predicate.isString(text) ? text.trim() : text
}

/**
 * Returns the secret of a target, or `undefined` if the target has no secret. In a program without types, the secret
 * may be a value that is not a string.
 */
const secretOf = (target: Target): unknown => {
  const secret: unknown = Predicate.hasProperty(target, "secret") ? target.secret : undefined
  if (secret === null || secret === undefined) return undefined
  const text = revealed(secret)
  return text === "" ? undefined : (text ?? null)
}

/** The parts of a push that depend on the target: the key in the path, and the secret in a header. */
interface Address {
  readonly path: { readonly key: Redacted.Redacted }
  readonly headers: Readonly<Record<string, string>>
  readonly secrets: ReadonlyArray<string>
}

const addressOf = (
  { baseUrl, webhookSecret }: Settings,
  text: unknown,
  secret: unknown
): Either.Either<Address, Issue.Issue> => {
  if (!Predicate.isString(text)) {
    return Either.left({
      path,
      expected: "a webhook, its key, or its uri, as the first argument",
      received: Predicate.isNumber(text) ? "a number" : shape(text)
    })
  }
  const masked = WebhookKey.findMask("a key or uri", text)
  if (masked !== undefined) return Either.left({ ...masked, path })
  const maskedSecret = WebhookKey.findMask("a secret", secret)
  if (maskedSecret !== undefined) return Either.left({ ...maskedSecret, path: ["webhook", "secret"] })
  const origin = originOf(text)
  if (origin !== undefined && origin !== new URL(baseUrl).origin) {
    return Either.left({
      path,
      expected: "a webhook of the configured server (set the base URL to push elsewhere)",
      received: "a uri with another origin"
    })
  }
  if (secret !== undefined && !isHeaderValue(secret)) {
    return Either.left({
      path: ["webhook", "secret"],
      expected: "a secret of printable ASCII, as HTTP headers require",
      received: shape(secret)
    })
  }
  return Either.mapBoth(WebhookKey.fromUri(text), {
    onLeft: (issue) => ({ ...issue, path }),
    onRight: (key) => ({
      path: { key },
      secrets: [text, Redacted.value(key), ...(secret === undefined ? [] : [secret])],
      headers:
        secret === undefined
          ? {}
          : { [webhookSecret.header]: [webhookSecret.scheme, secret].filter((part) => part !== "").join(" ") }
    })
  })
}

/** Makes an {@link addressOf} that remembers the last address, because a producer mostly pushes to one webhook. */
const makeAddressOf = (): typeof addressOf => {
  let given: ReadonlyArray<unknown> = []
  let address: ReturnType<typeof addressOf> | undefined
  return (...next) => {
    if (address === undefined || next.some((each, i) => each !== given[i])) address = addressOf(...next)
    given = next
    return address
  }
}

/** Makes the input of pushes from the target and the data. The key goes into the path, and the secret into a header. */
export const makeToInput = () => {
  const find = makeAddressOf()
  return (
    target: Target,
    data: Pick<PushInput, "headers" | "document"> & { readonly query?: unknown; readonly body?: unknown }
  ) =>
    (settings: Settings): Either.Either<PushInput, Issue.Issue> =>
      Either.map(find(settings, textOf(target), secretOf(target)), (address) => ({
        path: address.path,
        query: data.query ?? {},
        body: data.body,
        label: "data",
        secrets: address.secrets,
        ...(data.document === undefined ? {} : { document: data.document }),
        headers: { ...data.headers, ...address.headers }
      }))
}
