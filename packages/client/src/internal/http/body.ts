/** The response's body, read within the attempt, so that timeout and retry cover it. */
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { type Attempt, isSuccess, type Response } from "./attempt.js"
import { type Bytes, take } from "./bytes.js"
import { type Call, returnsBody } from "./call.js"
import { decompress } from "./contentEncoding.js"
import { short } from "./mask.js"
import { guardsHeaders } from "./runtime.js"

/** The server's own id of the request, under one of its usual names. */
export const requestId = (attempt: Attempt, { headers }: Response): string | null => {
  const id = headers["x-request-id"] ?? headers["request-id"] ?? headers["x-correlation-id"]
  return id === undefined ? null : short(attempt, id)
}

/** Shows a response to the caller. What that does with it can neither fail the call nor hold it up beyond its limits. */
const observe = ({ operation, settings }: Call, attempt: Attempt, response: Response): Effect.Effect<void> => {
  const { onResponse } = settings
  return onResponse === undefined
    ? Effect.void
    : Effect.suspend(() =>
        onResponse({
          operation: operation.name,
          attempt: attempt.number,
          status: response.status,
          headers: { ...response.headers },
          requestId: requestId(attempt, response),
          text: response.text
        })
      ).pipe(
        Effect.disconnect,
        Effect.catchAllCause(() =>
          Effect.annotateLogs(Effect.logWarning("onResponse died"), "operation", operation.name)
        )
      )
}

/** A body of which the call has not all: what it has, and what is wrong. */
interface Incomplete {
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

/** Encodings whose names may be shown: a gateway can put anything into a header, such as a key. */
const usual = /^(?:(?:br|compress|deflate|identity|x-gzip|gzip|zstd)(?:, ?)?){1,6}$/

const undecodable = (encoding: string) =>
  mismatch(
    "a body in gzip, deflate, br or as plain text",
    `bytes that cannot be decoded from ${usual.test(encoding) ? encoding : "an encoding of another name"}`
  )

/** The text of bytes, of which the last character may be cut off; none if it has to be UTF-8 and is not. */
const textOf = ({ bytes, end }: Bytes, fatal: boolean): Either.Either<string, unknown> =>
  Either.try(() => new TextDecoder("utf-8", { fatal }).decode(bytes, { stream: end !== "whole" }))

/** Reads a body that may be long, or compressed by a server that was not asked to. */
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
 * Does a response say that its body is short, and is that length the whole truth? Browsers show a page no
 * `content-encoding` of other origins.
 */
const isShort = ({ headers }: HttpClientResponse.HttpClientResponse, limit: number): boolean =>
  !guardsHeaders
  && Number(headers["content-length"]) <= limit
  && headers["content-encoding"] === undefined
  && headers["transfer-encoding"] === undefined

/** A short body takes the transport's own quick way. */
const read = (response: HttpClientResponse.HttpClientResponse, limit: number): Effect.Effect<string, Incomplete> =>
  isShort(response, limit)
    ? Effect.mapError(response.text, () => ({ text: "", flaw: cutOff }))
    : readStream(response, limit)

/** Reads the body of each response, up to the limit for its kind. A longer body is given up together with its connection. */
export const withBody =
  (call: Call, attempt: Attempt) =>
  <E>(sent: Effect.Effect<HttpClientResponse.HttpClientResponse, E>): Effect.Effect<Response, E> =>
    Effect.flatMap(sent, (response) => {
      const { headers, status } = response
      attempt.stage = "body"
      attempt.response = { status, headers, text: "", flaw: undefined }
      const { needed, other } = call.settings.responseLimits
      const done = (text: string, flaw: Issue.Issues | undefined) => {
        const read = { status, headers, text, flaw }
        attempt.response = read
        return Effect.as(observe(call, attempt, read), read)
      }
      return Effect.matchEffect(read(response, isSuccess(response) && returnsBody(call) ? needed : other), {
        onSuccess: (text) => done(text, undefined),
        onFailure: ({ flaw, text }) => done(text, flaw)
      })
    })
