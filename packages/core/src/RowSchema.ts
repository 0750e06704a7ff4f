/**
 * Schemas of rows, and a check that finds a faulty schema before the first row is encoded.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import * as Scheduler from "effect/Scheduler"
import * as Schema from "effect/Schema"
import * as AST from "effect/SchemaAST"
import type * as Issue from "./Issue.js"

/**
 * A schema of rows of type `A`. It can be any schema that needs no service. Sinks, ingestors and outboxes encode each
 * row with it.
 *
 * @example
 * import type { RowSchema } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const describe = <A>(schema: RowSchema.RowSchema<A>): string => String(schema.ast)
 * const text = describe(Schema.Struct({ id: Schema.Int }))
 *
 * @since 0.1.0
 * @category models
 */
export interface RowSchema<out A> {
  /** The type of a row. This property exists only for the compiler: it has no value when the program runs. */
  readonly Type: A
  readonly Encoded: unknown
  readonly Context: never
  readonly ast: AST.AST
}

type Path = ReadonlyArray<string | number>

interface Fault {
  readonly path: Path
  readonly received: string
}

/**
 * The data types that JSON never represents. Each key is the type's name in schemas, and each value is the type's name in
 * messages.
 */
const neverJson = new Map([
  ["ReadonlyMap", "a Map"],
  ["ReadonlySet", "a Set"],
  ["Uint8Array", "bytes"],
  ["effect/Redacted", "a Redacted"],
  ["effect/Option", "an Option"],
  ["effect/Either", "an Either"],
  ["effect/Chunk", "a Chunk"],
  ["effect/Chunk.NonEmptyChunk", "a Chunk"],
  ["effect/HashMap", "a HashMap"],
  ["effect/HashSet", "a HashSet"],
  ["effect/List", "a List"],
  ["effect/SortedSet", "a SortedSet"],
  ["effect/BigDecimal", "a BigDecimal"],
  ["effect/Duration", "a Duration"],
  ["effect/Cause", "a Cause"],
  ["effect/Exit", "an Exit"]
])

const found = (received: string): Option.Option<Fault> => Option.some({ path: [], received })

const below = (name: PropertyKey | number, fault: Option.Option<Fault>): Option.Option<Fault> =>
  Option.map(fault, ({ path, received }) => ({
    path: [Predicate.isNumber(name) ? name : String(name), ...path],
    received
  }))

const firstOf = <A>(items: ReadonlyArray<A>, find: (item: A, index: number) => Option.Option<Fault>) =>
  Option.firstSomeOf(items.map(find))

const mayBeUndefined = (ast: AST.AST): boolean =>
  AST.isUndefinedKeyword(ast) || (AST.isUnion(ast) && ast.types.some(mayBeUndefined))

/**
 * Finds a part of the schema that JSON cannot represent in any row. Skips optional parts, and parts that JSON can
 * represent in some rows.
 */
const findNeverJson = (ast: AST.AST): Option.Option<Fault> => {
  switch (ast._tag) {
    case "BigIntKeyword":
      return found("a bigint")
    case "SymbolKeyword":
    case "UniqueSymbol":
      return found("a symbol")
    case "UndefinedKeyword":
    case "VoidKeyword":
      return found("undefined")
    case "Literal":
      return Predicate.isBigInt(ast.literal) ? found("a bigint") : Option.none()
    case "Declaration":
      return AST.getTypeConstructorAnnotation(ast).pipe(
        Option.flatMapNullable(({ _tag }) => neverJson.get(_tag)),
        Option.flatMap(found)
      )
    case "TypeLiteral":
      return firstOf(ast.propertySignatures, ({ isOptional, name, type }) =>
        // Skip a property that may be undefined, because JSON drops it.
        isOptional || mayBeUndefined(type) ? Option.none() : below(name, findNeverJson(type))
      )
    case "TupleType":
      return firstOf(ast.elements, ({ isOptional, type }, index) =>
        isOptional ? Option.none() : below(index, findNeverJson(type))
      )
    case "Union": {
      const faults = ast.types.map(findNeverJson)
      return faults.every(Option.isSome) ? Option.firstSomeOf(faults) : Option.none()
    }
    case "Refinement":
    case "Transformation":
      return findNeverJson(ast.from)
    default:
      return Option.none()
  }
}

