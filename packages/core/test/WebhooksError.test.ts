import { assert, describe, it } from "@effect/vitest"
import { Cause, Duration, Effect, Exit, Schema } from "effect"
import { WebhooksError } from "../src/index.js"

const call = {
  operation: "getDetails",
  method: "GET",
  route: "/workspaces/{workspace_id}/projects/{project_id}/webhooks/{webhook_id}"
}

const where = `Webhooks.getDetails (GET ${call.route})`

const attempt: WebhooksError.Attempt = {
  outcome: "MammothServerError",
  status: 503,
  delivery: "Unknown",
  elapsedMillis: 12,
  waitedMillis: 500
}

const attempted = { ...call, delivery: "Unknown", attempts: 1, history: [attempt] } as const

const rejected = {
  ...attempted,
  delivery: "Rejected",
  status: 400,
  requestId: "req-1",
  excerpt: `{"detail":"no"}`
} as const

const { requestId: _, ...withoutId } = rejected

const issue = { path: ["limit"], expected: "an integer from 0 to 100", received: "a positive integer" }

type Case = readonly [
  schema: Schema.Schema<WebhooksError.WebhooksError, unknown>,
  error: WebhooksError.WebhooksError,
  message: string
]

const of = <E extends WebhooksError.WebhooksError, I>(schema: Schema.Schema<E, I>, error: E, message: string): Case => [
  schema as unknown as Case[0],
  error,
  message
]

const cases: ReadonlyArray<Case> = [
  of(
    WebhooksError.InvalidRequest,
    new WebhooksError.InvalidRequest({ ...call, issues: [issue, { path: [], expected: "x", received: "y" }] }),
    `${where}: the request is not valid, and nothing was sent. limit: expected an integer from 0 to 100, received a positive integer; expected x, received y`
  ),
  of(
    WebhooksError.CredentialsError,
    new WebhooksError.CredentialsError({ ...call, reason: "the vault is locked" }),
    `${where}: no credentials: the vault is locked. The server cannot have acted.`
  ),
  of(
    WebhooksError.CredentialsError,
    new WebhooksError.CredentialsError({ reason: "Set MAMMOTHANALYTICS_API_KEY." }),
    "No credentials: Set MAMMOTHANALYTICS_API_KEY. The server cannot have acted."
  ),
  of(
    WebhooksError.TransportError,
    new WebhooksError.TransportError({
      ...attempted,
      delivery: "NotSent",
      reason: "connect",
      code: "ECONNREFUSED",
      description: "connect ECONNREFUSED 127.0.0.1:1"
    }),
    `${where}: no complete response (connect: connect ECONNREFUSED 127.0.0.1:1). Check the base URL and that the server is up. The server cannot have acted.`
  ),
  of(
    WebhooksError.TransportError,
    new WebhooksError.TransportError({
      ...attempted,
      attempts: 4,
      reason: "reset",
      description: "terminated"
    }),
    `${where}: no complete response (reset: terminated). The connection ended during the call: check the network and the proxies on the way. The server may have acted. (4 attempts)`
  ),
  of(
    WebhooksError.TimedOut,
    new WebhooksError.TimedOut({ ...attempted, limit: "attempt", stage: "body", duration: Duration.seconds(30) }),
    `${where}: an attempt's timeout of 30s passed (stage: body). The response started but did not end: check the network, or allow more time. The server may have acted.`
  ),
  of(
    WebhooksError.TimedOut,
    new WebhooksError.TimedOut({
      ...attempted,
      limit: "deadline",
      stage: "request",
      duration: Duration.nanos(99_999_999_999_999_002_560n)
    }),
    `${where}: the call's deadline of 1157407d 9h passed (stage: request). Check that the server is up, or allow more time. The server may have acted.`
  ),
  of(
    WebhooksError.BadRequest,
    new WebhooksError.BadRequest({ ...rejected, detail: "no such field", extra: { field: "url" } }),
    `${where}: 400, the server refused the request: no such field. The server did not act. [request req-1]`
  ),
  of(
    WebhooksError.BadRequest,
    new WebhooksError.BadRequest({ ...withoutId, detail: "No such field.", extra: null }),
    `${where}: 400, the server refused the request: No such field. The server did not act.`
  ),
  of(
    WebhooksError.Unauthorized,
    new WebhooksError.Unauthorized({ ...rejected, status: 401 }),
    `${where}: 401, the server did not accept the API key and secret, or the webhook's secret: check them. The server did not act. Response: {"detail":"no"} [request req-1]`
  ),
  of(
    WebhooksError.Forbidden,
    new WebhooksError.Forbidden({ ...withoutId, status: 403, excerpt: "" }),
    `${where}: 403, the credentials do not permit this call: check the workspace and project ids. The server did not act.`
  ),
  of(
    WebhooksError.NotFound,
    new WebhooksError.NotFound({ ...rejected, status: 404, excerpt: "" }),
    `${where}: 404, not found: check the ids or the webhook's key, and the base URL. The server did not act. [request req-1]`
  ),
  of(
    WebhooksError.PayloadTooLarge,
    new WebhooksError.PayloadTooLarge({ ...withoutId, status: 413 }),
    `${where}: 413, the document is larger than the server accepts: send a smaller document. The server did not act. Response: {"detail":"no"}`
  ),
  of(
    WebhooksError.RateLimited,
    new WebhooksError.RateLimited({
      ...withoutId,
      status: 429,
      excerpt: "",
      retryAfter: Duration.seconds(90)
    }),
    `${where}: 429, too many requests. The server asks to wait 1m 30s. Send fewer requests, or try again later. The server did not act.`
  ),
  of(
    WebhooksError.RateLimited,
    new WebhooksError.RateLimited({
      ...withoutId,
      status: 429,
      excerpt: ""
    }),
    `${where}: 429, too many requests. Send fewer requests, or try again later. The server did not act.`
  ),
  of(
    WebhooksError.ServerError,
    new WebhooksError.ServerError({
      ...rejected,
      delivery: "Unknown",
      attempts: 2,
      status: 503,
      excerpt: "<html>"
    }),
    `${where}: 503, the server or a gateway in front of it failed. Repeat a read later. Before you repeat a write, check its effect. The server may have acted. (2 attempts) Response: <html> [request req-1]`
  ),
  of(
    WebhooksError.UnexpectedStatus,
    new WebhooksError.UnexpectedStatus({
      ...withoutId,
      delivery: "Unknown",
      status: 302,
      excerpt: "",
      redirectOrigin: "https://login.example"
    }),
    `${where}: unexpected status 302. The server redirects to https://login.example, but the SDK follows no redirect: check the base URL. The server may have acted.`
  ),
  of(
    WebhooksError.UnexpectedStatus,
    new WebhooksError.UnexpectedStatus({
      ...withoutId,
      status: 418,
      excerpt: ""
    }),
    `${where}: unexpected status 418. The server did not act.`
  ),
  of(
    WebhooksError.DecodeError,
    new WebhooksError.DecodeError({ ...rejected, delivery: "Accepted", status: 201, excerpt: "", issues: [issue] }),
    `${where}: 201, but the response is unusable: limit: expected an integer from 0 to 100, received a positive integer. Check that the base URL points to a Mammoth API. The server acted. [request req-1]`
  )
]

