/**
 * Compiles a schema to a function that decodes or encodes a value. Reading the JSON of 50 webhooks takes 66 µs with
 * this function, and 131 µs with `Schema.decodeUnknownEither`. Both times include `JSON.parse`.
 *
 * If the function returns a value, Effect's own decoder or encoder of the schema would return the same value.
 * Otherwise, the function returns `unread`, and the caller uses Effect's decoder or encoder. The function always
 * returns `unread` for a value that the schema refuses. `test/Reading.test.ts` checks this with random schemas and
 * values.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { isScalar } from "./scalar.js"

/** Marks a value that the compiled function cannot read. */
export const unread = Symbol("unread")

/** Returns the value that the schema would return, or {@link unread}. */
type Read = (value: unknown) => unknown

/**
 * The direction of a reader: decoding or encoding. `decode` reads JSON, which has no `undefined`. `encode` reads a
 * caller's value, and refuses unknown properties.
 */
export type Direction = "decode" | "encode"

/** The parse options of each direction. When encoding, an unknown property is an error. */
export const optionsOf = { decode: {}, encode: { onExcessProperty: "error" } } as const

/** Returns Effect's own decoder or encoder of a schema. Unlike the compiled function, it supports every schema. */
const ownReader = (schema: Schema.Schema.AnyNoContext, direction: Direction) =>
  direction === "decode"
    ? ParseResult.decodeUnknownEither(schema, optionsOf.decode)
    : ParseResult.encodeUnknownEither(schema, optionsOf.encode)

const readWhere =
  (holds: Predicate.Predicate<unknown>): Read =>
  (value) =>
    holds(value) ? value : unread

/** Returns the value of a successful result. Returns {@link unread} for an error or an asynchronous result. */
const made = (result: unknown): unknown => (Either.isEither(result) && Either.isRight(result) ? result.right : unread)

/** Makes a reader with Effect's own decoder or encoder, for a part of a schema that this compiler does not support. */
const readWith = (ast: AST.AST, direction: Direction): Read => {
  const read = ownReader(Schema.make<unknown, unknown>(ast), direction)
  return (value) => made(read(value))
}

const readRefinement = (ast: AST.Refinement, direction: Direction): Read => {
  const read = make(ast.from, direction)
  return (value) => {
    const from = read(value)
    return from !== unread && Option.isNone(ast.filter(from, optionsOf[direction], ast)) ? from : unread
  }
}

const readUnion =
  (members: ReadonlyArray<Read>): Read =>
  (value) => {
    for (const read of members) {
      const member = read(value)
      if (member !== unread) return member
    }
    return unread
  }

const readArray =
  (read: Read): Read =>
  (value) => {
    if (!Array.isArray(value)) return unread
    const items: Array<unknown> = []
    for (let i = 0; i < value.length; i++) {
      const item = read(value[i])
      if (item === unread) return unread
      items.push(item)
    }
    return items
  }

/**
 * Returns `true` if the schema has its own parse options, for example to refuse unknown properties. Also returns `true`
 * if the schema has a fallback for values that it refuses.
 */
const isSpecial = (ast: AST.AST): boolean =>
  Option.isSome(AST.getParseOptionsAnnotation(ast)) || Option.isSome(AST.getDecodingFallbackAnnotation(ast))

/** Returns `true` for a union with `undefined` as a member. Most optional properties are unions of this kind. */
const takesUndefined = (ast: AST.AST): ast is AST.Union =>
  AST.isUnion(ast) && !isSpecial(ast) && ast.types.some(AST.isUndefinedKeyword)

/**
 * Makes the reader of a property. If the property's schema is a union with `undefined`, handles `undefined` separately.
 * The other members are often scalar, and a scalar union can be compiled.
 */
const readProperty =
  (direction: Direction) =>
  ({ isOptional, name, type }: AST.PropertySignature) => {
    if (!takesUndefined(type)) return { isOptional, name, read: make(type, direction) }
    const read = make(AST.Union.make(type.types.filter((member) => !AST.isUndefinedKeyword(member))), direction)
    return {
      isOptional,
      name,
      read: (value: unknown) => {
        const property = read(value)
        return property === unread && value === undefined ? undefined : property
      }
    }
  }

const readStruct = (ast: AST.TypeLiteral, direction: Direction): Read => {
  const properties = ast.propertySignatures.map(readProperty(direction))
  return (value) => {
    if (!Predicate.isRecord(value)) return unread
    const struct: Record<PropertyKey, unknown> = {}
    let known = 0
    for (const { isOptional, name, read } of properties) {
      if (Object.hasOwn(value, name)) known += 1
      // Skip an optional property that the object itself does not have. Read a required property even if it is
      // inherited, such as a class's getter.
      else if (isOptional) continue
      const property = read(value[name])
      if (property === unread) return unread
      struct[name] = property
    }
    // Leave unknown properties out of a response, but refuse them in a caller's value.
    return direction === "encode" && Reflect.ownKeys(value).length !== known ? unread : struct
  }
}

