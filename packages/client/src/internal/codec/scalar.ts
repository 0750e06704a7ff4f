/** Recognizes scalar schemas. */
import * as AST from "effect/SchemaAST"

/**
 * Returns `true` for a schema of strings, numbers, booleans or literals, and for a union of these schemas. The schemas
 * may have filters. Scalar values are not objects, and are not transformed.
 */
export const isScalar = (ast: AST.AST): boolean =>
  AST.isStringKeyword(ast)
  || AST.isNumberKeyword(ast)
  || AST.isBooleanKeyword(ast)
  || AST.isLiteral(ast)
  || (AST.isRefinement(ast) && isScalar(ast.from))
  || (AST.isUnion(ast) && ast.types.every(isScalar))
