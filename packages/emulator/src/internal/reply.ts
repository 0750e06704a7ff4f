/** Makes replies of the server: a status and a JSON document. */
import { format, formatAll, type Issue, type Issues } from "@mammoth-effect/core/Issue"
import type { BadRequestBody } from "@mammoth-effect/core/WebhooksApi"

export interface Reply {
  readonly status: number
  /** The body of the reply: a JSON document, or an empty string if the reply has no body. */
  readonly body: string
  /** The headers other than `content-type` and `content-length`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Prevents a browser from guessing another content type than the declared one. */
export const noSniff = { "x-content-type-options": "nosniff" } as const

export const json = (status: number, document: unknown): Reply => ({
  status,
  body: document === undefined ? "" : JSON.stringify(document)
})

/** Makes the reply for an error other than a 400. Its body has the published form for these errors. */
const failure = (status: number, name: string, message: string): Reply =>
  json(status, { error_code: status, name, message })

export const unauthorized = (message: string): Reply => failure(401, "Unauthorized", message)

export const forbidden = (message: string): Reply => failure(403, "Forbidden", message)

export const notFound = (message: string): Reply => failure(404, "NotFound", message)

export const tooLarge = (limit: number): Reply =>
  failure(413, "PayloadTooLarge", `The body is larger than ${limit} bytes`)

export const notImplemented = (name: string): Reply =>
  failure(501, "NotImplemented", `The emulator does not implement the operation ${name} yet`)

export const badRequest = (wrong: Issues): Reply => {
  const body: BadRequestBody = {
    status_code: 400,
    detail: formatAll(wrong),
    extra: wrong.issues.map(({ expected, path, received }) => ({
      path,
      message: format({ path: [], expected, received })
    }))
  }
  return json(400, body)
}

/** Makes a list with a single issue. */
export const issue = (expected: string, received: string, path: Issue["path"] = []): Issues => ({
  issues: [{ path, expected, received }],
  omitted: 0
})