/**
 * Makes a reader of two steps. The first step changes properties as the schema says, for example their names or default
 * values. The second step reads the changed properties.
 */
const readProperties = (
  { propertySignatureTransformations }: AST.TypeLiteralTransformation,
  after: AST.TypeLiteral,
  direction: Direction
): Read => {
  const changes = propertySignatureTransformations.map(({ decode, encode, from, to }) => {
    const [make, before, name] = direction === "decode" ? [decode, from, to] : [encode, to, from]
    return { make, before, name }
  })
  const names = changes.map(({ name }) => name)
  // Find the properties that the second step need not read. When decoding, these are the properties without a change
  // of name or default, because the first step has read them. When encoding, there are none, because the first step
  // only checks properties.
  const isRead = ({ name }: AST.PropertySignature) => direction === "decode" && !names.includes(name)
  const unreadYet = after.propertySignatures.filter((signature) => !isRead(signature))
  const read = readStruct(new AST.TypeLiteral(unreadYet, []), direction)
  return (struct) => {
    if (!Predicate.isRecord(struct)) return unread
    const changed: Record<PropertyKey, unknown> = { ...struct }
    for (const { before, make, name } of changes) {
      const property = make(Object.hasOwn(changed, before) ? Option.some(changed[before]) : Option.none())
      delete changed[before]
      if (Option.isSome(property)) changed[name] = property.value
    }
    const properties = read(changed)
    return direction === "decode" && Predicate.isRecord(properties) ? { ...changed, ...properties } : properties
  }
}

const readTransformation = (ast: AST.Transformation, direction: Direction): Read => {
  const { transformation } = ast
  const [before, after] = direction === "decode" ? [ast.from, ast.to] : [ast.to, ast.from]
  const from = make(before, direction)
  if (AST.isTypeLiteralTransformation(transformation)) {
    if (!isPlainStruct(before) || !isPlainStruct(after)) return readWith(ast, direction)
    const to = readProperties(transformation, after, direction)
    return (whole) => to(from(whole))
  }
  const to = make(after, direction)
  const between = AST.isFinalTransformation(transformation)
    ? (value: unknown, whole: unknown) => made(transformation[direction](value, optionsOf[direction], ast, whole))
    : (value: unknown) => value
  return (whole) => {
    const value = from(whole)
    const result = value === unread ? unread : between(value, whole)
    return result === unread ? unread : to(result)
  }
}

const readDeclaration = (ast: AST.Declaration, direction: Direction): Read => {
  const read =
    direction === "decode" ? ast.decodeUnknown(...ast.typeParameters) : ast.encodeUnknown(...ast.typeParameters)
  return (value) => made(read(value, optionsOf[direction], ast))
}

const isPlainStruct = (ast: AST.AST): ast is AST.TypeLiteral =>
  AST.isTypeLiteral(ast)
  && ast.indexSignatures.length === 0
  && ast.propertySignatures.length > 0
  // Do not compile a struct with a property name such as `toString`. Every object inherits this name, so reading the
  // property does not show whether the object itself has the property.
  && ast.propertySignatures.every(({ name }) => !(name in Object.prototype))

const make = (ast: AST.AST, direction: Direction): Read => {
  if (isSpecial(ast)) return readWith(ast, direction)
  if (AST.isStringKeyword(ast)) return readWhere(Predicate.isString)
  if (AST.isNumberKeyword(ast)) return readWhere(Predicate.isNumber)
  if (AST.isBooleanKeyword(ast)) return readWhere(Predicate.isBoolean)
  if (AST.isLiteral(ast)) return readWhere((value) => value === ast.literal)
  // When decoding, compile every filter. When encoding, compile a filter only if its values are scalar. A filter checks
  // the decoded value, and only a scalar value is the same before and after encoding.
  if (AST.isRefinement(ast) && (direction === "decode" || isScalar(ast))) return readRefinement(ast, direction)
  // Compile a union only if it is scalar. Effect's own reader reads a union of structs, because Effect decides which
  // member it tries first.
  if (AST.isUnion(ast) && isScalar(ast)) return readUnion(ast.types.map((type) => make(type, direction)))
  if (isPlainStruct(ast)) return readStruct(ast, direction)
  if (AST.isTupleType(ast) && ast.elements.length === 0 && ast.rest.length === 1) {
    return readUnion(ast.rest.map(({ type }) => readArray(make(type, direction))))
  }
  if (AST.isTransformation(ast)) return readTransformation(ast, direction)
  if (AST.isDeclaration(ast)) return readDeclaration(ast, direction)
  return readWith(ast, direction)
}

/** Compiles a schema to a function that reads values in one direction. */
export const makeReader: (ast: AST.AST, direction: Direction) => Read = make
