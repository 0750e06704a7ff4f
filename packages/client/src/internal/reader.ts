/**
 * A schema turned into one function that checks JSON and makes of it what the schema would, twice as fast as decoding. It
 * says nothing about what is wrong: where it does not read a value, the schema itself has to decide.
 */
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { isScalar } from "./scalar.js"

/** What a function gives that does not read a value. */
export const unread = Symbol("unread")

/** What the schema makes of JSON, in which nothing is `undefined`, or {@link unread}. */
type Read = (value: unknown) => unknown

const readWhere =
  (holds: Predicate.Predicate<unknown>): Read =>
  (value) =>
    holds(value) ? value : unread

/** What one of the schema's own functions has made, where it has done so at once. */
const made = (result: unknown): unknown => (Either.isEither(result) && Either.isRight(result) ? result.right : unread)

/** Any schema's own decoder, for the parts that are not plain. */
const readWith = (ast: AST.AST): Read => {
  const decode = ParseResult.decodeUnknownEither(Schema.make<unknown, unknown>(ast))
  return (value) => made(decode(value))
}

const readRefinement = (ast: AST.Refinement): Read => {
  const read = make(ast.from)
  return (value) => {
    const from = read(value)
    return from !== unread && Option.isNone(ast.filter(from, AST.defaultParseOption, ast)) ? from : unread
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

const readStruct = (ast: AST.TypeLiteral): Read => {
  const properties = ast.propertySignatures.map(({ isOptional, name, type }) => ({
    name,
    isOptional,
    read: make(type)
  }))
  return (value) => {
    if (!Predicate.isRecord(value)) return unread
    const struct: Record<PropertyKey, unknown> = {}
    for (const { isOptional, name, read } of properties) {
      const given = value[name]
      if (given === undefined) {
        if (isOptional) continue
        return unread
      }
      const property = read(given)
      if (property === unread) return unread
      struct[name] = property
    }
    return struct
  }
}

/** Properties with defaults and the like. What becomes of the others has been checked on its way here. */
const readProperties = (
  struct: AST.TypeLiteral,
  { propertySignatureTransformations }: AST.TypeLiteralTransformation,
  made: AST.TypeLiteral
): Read => {
  const read = make(struct)
  const properties = propertySignatureTransformations.map(({ decode, from, to }) => ({
    decode,
    from,
    to,
    check: make(made.propertySignatures.find(({ name }) => name === to)?.type ?? AST.neverKeyword)
  }))
  return (value) => {
    const struct = read(value)
    if (!Predicate.isRecord(struct)) return unread
    for (const { check, decode, from, to } of properties) {
      const given = Object.hasOwn(struct, from) ? Option.some(struct[from]) : Option.none()
      const property = Option.map(decode(given), check)
      if (from !== to || Option.isNone(property)) delete struct[from]
      if (Option.isNone(property)) continue
      if (property.value === unread) return unread
      struct[to] = property.value
    }
    return struct
  }
}

const readTransformation = (ast: AST.Transformation): Read => {
  const { transformation } = ast
  if (AST.isTypeLiteralTransformation(transformation)) {
    return isPlainStruct(ast.from) && AST.isTypeLiteral(ast.to)
      ? readProperties(ast.from, transformation, ast.to)
      : readWith(ast)
  }
  const from = make(ast.from)
  const to = make(ast.to)
  const between = AST.isFinalTransformation(transformation)
    ? (value: unknown, whole: unknown) => made(transformation.decode(value, AST.defaultParseOption, ast, whole))
    : (value: unknown) => value
  return (whole) => {
    const value = from(whole)
    const result = value === unread ? unread : between(value, whole)
    return result === unread ? unread : to(result)
  }
}

const readDeclaration = (ast: AST.Declaration): Read => {
  const decode = ast.decodeUnknown(...ast.typeParameters)
  return (value) => made(decode(value, AST.defaultParseOption, ast))
}

const isPlainStruct = (ast: AST.AST): ast is AST.TypeLiteral =>
  AST.isTypeLiteral(ast)
  && ast.indexSignatures.length === 0
  && ast.propertySignatures.length > 0
  // what every object has is no property of its own
  && ast.propertySignatures.every(({ name }) => !(name in Object.prototype))

const make = (ast: AST.AST): Read => {
  // settings of its own, such as that it takes no further keys, and values for what it does not take
  if (Option.isSome(AST.getParseOptionsAnnotation(ast))) return readWith(ast)
  if (Option.isSome(AST.getDecodingFallbackAnnotation(ast))) return readWith(ast)
  if (AST.isStringKeyword(ast)) return readWhere(Predicate.isString)
  if (AST.isNumberKeyword(ast)) return readWhere(Predicate.isNumber)
  if (AST.isBooleanKeyword(ast)) return readWhere(Predicate.isBoolean)
  if (AST.isLiteral(ast)) return readWhere((value) => value === ast.literal)
  if (AST.isRefinement(ast)) return readRefinement(ast)
  // among structs, which members come first is the schema's own affair
  if (AST.isUnion(ast) && ast.types.every(isScalar)) return readUnion(ast.types.map(make))
  if (isPlainStruct(ast)) return readStruct(ast)
  if (AST.isTupleType(ast) && ast.elements.length === 0 && ast.rest.length === 1) {
    return readUnion(ast.rest.map(({ type }) => readArray(make(type))))
  }
  if (AST.isTransformation(ast)) return readTransformation(ast)
  if (AST.isDeclaration(ast)) return readDeclaration(ast)
  return readWith(ast)
}

/** Makes the function of a schema. */
export const makeReader: (ast: AST.AST) => Read = make
