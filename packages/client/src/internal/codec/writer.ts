/**
 * Compiles a schema to a function that writes a value as JSON. Sinks, ingestors and outboxes encode each row with this
 * function. Without the function, encoding a row takes three steps: encode with the schema, check for values that JSON
 * would lose, and call `JSON.stringify`. The three steps take many times as long.
 *
 * If the function returns JSON, the three steps would return the same JSON. Otherwise, the function returns
 * `undefined`, and the caller encodes with the three steps. The function always returns `undefined` for a value that
 * the schema refuses. `test/RowEncoding.test.ts` checks this with random schemas and rows.
 */
import { Json, keepColumns } from "@mammoth-effect/core/Json"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import { isScalar } from "./scalar.js"

/** Returns the JSON of a value, or `undefined` if this function cannot write the value. */
type Write = (value: unknown) => string | undefined

/** The state of a compiled function: `isAscii` is `true` if the JSON that was written last is certainly ASCII. */
interface Written {
  isAscii: boolean
}

/** Matches printable ASCII that needs no escape in JSON. */
const plain = /^[ !#-[\]-~]*$/

const writeString =
  (written: Written): Write =>
  (value) => {
    if (!Predicate.isString(value)) return undefined
    if (plain.test(value)) return `"${value}"`
    written.isAscii = false
    return JSON.stringify(value)
  }

const writeNumber: Write = (value) =>
  Predicate.isNumber(value) && Number.isFinite(value) ? String(Object.is(value, -0) ? 0 : value) : undefined

const writeBoolean: Write = (value) => (Predicate.isBoolean(value) ? String(value) : undefined)

/** Refuses values that JSON would silently change or drop. */
const checkJson = ParseResult.encodeUnknownEither(Json)

/** Writes with the schema's own encoder, for the parts of a schema that this compiler does not support. */
const writeWith = (ast: AST.AST, written: Written): Write => {
  const encode = ParseResult.encodeUnknownEither(keepColumns(Schema.make<unknown, unknown>(ast)))
  return (value) => {
    written.isAscii = false
    return Either.getOrUndefined(Either.map(Either.flatMap(encode(value), checkJson), (json) => JSON.stringify(json)))
  }
}

/** Matches printable ASCII. A literal or a property name must match, because it is written without a further check. */
const ascii = /^[ -~]*$/

const writeLiteral = ({ literal }: AST.Literal): Write => {
  if (Predicate.isBigInt(literal) || (Predicate.isNumber(literal) && !Number.isFinite(literal))) return () => undefined
  const json = JSON.stringify(literal)
  return (value) => (value === literal && ascii.test(json) ? json : undefined)
}

const writeRefinement = (ast: AST.Refinement, written: Written): Write => {
  const write = make(ast.from, written)
  return (value) => {
    const json = write(value)
    return json !== undefined && Option.isNone(ast.filter(value, AST.defaultParseOption, ast)) ? json : undefined
  }
}

const writeUnion =
  (members: ReadonlyArray<Write>): Write =>
  (value) => {
    for (const write of members) {
      const json = write(value)
      if (json !== undefined) return json
    }
    return undefined
  }

const writeArray =
  (item: Write): Write =>
  (value) => {
    if (!Array.isArray(value)) return undefined
    let json = ""
    for (let i = 0; i < value.length; i++) {
      const written = item(value[i])
      if (written === undefined) return undefined
      json += i === 0 ? written : `,${written}`
    }
    return `[${json}]`
  }

const writeStruct = (ast: AST.TypeLiteral, written: Written): Write => {
  const properties = ast.propertySignatures.map(({ isOptional, name, type }) => ({
    name,
    key: `${JSON.stringify(String(name))}:`,
    nextKey: `,${JSON.stringify(String(name))}:`,
    isOptional,
    write: make(type, written)
  }))
  return (value) => {
    if (!Predicate.isRecord(value)) return undefined
    let json = ""
    for (const { isOptional, key, name, nextKey, write } of properties) {
      if (!Object.hasOwn(value, name)) {
        if (isOptional) continue
        return undefined
      }
      const written = write(value[name])
      if (written === undefined) return undefined
      json += (json === "" ? key : nextKey) + written
    }
    return `{${json}}`
  }
}

const isPlainStruct = (ast: AST.TypeLiteral): boolean =>
  ast.indexSignatures.length === 0
  && ast.propertySignatures.length > 0
  && ast.propertySignatures.every(({ name }) => Predicate.isString(name) && ascii.test(name))

const make = (ast: AST.AST, written: Written): Write => {
  // Do not compile a schema that has its own parse options, such as an option that refuses unknown properties.
  // Effect's own encoder follows these options.
  if (Option.isSome(AST.getParseOptionsAnnotation(ast))) return writeWith(ast, written)
  if (AST.isStringKeyword(ast)) return writeString(written)
  if (AST.isNumberKeyword(ast)) return writeNumber
  if (AST.isBooleanKeyword(ast)) return writeBoolean
  if (AST.isLiteral(ast)) return writeLiteral(ast)
  // Compile a filter only if its values are scalar. A filter on an object must check the object that the schema
  // returns, not the caller's object.
  if (AST.isRefinement(ast) && isScalar(ast)) return writeRefinement(ast, written)
  if (AST.isUnion(ast) && isScalar(ast)) return writeUnion(ast.types.map((type) => make(type, written)))
  if (AST.isTypeLiteral(ast) && isPlainStruct(ast)) return writeStruct(ast, written)
  if (AST.isTupleType(ast) && ast.elements.length === 0 && ast.rest.length === 1) {
    return writeUnion(ast.rest.map(({ type }) => writeArray(make(type, written))))
  }
  return writeWith(ast, written)
}

/** A compiled function that writes values as JSON, and a function that reports if the last JSON is ASCII. */
export interface Writer {
  readonly write: Write
  /** Returns `true` if the last JSON is certainly ASCII, so that each character is one byte. */
  readonly isAscii: () => boolean
}

/** Compiles a schema to a function that writes values as JSON. */
export const makeWriter = (ast: AST.AST): Writer => {
  const written: Written = { isAscii: true }
  const write = make(ast, written)
  return {
    write: (value) => {
      written.isAscii = true
      return write(value)
    },
    isAscii: () => written.isAscii
  }
}
