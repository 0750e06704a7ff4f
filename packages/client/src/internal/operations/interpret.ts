/** Turns the declaration of an operation into functions: encoders for the request, and a decoder for the response. */
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

/** The three parts of a request that carry input. */
export interface Input {
  readonly path: unknown
  readonly query: unknown
  readonly body: unknown
  /**
   * The name of the argument in which the caller passed the query or body. The paths of issues begin with this name.
   * Flat input has no name.
   */
  readonly label?: string
  /** A body that is already encoded. It replaces `body`. */
  readonly document?: string | Uint8Array
}

/** An encoded request, without the base URL. */
export interface Encoded {
  readonly url: string
  readonly body: string | Uint8Array | undefined
}

/** The functions of one operation. */
export interface Interpreted {
  /**
   * Splits flat input into the parts of a request. The keys of the path's schema go into the path. All other keys go
   * into the body, or into the query if the operation has no body.
   */
  readonly divide: (input: unknown) => Input
  readonly encode: (input: Input) => Either.Either<Encoded, Issue.Issues>
  /** Decodes the body of a response. Returns only the fields that the query requested. */
  readonly decode: (text: string, query: unknown) => Either.Either<unknown, Issue.Issues>
}

/**
 * Returns the property names of a struct schema. `AST.getPropertySignatures` would add as many bytes to a bundle as
 * this whole file.
 */
export const keysOf = (ast: AST.AST): ReadonlyArray<PropertyKey> => {
  const from = AST.isRefinement(ast) ? ast.from : Option.getOrUndefined(AST.getSurrogateAnnotation(ast))
  if (from !== undefined) return keysOf(from)
  return AST.isTypeLiteral(ast) ? ast.propertySignatures.map((signature) => signature.name) : []
}

type Decoder = (value: unknown) => Either.Either<unknown, Issue.Issues>

/**
 * Makes a decoder or an encoder that uses the compiled function. If the compiled function cannot read a value, Effect's
 * own decoder or encoder reads the value or returns the issues.
 */
const compile = (schema: Schema.Schema.AnyNoContext, direction: Direction): Decoder => {
  const read = makeReader(schema.ast, direction)
  const readSlowly =
    direction === "decode" ? Issue.decodeUnknown(schema) : Issue.encodeUnknown(schema, optionsOf.encode)
  return (value) => {
    const result = read(value)
    return result === unread ? readSlowly(value) : Either.right(result)
  }
}

/**
 * Makes a decoder that compiles its schema only when it reads the first value. Most programs call few operations, and
 * compiling all schemas takes some milliseconds.
 */
const makeDecoder = (schema: Schema.Schema.AnyNoContext, direction: Direction): Decoder => {
  let compiled: Decoder | undefined
  return (value) => (compiled ??= compile(schema, direction))(value)
}

/**
 * Returns the names and values of an encoded path or query, each value as a string. Leaves out values that are
 * `undefined`.
 */
const textsIn = (encoded: unknown): Array<[name: string, text: string]> =>
  Object.entries(Predicate.isRecord(encoded) ? encoded : {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Predicate.isString(value) ? value : JSON.stringify(value)]]
  )

/**
 * Makes a function that fills the parameters of a route with the encoded values of a path. Remembers the last URL,
 * because most pushes go to the same webhook as the push before. Encoding the path again would take a quarter of a
 * push's time.
 */
const makeFill = ({ path, route }: Operation.Operation) => {
  const encode = makeDecoder(path, "encode")
  let last: { readonly path: unknown; readonly url: Either.Either<string, Issue.Issues> } | undefined
  return (path: unknown): Either.Either<string, Issue.Issues> => {
    if (last === undefined || last.path !== path) {
      const url = Either.map(encode(path), (encoded) =>
        textsIn(encoded).reduce<string>(
          (url, [name, text]) => url.replaceAll(`{${name}}`, () => encodeURIComponent(text)),
          route
        )
      )
      last = { path, url }
    }
    return last.url
  }
}

