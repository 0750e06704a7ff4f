/** Combines an operation of the contract with the handler of the emulator. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import type { ParseOptions } from "effect/SchemaAST"
import * as Reply from "./reply.js"

/** The input of a request, as received. */
export interface Raw {
  readonly path: Readonly<Record<string, string | undefined>>
  readonly query: Readonly<Record<string, string>>
  readonly body: string
  /** The headers, by lower-case name. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  /** The path without the query, still percent-encoded. */
  readonly pathname: string
}

/** The input of a request, decoded. */
export interface Input<Path, Query, Body> {
  readonly path: Path
  readonly query: Query
  readonly body: Body
  readonly headers: Raw["headers"]
  readonly pathname: string
}

export type Endpoint = (raw: Raw) => Effect.Effect<Reply.Reply>

/**
 * The use of a query, which decides how an empty parameter is read. For `filters`, an empty parameter counts as left
 * out. For `columns`, an empty parameter is an empty string.
 */
export type Query = "filters" | "columns"

/**
 * Reads the query of a URL. If a parameter is repeated, the last value counts. Does not use the reader of
 * `@effect/platform`, because that reader drops some names.
 */
export const queryOf = (url: string): Raw["query"] =>
  Object.fromEntries(new URLSearchParams(url.slice(url.split("?", 1).join().length)))

export const dropEmpty = (query: Raw["query"], kind: Query): Raw["query"] =>
  kind === "columns" ? query : Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ""))

const parse = (text: string): Either.Either<unknown, Reply.Reply> =>
  text.trim() === ""
    ? Either.left(Reply.badRequest(Reply.issue("a JSON document as body", "nothing")))
    : Either.try({
        try: (): unknown => JSON.parse(text),
        catch: () => Reply.badRequest(Reply.issue("a JSON document as body", "text that is not JSON"))
      })

/** Makes a function that decodes a value, or returns a 400 that names the issues. */
export const refusing = <A, I>(schema: Schema.Schema<A, I>, options?: ParseOptions) => {
  const decode = Issue.decodeUnknown(schema, options)
  return (value: unknown): Either.Either<A, Reply.Reply> => Either.mapLeft(decode(value), Reply.badRequest)
}

interface Contract<Path, PathI, Params, ParamsI, Success, SuccessI> {
  readonly path: Schema.Schema<Path, PathI>
  readonly query: Schema.Schema<Params, ParamsI>
  readonly success: Schema.Schema<Success, SuccessI>
  readonly status: number
}

/** Makes an endpoint for an operation without a body. The handler returns the result in its wire format. */
export const make = <Path, PathI, Params, ParamsI, Success, SuccessI>(
  operation: Contract<Path, PathI, Params, ParamsI, Success, SuccessI>,
  handle: (input: Input<Path, Params, unknown>) => Effect.Effect<SuccessI, Reply.Reply>,
  query: Query = "filters"
): Endpoint => withReader(operation, () => Either.void, handle, query)

/** Makes an endpoint for an operation with a body. */
export const withBody = <Path, PathI, Params, ParamsI, Body, BodyI, Success, SuccessI>(
  operation: Contract<Path, PathI, Params, ParamsI, Success, SuccessI> & { readonly body: Schema.Schema<Body, BodyI> },
  handle: (input: Input<Path, Params, Body>) => Effect.Effect<SuccessI, Reply.Reply>
): Endpoint => {
  const decode = refusing(operation.body)
  return withReader(operation, (text) => Either.flatMap(parse(text), decode), handle, "filters")
}

const withReader = <Path, PathI, Params, ParamsI, Body, Success, SuccessI>(
  operation: Contract<Path, PathI, Params, ParamsI, Success, SuccessI>,
  readBody: (text: string) => Either.Either<Body, Reply.Reply>,
  handle: (input: Input<Path, Params, Body>) => Effect.Effect<SuccessI, Reply.Reply>,
  query: Query
): Endpoint => {
  const readPath = refusing(operation.path)
  const readQuery = refusing(operation.query)
  return (raw) => {
    const path = readPath(raw.path)
    if (Either.isLeft(path)) return Effect.succeed(path.left)
    const params = readQuery(dropEmpty(raw.query, query))
    if (Either.isLeft(params)) return Effect.succeed(params.left)
    const body = readBody(raw.body)
    if (Either.isLeft(body)) return Effect.succeed(body.left)
    const { headers, pathname } = raw
    return Effect.match(handle({ path: path.right, query: params.right, body: body.right, headers, pathname }), {
      onFailure: (refusal) => refusal,
      onSuccess: (document) => Reply.json(operation.status, document)
    })
  }
}
