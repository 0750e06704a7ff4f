/** Recognizes scalar schemas. */
import * as AST from "effect/SchemaAST"

/**
 * Returns `true` for a schema of strings, numbers, booleans or literals, or for a union of them, with or without
 * filters. Scalar values are not objects, and are not transformed.
 */
export const isScalar = (ast: AST.AST): boolean =>
  AST.isStringKeyword(ast)
  || AST.isNumberKeyword(ast)
  || AST.isBooleanKeyword(ast)
  || AST.isLiteral(ast)
  || (AST.isRefinement(ast) && isScalar(ast.from))
  || (AST.isUnion(ast) && ast.types.every(isScalar))
