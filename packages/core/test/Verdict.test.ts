import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import { type Delivery, Verdict, WebhooksError } from "../src/index.js"

const called = { operation: "addData", method: "POST", route: "/webhooks/data/{webhook_uri}" }

const attempted = (delivery: Delivery.Delivery) => ({ ...called, delivery, attempts: 1, history: [] })

const answered = (status: number, delivery: Delivery.Delivery = "Rejected") => ({
  ...attempted(delivery),
  status,
  requestId: undefined,
  excerpt: ""
})

const invalid = (...paths: ReadonlyArray<ReadonlyArray<string>>) =>
  new WebhooksError.InvalidRequest({
    ...called,
    issues: paths.map((path) => ({ path, expected: "another value", received: "this one" }))
  })

const unexpected = (status: number, delivery?: Delivery.Delivery) =>
  new WebhooksError.UnexpectedStatus({ ...answered(status, delivery), redirectOrigin: undefined })

const badRequest = (delivery?: Delivery.Delivery) =>
  new WebhooksError.BadRequest({ ...answered(400, delivery), detail: "no", extra: null })

const rateLimited = (delivery?: Delivery.Delivery, retryAfter?: Duration.Duration) =>
  new WebhooksError.RateLimited({ ...answered(429, delivery), retryAfter })

const unsent = (delivery: Delivery.Delivery) =>
  new WebhooksError.TransportError({ ...attempted(delivery), reason: "connect", description: "refused" })

const late = (delivery: Delivery.Delivery) =>
  new WebhooksError.TimedOut({
    ...attempted(delivery),
    limit: "attempt",
    stage: "request",
    duration: Duration.seconds(1)
  })

const serverError = new WebhooksError.ServerError({
  ...answered(503, "Unknown"),
  retryAfter: Duration.seconds(7)
})

describe("The verdict on rows", () => {
  const table: Readonly<Record<Verdict.Verdict, ReadonlyArray<readonly [what: string, WebhooksError.WebhooksError]>>> =
    {
      delivered: [
        [
          "a 2xx with an unusable response",
          new WebhooksError.DecodeError({ ...answered(201, "Accepted"), issues: [] })
        ],
        ["a timeout after the server acted", late("Accepted")]
      ],
      refused: [
        ["400", badRequest()],
        ["409", unexpected(409)],
        ["413", new WebhooksError.PayloadTooLarge(answered(413))],
        ["413 of an operation without PayloadTooLarge", unexpected(413)],
        ["415", unexpected(415)],
        ["422", unexpected(422)],
        ["an invalid document", invalid(["data"], ["data", "total"])]
      ],
      blocked: [
        ["401", new WebhooksError.Unauthorized(answered(401))],
        ["403", new WebhooksError.Forbidden(answered(403))],
        ["404", new WebhooksError.NotFound(answered(404))],
        ["405", unexpected(405)],
        ["410", unexpected(410)],
        ["451", unexpected(451)],
        ["no credentials", new WebhooksError.CredentialsError({ reason: "the vault is locked" })],
        ["invalid options", invalid(["options", "headers", "host"])],
        ["an invalid target", invalid(["data"], ["webhook"])]
      ],
      throttled: [
        ["429", rateLimited()],
        ["421", unexpected(421)],
        ["425", unexpected(425)]
      ],
      notSent: [
        ["a refused connection", unsent("NotSent")],
        ["a timeout before sending", late("NotSent")],
        ["no time left after a 429", late("Rejected")],
        ["no connection after a 429", unsent("Rejected")]
      ],
      unknown: [
        ["a reset after sending", unsent("Unknown")],
        ["a timeout after sending", late("Unknown")],
        ["5xx", serverError],
        ["408", unexpected(408, "Unknown")],
        ["302", unexpected(302, "Unknown")],
        ["a 400 after an attempt on which the server may have acted", badRequest("Unknown")],
        ["a 429 after an attempt on which the server may have acted", rateLimited("Unknown")]
      ]
    }
  for (const verdict of Verdict.Verdict.literals) {
    for (const [what, error] of table[verdict]) {
      it(`is ${verdict} after ${what}`, () => assert.strictEqual(Verdict.of(error), verdict))
    }
  }
})

it("retryAfter returns the wait that a 429 or a 5xx requests", () => {
  assert.deepStrictEqual(Verdict.retryAfter(rateLimited("Rejected", Duration.seconds(3))), Duration.seconds(3))
  assert.deepStrictEqual(Verdict.retryAfter(serverError), Duration.seconds(7))
  assert.isUndefined(Verdict.retryAfter(unexpected(425)))
})