const parse = (text: string): Either.Either<unknown, Issue.Issues> =>
  Either.try({
    // Remove a byte order mark, because some transports leave it in the text.
    try: (): unknown => JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text),
    catch: () => {
      const received = text === "" ? "an empty body" : `${text.length} characters that are not JSON`
      return { issues: [{ path: [], expected: "JSON", received }], omitted: 0 }
    }
  })

const isField = (value: unknown): value is WebhookField.WebhookField =>
  WebhookField.all.some((field) => field === value)

/** Returns the fields that a query selects, or `undefined` if the query does not restrict the fields. */
const selected = (query: unknown): ReadonlyArray<WebhookField.WebhookField> | undefined => {
  if (!Predicate.hasProperty(query, "fields")) return undefined
  if (query.fields === "min") return WebhookField.minimal
  return Array.isArray(query.fields) ? query.fields.filter(isField) : undefined
}

const withLabel = <A>(
  encoded: Either.Either<A, Issue.Issues>,
  label: string | undefined
): Either.Either<A, Issue.Issues> =>
  label === undefined
    ? encoded
    : Either.mapLeft(encoded, ({ issues, omitted }) => ({
        issues: issues.map((issue) => ({ ...issue, path: [label, ...issue.path] })),
        omitted
      }))

/** Collects the issues of all parts that failed. */
const issuesOf = (parts: ReadonlyArray<Either.Either<unknown, Issue.Issues>>): Issue.Issues => {
  const wrong = parts.flatMap((part) => (Either.isLeft(part) ? [part.left] : []))
  return {
    issues: wrong.flatMap(({ issues }) => issues),
    omitted: wrong.reduce((sum, { omitted }) => sum + omitted, 0)
  }
}

/** Makes the functions of an operation. */
export const interpret = (operation: Operation.Operation): Interpreted => {
  const pathKeys = keysOf(AST.typeAST(operation.path.ast))
  const fill = makeFill(operation)
  const encodeQuery = makeDecoder(operation.query, "encode")
  const encodeBody = operation.body && makeDecoder(operation.body, "encode")
  const decodeWhole = makeDecoder(operation.success, "decode")
  const projections = new Map<string, Decoder>()

  /**
   * Returns the decoder for a selection of fields. Keeps each decoder, because making a decoder takes longer than
   * running it.
   */
  const decoderOf = (fields: ReadonlyArray<WebhookField.WebhookField> | undefined): Decoder => {
    if (fields === undefined || operation.projection === undefined) return decodeWhole
    const known = projections.get(fields.join()) ?? makeDecoder(operation.projection(fields), "decode")
    projections.set(fields.join(), known)
    return known
  }

  return {
    divide: (input) => {
      const entries = Object.entries(Predicate.isRecord(input) ? input : {})
      // Use `Object.fromEntries`, because an assignment to the key `__proto__` would replace the prototype of the
      // object.
      const path = Object.fromEntries(entries.filter(([name]) => pathKeys.includes(name)))
      const rest = Object.fromEntries(entries.filter(([name]) => !pathKeys.includes(name)))
      return encodeBody === undefined ? { path, query: rest, body: undefined } : { path, query: {}, body: rest }
    },
    encode: (input) => {
      const path = fill(input.path)
      const query = withLabel(encodeQuery(input.query), input.label)
      const body =
        encodeBody === undefined || input.document !== undefined
          ? Either.right(input.document)
          : withLabel(Either.flatMap(encodeBody(input.body), JsonText.stringify), input.label)
      if (Either.isLeft(path) || Either.isLeft(query) || Either.isLeft(body)) {
        return Either.left(issuesOf([path, query, body]))
      }
      const search = textsIn(query.right)
      const url = search.length === 0 ? path.right : `${path.right}?${new URLSearchParams(search).toString()}`
      return Either.right({ url, body: body.right })
    },
    decode: (text, query) => Either.flatMap(parse(text), decoderOf(selected(query)))
  }
}
