/**
 * The key of a webhook: the last segment of its `uri`. It is a credential, since whoever has it can write.
 *
 * @since 0.1.0
 */
import type * as Brand from "effect/Brand"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Issue from "./Issue.js"

/**
 * A webhook's key, redacted: it prints as `<redacted>` everywhere.
 *
 * Source: published API description, path parameter `webhook_uri` ("API key of the webhook").
 *
 * @example
 * import { WebhookKey } from "@mammoth-effect/core"
 *
 * const key: WebhookKey.WebhookKey = WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa")
 * console.log(String(key)) // <redacted>
 *
 * @since 0.1.0
 * @category models
 */
export type WebhookKey = Redacted.Redacted & Brand.Brand<"@mammoth-effect/core/WebhookKey">

/** The text that JSON and logs show in place of a `Redacted` value. */
const mask = "<redacted>"

const isKey = (text: string): boolean =>
  text !== "" && text !== "." && text !== ".." && text !== mask && !/[/?#\s\p{Cc}\p{Cs}]/u.test(text)

const expected = "a webhook key: one path segment, such as the last one of a webhook's uri"

/**
 * The schema of a key. On the wire a key is a path segment: at least one character, without slash, `?`, `#`, white
 * space, control characters or halves of surrogate pairs. The text `<redacted>` is no key: JSON and logs show it in
 * place of one.
 *
 * @example
 * import { WebhookKey } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const key = Schema.decodeUnknownSync(WebhookKey.WebhookKey)("g7rHe3mUqUGPEpnc4XxeDWJa")
 * console.log(JSON.stringify({ key })) // {"key":"<redacted>"}
 *
 * @since 0.1.0
 * @category schemas
 */
export const WebhookKey: Schema.Schema<WebhookKey, string> = Schema.Redacted(
  Schema.String.pipe(Schema.filter(isKey, { description: expected, jsonSchema: { minLength: 1 } }))
)
  .annotations({ description: expected, jsonSchema: { type: "string", minLength: 1 } })
  .pipe(Schema.brand("@mammoth-effect/core/WebhookKey"))

const decode = ParseResult.decodeUnknownEither(WebhookKey)

/**
 * Returns an issue, with a remedy, if the text is the mask `<redacted>` in place of a webhook's key, uri or secret.
 * `field` names the purpose of the text. Returns `undefined` for any other text.
 *
 * @example
 * import { WebhookKey } from "@mammoth-effect/core"
 *
 * console.log(WebhookKey.findMask("a secret", "<redacted>")?.received) // the text <redacted>
 * console.log(WebhookKey.findMask("a secret", "sesame")) // undefined
 *
 * @since 0.1.0
 * @category constructors
 */
export const findMask = (field: string, text: unknown): Issue.Issue | undefined =>
  text === mask
    ? {
        path: [],
        expected: `${field} that is not masked: JSON.stringify and logs write a mask in its place (store what Redacted.value gives, or reveal of the promise API)`,
        received: `the text ${mask}`
      }
    : undefined

/**
 * Makes a key from its text. Throws if the text cannot be a key (see {@link fromUri} for text of unknown kind).
 *
 * @example
 * import { WebhookKey } from "@mammoth-effect/core"
 *
 * const key = WebhookKey.make("g7rHe3mUqUGPEpnc4XxeDWJa")
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (text: string): WebhookKey =>
  Either.getOrThrowWith(
    decode(text),
    () => new TypeError(`Not a webhook key: expected ${expected}, received ${Issue.shape(text)}`)
  )

/**
 * Reads the key from a webhook's `uri`: a path, an absolute URL or the bare key. Otherwise returns an issue.
 *
 * The part before `/webhook/data/` or `/webhooks/data/` does not matter, as servers differ in it. The caller has to
 * check the server of an absolute URL (the client refuses another origin than its own).
 *
 * @example
 * import { WebhookKey } from "@mammoth-effect/core"
 * import { Either } from "effect"
 *
 * const key = WebhookKey.fromUri("/webhook/data/nHC1zIl97JzgDMopgcfpOgLV")
 * console.log(Either.isRight(key)) // true
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromUri = (uri: string | Redacted.Redacted): Either.Either<WebhookKey, Issue.Issue> => {
  const text = Redacted.isRedacted(uri) ? Redacted.value(uri) : uri
  const segment = /\/webhooks?\/data\/([^/]*)\/?$/.exec(text)?.[1] ?? ""
  const masked = findMask("a key or uri", segment === "" ? text : segment)
  if (masked !== undefined) return Either.left(masked)
  // text without a slash is the key itself; in an address the key is percent-encoded
  return (text.includes("/") ? Either.try(() => decodeURIComponent(segment)) : Either.right(text)).pipe(
    Either.flatMap(decode),
    Either.mapLeft(() => ({
      path: [],
      expected: "a webhook, its key, or its uri, which ends in /webhook/data/ and the key",
      received: Issue.shape(text)
    }))
  )
}
