/**
 * An operation of the API as plain data. A client, a server and a document can each interpret it.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import type * as Identifier from "./Identifier.js"
import type * as WebhookField from "./WebhookField.js"
import type * as WebhooksError from "./WebhooksError.js"

/**
 * The effect of a repeated call:
 *
 * - `read`: the call changes nothing.
 * - `idempotent`: two calls have the same effect as one.
 * - `once`: each call adds something.
 *
 * @example
 * import type { Operation } from "@mammoth-effect/core"
 *
 * const mayRepeat = (repeat: Operation.Repeat): boolean => repeat !== "once"
 *
 * @since 0.1.0
 * @category models
 */
export type Repeat = "read" | "idempotent" | "once"

/**
 * An operation: its address, its input and output, and its errors.
 *
 * - `route` is the path template below the API's base path, with the published parameter names.
 * - `path`, `query` and `body` are the schemas of the three places that carry input. A caller gives all input in one flat
 *   object. The keys of `path` fill the path. All other keys are sent in the body, or in the query if there is no body.
 * - `success` is the schema of the response's JSON. The response is decoded if `errors` names `MammothDecodeError`.
 * - `projection` makes the schema of a response that is narrowed to some fields. Only operations with a `fields`
 *   parameter have it.
 * - `errors` has the tags of this operation's errors, without the errors that every operation can have.
 *
 * @example
 * import { Operation } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const ping = Operation.make({
 *   name: "ping",
 *   operationId: "Ping",
 *   summary: "Checks that the server responds",
 *   method: "GET",
 *   route: "/ping",
 *   path: Schema.Struct({}),
 *   query: Schema.Struct({}),
 *   body: undefined,
 *   success: Schema.Void,
 *   status: 204,
 *   repeat: "read",
 *   errors: []
 * })
 *
 * @since 0.1.0
 * @category models
 */
export interface Operation<
  Name extends string = string,
  Path extends Schema.Schema.AnyNoContext = Schema.Schema.AnyNoContext,
  Query extends Schema.Schema.AnyNoContext = Schema.Schema.AnyNoContext,
  Body extends Schema.Schema.AnyNoContext | undefined = Schema.Schema.AnyNoContext | undefined,
  Success extends Schema.Schema.AnyNoContext = Schema.Schema.AnyNoContext,
  Errors extends ReadonlyArray<ErrorTag> = ReadonlyArray<ErrorTag>
> {
  /** The name of the client's method and of the spans, such as `getDetails`. */
  readonly name: Name
  /** The published operationId. */
  readonly operationId: string
  /** One sentence that says what the operation does. */
  readonly summary: string
  readonly method: "GET" | "POST" | "PATCH" | "DELETE"
  readonly route: `/${string}`
  readonly path: Path
  readonly query: Query
  readonly body: Body
  readonly success: Success
  /** The published status of a successful response. */
  readonly status: 200 | 201 | 204
  readonly repeat: Repeat
  /** The tags of the errors that this operation can have, without the errors that every operation can have. */
  readonly errors: Errors
  /** Makes the schema of a response that is narrowed to some fields. */
  readonly projection?: (fields: ReadonlyArray<WebhookField.WebhookField>) => Schema.Schema.AnyNoContext
}

/**
 * The tags of the errors that only some operations have.
 *
 * @since 0.1.0
 * @category models
 */
export type ErrorTag = Exclude<WebhooksError.WebhooksError, WebhooksError.Common>["_tag"]

/**
 * The input of an operation: one flat object with the keys of its path, query and body. Identifiers may be plain
 * numbers.
 *
 * @example
 * import type { Operation, Operations } from "@mammoth-effect/core"
 *
 * const request: Operation.Request<typeof Operations.list> = { workspaceId: 4, projectId: 4, mode: ["combine"] }
 *
 * @since 0.1.0
 * @category models
 */
export type Request<O extends Operation> = Plain<Schema.Schema.Type<O["path"]>>
  & Schema.Schema.Type<O["query"]>
  & (O["body"] extends Schema.Schema.AnyNoContext ? Schema.Schema.Type<O["body"]> : unknown)

type Plain<Path> = { readonly [K in keyof Path]: Path[K] extends number ? Identifier.Input<Path[K]> : Path[K] }

/**
 * The result of an operation: its decoded response, or `void` if `errors` does not name `MammothDecodeError`.
 *
 * @example
 * import type { Operation, Operations } from "@mammoth-effect/core"
 *
 * const name = (created: Operation.Success<typeof Operations.create>): string => created.webhook.name
 *
 * @since 0.1.0
 * @category models
 */
export type Success<O extends Operation> = "MammothDecodeError" extends O["errors"][number]
  ? Schema.Schema.Type<O["success"]>
  : void

/**
 * The union of exactly the errors that an operation can have.
 *
 * @example
 * import type { Operation, Operations } from "@mammoth-effect/core"
 *
 * const describe = (error: Operation.Error<typeof Operations.addData>): string =>
 *   error._tag === "MammothPayloadTooLarge" ? "send a smaller document" : error.message
 *
 * @since 0.1.0
 * @category models
 */
export type Error<O extends Operation> =
  | WebhooksError.Common
  | Extract<WebhooksError.WebhooksError, { readonly _tag: O["errors"][number] }>

/**
 * Declares an operation. {@link Operation} describes each property.
 *
 * @example
 * import { Operation } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const count = Operation.make({
 *   name: "count",
 *   operationId: "CountWebhooks",
 *   summary: "Counts the webhooks of a server",
 *   method: "GET",
 *   route: "/webhooks/count",
 *   path: Schema.Struct({}),
 *   query: Schema.Struct({}),
 *   body: undefined,
 *   success: Schema.Struct({ count: Schema.Number }),
 *   status: 200,
 *   repeat: "read",
 *   errors: ["MammothDecodeError"]
 * })
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <
  const Name extends string,
  Path extends Schema.Schema.AnyNoContext,
  Query extends Schema.Schema.AnyNoContext,
  Body extends Schema.Schema.AnyNoContext | undefined,
  Success extends Schema.Schema.AnyNoContext,
  const Errors extends ReadonlyArray<ErrorTag>
>(
  operation: Operation<Name, Path, Query, Body, Success, Errors>
): Operation<Name, Path, Query, Body, Success, Errors> => operation
