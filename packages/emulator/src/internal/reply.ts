/** What the server answers: a status and the text of a JSON document. */
import type { Issue } from "@mammoth-effect/core/Issue"
import { format } from "@mammoth-effect/core/Issue"
import type { BadRequestBody } from "@mammoth-effect/core/WebhooksApi"

export interface Reply {
  readonly status: number
  /** JSON, or nothing. */
  readonly body: string
  /** Beyond those of content. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Keeps a browser from taking a document for something else than its content type says. */
export const noSniff: readonly [name: string, value: string] = ["x-content-type-options", "nosniff"]

export const json = (status: number, document: unknown): Reply => ({
  status,
  body: document === undefined ? "" : JSON.stringify(document)
})

/** The body that the API is said to have for errors other than 400. */
const failure = (status: number, name: string, message: string): Reply =>
  json(status, { error_code: status, name, message })

export const unauthorized = (message: string): Reply => failure(401, "Unauthorized", message)

export const forbidden = (message: string): Reply => failure(403, "Forbidden", message)

export const notFound = (message: string): Reply => failure(404, "NotFound", message)

export const tooLarge = (limit: number): Reply =>
  failure(413, "PayloadTooLarge", `The body is larger than ${limit} bytes`)

export const notImplemented = (name: string): Reply =>
  failure(501, "NotImplemented", `The emulator does not know the operation ${name} yet`)

/** A refusal names so many issues; a large body may have far more. */
const mostIssues = 20

export const badRequest = (issues: ReadonlyArray<Issue>): Reply => {
  const named = issues.slice(0, mostIssues)
  const more = issues.length > named.length ? [`and ${issues.length - named.length} more`] : []
  const body: BadRequestBody = {
    status_code: 400,
    detail: [...named.map(format), ...more].join("; "),
    extra: named.map(({ expected, path, received }) => ({ path, message: format({ path: [], expected, received }) }))
  }
  return json(400, body)
}

export const issue = (expected: string, received: string, path: Issue["path"] = []): Issue => ({
  path,
  expected,
  received
})