/** Makes a sample value of the type that an encoder accepts. The sample may fail the schema's filters. */
const sample = (ast: AST.AST): unknown => {
  switch (ast._tag) {
    case "StringKeyword":
    case "TemplateLiteral":
      return ""
    case "NumberKeyword":
      return 0
    case "BooleanKeyword":
      return false
    case "BigIntKeyword":
      return 0n
    case "Literal":
      return ast.literal
    case "TupleType":
      return ast.elements.map(({ type }) => sample(type))
    case "TypeLiteral":
      return Object.fromEntries(ast.propertySignatures.map(({ name, type }) => [name, sample(type)]))
    case "Union":
      return ast.types[0] === undefined ? undefined : sample(ast.types[0])
    case "Refinement":
    case "Transformation":
      return sample(ast.from)
    default:
      return undefined
  }
}

/** Returns true if an effect waits. Runs the effect up to its first wait, and then interrupts it. */
const waits = (effect: Effect.Effect<unknown, unknown>): boolean => {
  if (Either.isEither(effect)) return false
  const scheduler = new Scheduler.SyncScheduler()
  const fiber = Effect.runFork(effect, { scheduler })
  scheduler.flush()
  if (fiber.unsafePoll() !== null) return false
  fiber.unsafeInterruptAsFork(FiberId.none)
  return true
}

/**
 * Finds a transformation that encodes asynchronously. Skips the transformations of `Schema.transform`, because they
 * cannot wait. The function recognizes these transformations by their `encode`, which has four parameters.
 */
const findAsync = (ast: AST.AST, seen: Set<AST.AST>): Option.Option<Fault> => {
  if (seen.has(ast)) return Option.none()
  seen.add(ast)
  const find = (part: AST.AST) => findAsync(part, seen)
  switch (ast._tag) {
    case "Declaration":
      return firstOf(ast.typeParameters, find)
    case "TypeLiteral":
      return Option.orElse(
        firstOf(ast.propertySignatures, ({ name, type }) => below(name, find(type))),
        () => firstOf(ast.indexSignatures, ({ type }) => find(type))
      )
    case "TupleType":
      return Option.orElse(
        firstOf(ast.elements, ({ type }, index) => below(index, find(type))),
        () => firstOf(ast.rest, ({ type }) => find(type))
      )
    case "Union":
      return firstOf(ast.types, find)
    case "Refinement":
      return find(ast.from)
    case "Suspend":
      return find(ast.f())
    case "Transformation": {
      const { from, to, transformation } = ast
      // Replace `to`, the schema of the decoded value, by `unknown`. The sample may fail a filter of `to`, and Effect
      // would then not call `encode`.
      const step = Schema.make<unknown, unknown>(new AST.Transformation(from, AST.unknownKeyword, transformation))
      const isWaiting =
        transformation._tag === "FinalTransformation" && transformation.encode.length < 4
          ? Either.try(() => waits(ParseResult.encodeUnknown(step)(sample(to))))
          : Either.right(false)
      return Either.getOrElse(isWaiting, () => false)
        ? found("a transformation that waits, for example for a promise")
        : Option.orElse(find(to), () => find(from))
    }
    default:
      return Option.none()
  }
}

/**
 * Finds a part of a schema that cannot be encoded as JSON. Returns an issue with a remedy, or `undefined`.
 *
 * The part is one of these:
 *
 * - a type that JSON never represents, such as a `Map`, in a part that every row has;
 * - a transformation that waits, for example for a promise, because rows are encoded without waiting.
 *
 * The check needs no row. It calls the `encode` of each `Schema.transformOrFail` with a made-up value. If the call
 * returns an effect that is not an `Either`, the check runs the effect up to its first wait.
 *
 * @example
 * import { RowSchema } from "@mammoth-effect/core"
 * import { Schema } from "effect"
 *
 * const Tags = Schema.Struct({ tags: Schema.SetFromSelf(Schema.String) })
 * console.log(RowSchema.findFault(Tags)?.received) // a Set
 * console.log(RowSchema.findFault(Schema.Struct({ tags: Schema.Set(Schema.String) }))) // undefined
 *
 * @since 0.1.0
 * @category validation
 */
export const findFault = (schema: RowSchema<unknown>): Issue.Issue | undefined =>
  Option.getOrUndefined(
    Option.orElse(
      Option.map(findNeverJson(schema.ast), ({ path, received }) => ({
        path: ["schema", ...path],
        expected: "a schema that encodes to JSON (transform this part, for example to a list or a string)",
        received
      })),
      () =>
        Option.map(findAsync(schema.ast, new Set()), ({ path, received }) => ({
          path: ["schema", ...path],
          expected: "a schema that encodes without waiting (prepare the rows first, for example with Stream.mapEffect)",
          received
        }))
    )
  )
