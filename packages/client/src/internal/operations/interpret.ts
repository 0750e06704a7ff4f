/** An operation's data turned into functions, once: encoders for what is sent, decoders for what comes back. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as JsonText from "@mammoth-effect/core/JsonText"
import type * as Operation from "@mammoth-effect/core/Operation"
import * as WebhookField from "@mammoth-effect/core/WebhookField"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { type Direction, makeReader, optionsOf, unread } from "../codec/reader.js"
import { remembering } from "../http/remembering.js"

/** The three places that input travels in. */
export interface Parts {
  readonly path: unknown
  readonly query: unknown
  readonly body: unknown
  /** What the caller calls the query or body, for issues; flat input needs no name. */
  readonly label?: string
  /** A body that is encoded already, in place of `body`. */
  readonly document?: string | Uint8Array
}

/** The query of a request that is given none, which is encoded once. */
export const noQuery = {}

/** A request as it travels, below the base URL. */
export interface Encoded {
  readonly url: string
  readonly body: string | Uint8Array | undefined
}

/** The functions of one operation. */
export interface Interpreted {
  /** What a call yields whose answer nobody needs. */
  readonly nothing: Schema.Schema.Type<Operation.Operation["success"]>
  /** Divides flat input: the path's keys to the path, the rest to the body, or without one to the query. */
  readonly divide: (input: unknown) => Parts
  readonly encode: (parts: Parts) => Either.Either<Encoded, Issue.Issues>
  /** Decodes an answer's JSON, narrowed to the fields that the query asked for. */
  readonly decode: (
    json: unknown,
    query: unknown
  ) => Either.Either<Schema.Schema.Type<Operation.Operation["success"]>, Issue.Issues>
}

/** In place of `AST.getPropertySignatures`, which takes as many bytes in a bundle as all of this file. */
const keysOf = (ast: AST.AST): ReadonlyArray<PropertyKey> => {
  const from = AST.isRefinement(ast) ? ast.from : Option.getOrUndefined(AST.getSurrogateAnnotation(ast))
  if (from !== undefined) return keysOf(from)
  return AST.isTypeLiteral(ast) ? ast.propertySignatures.map((signature) => signature.name) : []
}

const defined = (record: Readonly<Record<string, string | undefined>>): Record<string, string> => {
  const out: Record<string, string> = {}
  for (const [name, value] of Object.entries(record)) if (value !== undefined) out[name] = value
  return out
}

/** Reads by the schema's function, and where that reads nothing by the schema itself, which says why. */
const reader = (schema: Schema.Schema.AnyNoContext, direction: Direction) => {
  const read = makeReader(schema.ast, direction)
  const readSlowly =
    direction === "decode" ? Issue.decodeUnknown(schema) : Issue.encodeUnknown(schema, optionsOf.encode)
  return (value: unknown) => {
    const result = read(value)
    return result === unread ? readSlowly(value) : Either.right(result)
  }
}

/** The fields that a query selects, where it selects fewer than all. */
const selected = (query: unknown): ReadonlyArray<WebhookField.WebhookField> | undefined => {
  if (!Predicate.hasProperty(query, "fields")) return undefined
  if (query.fields === "min") return WebhookField.minimal
  return Array.isArray(query.fields) ? query.fields : undefined
}

/** Interprets an operation. */
export const interpret = (operation: Operation.Operation): Interpreted => {
  const pathKeys = keysOf(AST.typeAST(operation.path.ast))
  const encodePath = reader(operation.path, "encode")
  const encodeQuery = reader(operation.query, "encode")
  const encodeBody = operation.body && reader(operation.body, "encode")
  const decodeWhole = reader(operation.success, "decode")
  const projections = new Map<string, ReturnType<typeof reader>>()

  const projected = (fields: ReadonlyArray<WebhookField.WebhookField>) => {
    const key = fields.join()
    const known = projections.get(key)
    if (known !== undefined) return known
    const made = operation.projection === undefined ? decodeWhole : reader(operation.projection(fields), "decode")
    projections.set(key, made)
    return made
  }

  // texts and the names between them, in turn
  const segments = operation.route.split(/\{(\w+)\}/)
  const fill = remembering((path: unknown) =>
    Either.map(encodePath(path), (encoded) =>
      segments.map((segment, i) => (i % 2 === 0 ? segment : encodeURIComponent(encoded[segment]))).join("")
    )
  )

  const searchOf = (query: unknown) =>
    Either.map(encodeQuery(query), (encoded) => new URLSearchParams(defined(encoded)).toString())
  const withoutQuery = searchOf(noQuery)

  return {
    nothing: undefined,
    divide: (input) => {
      const path: Record<string, unknown> = {}
      const others: Array<[string, unknown]> = []
      for (const [name, value] of Object.entries(Predicate.isRecord(input) ? input : {})) {
        if (pathKeys.includes(name)) path[name] = value
        else others.push([name, value])
      }
      // an assignment would make a key `__proto__` the prototype, whose properties would then be read
      const rest = Object.fromEntries(others)
      return encodeBody === undefined
        ? { path, query: others.length === 0 ? noQuery : rest, body: undefined }
        : { path, query: noQuery, body: rest }
    },
    encode: (parts) => {
      const path = fill(parts.path)
      const query = parts.query === noQuery ? withoutQuery : searchOf(parts.query)
      const body =
        encodeBody === undefined || parts.document !== undefined
          ? Either.right(parts.document)
          : Either.flatMap(encodeBody(parts.body), JsonText.stringify)
      if (Either.isLeft(path) || Either.isLeft(query) || Either.isLeft(body)) {
        const prefix = parts.label === undefined ? [] : [parts.label]
        const named = Either.mapLeft(({ issues, omitted }: Issue.Issues) => ({
          issues: issues.map((issue) => ({ ...issue, path: [...prefix, ...issue.path] })),
          omitted
        }))
        const wrong = [path, named(query), named(body)].flatMap((part) => (Either.isLeft(part) ? [part.left] : []))
        return Either.left({
          issues: wrong.flatMap(({ issues }) => issues),
          omitted: wrong.reduce((sum, { omitted }) => sum + omitted, 0)
        })
      }
      return Either.right({
        url: query.right === "" ? path.right : `${path.right}?${query.right}`,
        body: body.right
      })
    },
    decode: (json, query) => {
      const fields = selected(query)
      return fields === undefined ? decodeWhole(json) : projected(fields)(json)
    }
  }
}
