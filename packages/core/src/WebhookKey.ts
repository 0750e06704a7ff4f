/**
 * The key of a webhook: the last segment of the webhook's `uri`. The key is a credential, because anyone who has the
 * key can write.
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

/** The string that JSON and logs show instead of a `Redacted` value. */
const mask = "<redacted>"

const isKey = (text: string): boolean =>
  text !== "" && text !== "." && text !== ".." && text !== mask && !/[/?#\s\p{Cc}\p{Cs}]/u.test(text)

const expected = "a webhook key: one path segment, such as the last segment of a webhook's uri"

/**
 * The schema of a key.
 *
 * On the wire, a key is one path segment of at least one character. It has no slash, `?`, `#`, white space, control
 * character or half of a surrogate pair. The schema also refuses `.`, `..` and the string `<redacted>`, which JSON and
 * logs show instead of a key.
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
 * Returns an issue with a remedy if a value is the mask `<redacted>` instead of a webhook's key, uri or secret. Returns
 * `undefined` for any other value. `field` is the name of the value in the issue, such as `"a secret"`.
 *
 * @example
 * import { WebhookKey } from "@mammoth-effect/core"
 *
 * console.log(WebhookKey.findMask("a secret", "<redacted>")?.received) // the mask <redacted>
 * console.log(WebhookKey.findMask("a secret", "sesame")) // undefined
 *
 * @since 0.1.0
 * @category constructors
 */
export const findMask = (field: string, text: unknown): Issue.Issue | undefined =>
  text === mask
    ? {
        path: [],
        expected: `${field} (JSON.stringify and logs write a mask; to store the value itself, call Redacted.value, or reveal in the promise API)`,
        received: `the mask ${mask}`
      }
    : undefined

/**
 * Makes a key from a string. Throws a `TypeError` if the string cannot be a key. If the string may also be a path or
 * URL, use {@link fromUri}.
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
    () => new TypeError(`WebhookKey.make: expected ${expected}, received ${Issue.shape(text)}`)
  )

/**
 * Reads the key from a webhook's `uri`: a path, an absolute URL or the bare key. Returns an issue for other strings.
 *
 * The function ignores the part before `/webhook/data/` or `/webhooks/data/`, because that part differs between
 * servers. The function does not check the server of an absolute URL, so the caller has to check the server. The client
 * refuses a URL of another origin.
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
  // A string without a slash is the key itself. Otherwise the string is a path or a URL, so decode its key, which is
  // percent-encoded.
  return (text.includes("/") ? Either.try(() => decodeURIComponent(segment)) : Either.right(text)).pipe(
    Either.flatMap(decode),
    Either.mapLeft(() => ({
      path: [],
      expected: "a webhook, its key, or its uri, which ends in /webhook/data/{key}",
      received: Issue.shape(text)
    }))
  )
}
