/** Finds scalar schemas. */
import * as AST from "effect/SchemaAST"

/**
 * Is this a schema of strings, numbers, booleans or literals, or a union of them, filtered or not? Their values are no
 * objects, and are not made from other values.
 */
export const isScalar = (ast: AST.AST): boolean =>
  AST.isStringKeyword(ast)
  || AST.isNumberKeyword(ast)
  || AST.isBooleanKeyword(ast)
  || AST.isLiteral(ast)
  || (AST.isRefinement(ast) && isScalar(ast.from))
  || (AST.isUnion(ast) && ast.types.every(isScalar))
