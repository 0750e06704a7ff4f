import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import { Schema } from "effect"
import type {
  Identifier,
  Operations,
  Webhook,
  WebhookField,
  WebhookKey,
  WebhookPage,
  WebhooksError,
  Json
} from "../src/index.js"
import { Operation } from "../src/index.js"

describe("make", () => {
  it("returns the declaration unchanged, with its exact types", () => {
    const declaration = {
      name: "count",
      operationId: "CountWebhooks",
      summary: "Counts the webhooks of a server",
      method: "GET",
      route: "/webhooks/count",
      path: Schema.Struct({}),
      query: Schema.Struct({ since: Schema.optional(Schema.String) }),
      body: undefined,
      success: Schema.Struct({ count: Schema.Number }),
      status: 200,
      repeat: "read",
      errors: ["MammothDecodeError"]
    } as const
    const count = Operation.make(declaration)
    assert.strictEqual<unknown>(count, declaration)
    expectTypeOf(count.name).toEqualTypeOf<"count">()
    expectTypeOf<Operation.Success<typeof count>>().toEqualTypeOf<{ readonly count: number }>()
    expectTypeOf<Operation.Request<typeof count>>().toExtend<{ readonly since?: string | undefined }>()
  })
})

describe("The types of an operation", () => {
  it("list exactly the errors that the operation can have", () => {
    type Common =
      | WebhooksError.InvalidRequest
      | WebhooksError.CredentialsError
      | WebhooksError.TransportError
      | WebhooksError.TimedOut
      | WebhooksError.BadRequest
      | WebhooksError.Unauthorized
      | WebhooksError.Forbidden
      | WebhooksError.NotFound
      | WebhooksError.RateLimited
      | WebhooksError.ServerError
      | WebhooksError.UnexpectedStatus
    expectTypeOf<Operation.Error<typeof Operations.list>>().toEqualTypeOf<Common | WebhooksError.DecodeError>()
    expectTypeOf<Operation.Error<typeof Operations.create>>().toEqualTypeOf<Common | WebhooksError.DecodeError>()
    expectTypeOf<Operation.Error<typeof Operations.getDetails>>().toEqualTypeOf<Common | WebhooksError.DecodeError>()
    expectTypeOf<Operation.Error<typeof Operations.delete>>().toEqualTypeOf<Common>()
    expectTypeOf<Operation.Error<typeof Operations.update>>().toEqualTypeOf<Common | WebhooksError.DecodeError>()
    expectTypeOf<Operation.Error<typeof Operations.addDataUsingGet>>().toEqualTypeOf<Common>()
    expectTypeOf<Operation.Error<typeof Operations.addData>>().toEqualTypeOf<Common | WebhooksError.PayloadTooLarge>()
    expectTypeOf<Operation.ErrorTag>().toEqualTypeOf<"MammothPayloadTooLarge" | "MammothDecodeError">()
  })

  it("give the decoded response as the result, or void if no response is decoded", () => {
    expectTypeOf<Operation.Success<typeof Operations.list>>().toEqualTypeOf<WebhookPage.WebhookPage>()
    expectTypeOf<Operation.Success<typeof Operations.create>>().toEqualTypeOf<Webhook.Details>()
    expectTypeOf<Operation.Success<typeof Operations.getDetails>>().toEqualTypeOf<Webhook.Details>()
    expectTypeOf<Operation.Success<typeof Operations.delete>>().toEqualTypeOf<void>()
    expectTypeOf<Operation.Success<typeof Operations.update>>().toEqualTypeOf<Webhook.Details>()
    expectTypeOf<Operation.Success<typeof Operations.addDataUsingGet>>().toEqualTypeOf<void>()
    expectTypeOf<Operation.Success<typeof Operations.addData>>().toEqualTypeOf<void>()
  })

  it("accept flat input with identifiers or plain numbers, but refuse an identifier of another kind", () => {
    type List = Operation.Request<typeof Operations.list>
    expectTypeOf<{ workspaceId: 4; projectId: 4; mode: ["combine"] }>().toExtend<List>()
    expectTypeOf<{ workspaceId: Identifier.WorkspaceId; projectId: Identifier.ProjectId }>().toExtend<List>()
    expectTypeOf<{ workspaceId: Identifier.ProjectId; projectId: Identifier.ProjectId }>().not.toExtend<List>()
    expectTypeOf<{ workspaceId: 4 }>().not.toExtend<List>()

    type Update = Operation.Request<typeof Operations.update>
    expectTypeOf<{ workspaceId: 4; projectId: 4; webhookId: 8; isSecure: true }>().toExtend<Update>()
    expectTypeOf<{ workspaceId: 4; projectId: 4; webhookId: Identifier.DatasetId }>().not.toExtend<Update>()

    type GetDetails = Operation.Request<typeof Operations.getDetails>
    expectTypeOf<GetDetails["fields"]>().toEqualTypeOf<WebhookField.Selection | undefined>()

    type Push = Operation.Request<typeof Operations.addDataUsingGet>
    expectTypeOf<Push["key"]>().toExtend<WebhookKey.WebhookKey>()
    expectTypeOf<Schema.Schema.Type<(typeof Operations.addData)["body"]>>().toEqualTypeOf<Json.Json>()
  })
})
