/**
 * Reads and decompresses the text of a response, up to a limit. If the body is cut off, returns the part that arrived.
 */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type Bytes, take } from "./bytes.js"
import { decompress } from "./contentEncoding.js"
import { guardsHeaders } from "./runtime.js"

/** The part of a body that arrived, and the reason why the rest is missing. */
export interface Incomplete {
  readonly text: string
  readonly flaw: Issue.Issues
}

const mismatch = (expected: string, received: string): Issue.Issues => ({
  issues: [{ path: [], expected, received }],
  omitted: 0
})

const cutOff = mismatch("the whole body", "a body that was cut off")

const tooLong = (limit: number) =>
  mismatch(`at most ${limit} bytes (set responseLimits.needed to allow more)`, "a longer body")

/**
 * Matches encodings whose names may be shown. Other names are not shown, because a gateway can put anything into a
 * header, such as a key.
 */
const usual = /^(?:(?:br|compress|deflate|identity|x-gzip|gzip|zstd)(?:, ?)?){1,6}$/

const undecodable = (encoding: string) =>
  mismatch(
    "a body in gzip, deflate, br or as plain text",
    `bytes that cannot be decoded from ${usual.test(encoding) ? encoding : "an unusual encoding"}`
  )

/**
 * Decodes bytes as UTF-8. The last character of an incomplete body may be cut off. If `fatal` is `true`, fails for
 * bytes that are not UTF-8.
 */
const textOf = ({ bytes, end }: Bytes, fatal: boolean): Either.Either<string, unknown> =>
  Either.try(() => new TextDecoder("utf-8", { fatal }).decode(bytes, { stream: end !== "whole" }))

/**
 * Reads a body that may be long, or that the server may have compressed although the request did not ask for
 * compression.
 */
const readStream = (
  { headers, stream }: HttpClientResponse.HttpClientResponse,
  limit: number
): Effect.Effect<string, Incomplete> =>
  Effect.flatMap(take(stream, limit), (taken) => {
    const told = (bytes: Bytes, flaw: Issue.Issues): Either.Either<string, Incomplete> => {
      const text = Either.getOrElse(textOf(bytes, false), () => "")
      return bytes.end === "whole"
        ? Either.right(text)
        : Either.left({ text, flaw: bytes.end === "limit" ? tooLong(limit) : flaw })
    }
    const encoding = (headers["content-encoding"] ?? "").toLowerCase()
    const codings = encoding.split(/[\s,]+/).filter((coding) => coding !== "" && coding !== "identity")
    return codings.length === 0 || taken.end === "broken" || Either.isRight(textOf(taken, true))
      ? told(taken, cutOff)
      : Effect.flatMap(decompress(taken.bytes, codings, limit), (bytes) =>
          told(bytes, taken.end === "limit" ? tooLong(limit) : undecodable(encoding))
        )
  })

/**
 * Returns `true` if a response declares a short body, and the declared length is reliable. The length is not reliable
 * in browsers, because browsers hide the `content-encoding` of other origins from a page.
 */
const isShort = ({ headers }: HttpClientResponse.HttpClientResponse, limit: number): boolean =>
  !guardsHeaders
  && Number(headers["content-length"]) <= limit
  && headers["content-encoding"] === undefined
  && headers["transfer-encoding"] === undefined

/** Reads the body of a response as a string. Reads a short body with the transport's own method, which is faster. */
export const readText = (
  response: HttpClientResponse.HttpClientResponse,
  limit: number
): Effect.Effect<string, Incomplete> =>
  isShort(response, limit)
    ? Effect.mapError(response.text, () => ({ text: "", flaw: cutOff }))
    : readStream(response, limit)