describe("Each error", () => {
  it.each(cases)("has a message with the call, the cause and the delivery (%#)", (_schema, error, message) => {
    assert.strictEqual(error.message, message)
    assert.instanceOf(error, Error)
    assert.include(String(error), error._tag)
  })

  it.each(cases)("is the same after encoding to JSON and decoding (%#)", (schema, error) => {
    const wire: unknown = JSON.parse(JSON.stringify(Schema.encodeSync(schema)(error)))
    const read = Schema.decodeUnknownSync(schema)(wire)
    assert.strictEqual(read._tag, error._tag)
    assert.strictEqual(read.message, error.message)
    assert.deepStrictEqual(Schema.encodeSync(schema)(read), Schema.encodeSync(schema)(error))
  })

  it.each(cases)("has no cause, because a cause could contain keys (%#)", (_schema, error) => {
    assert.isUndefined(error.cause)
    assert.notProperty(error, "cause")
  })

  it("is one of thirteen classes, and each class has a case in this test", () => {
    const classes = Object.values(WebhooksError).filter((each) => typeof each === "function" && "_tag" in each)
    assert.strictEqual(classes.length, 13)
    assert.deepStrictEqual(
      [...new Set(cases.map(([, error]) => error._tag))].toSorted(),
      classes.map((each) => String(Reflect.get(each, "_tag"))).toSorted()
    )
  })
})

it("InvalidRequest and CredentialsError have the delivery NotSent by default", () => {
  assert.strictEqual(new WebhooksError.InvalidRequest({ ...call, issues: [] }).delivery, "NotSent")
  const error = new WebhooksError.CredentialsError({ reason: "none" })
  assert.deepStrictEqual(
    { delivery: error.delivery, attempts: error.attempts, history: error.history, operation: error.operation },
    { delivery: "NotSent", attempts: 1, history: [], operation: "?" }
  )
})

it.effect("An error can be yielded, and caught by its tag", () =>
  Effect.gen(function* () {
    const failing: Effect.Effect<never, WebhooksError.NotFound | WebhooksError.Forbidden> = new WebhooksError.NotFound({
      ...rejected,
      status: 404
    })
    const status = yield* failing.pipe(
      Effect.catchTag("MammothNotFound", (error) => Effect.succeed(error.status)),
      Effect.exit
    )
    assert.deepStrictEqual(status, Exit.succeed(404))
    const exit = yield* Effect.exit(failing)
    assert.isTrue(Exit.isFailure(exit) && Cause.isFailType(exit.cause))
  })
)
