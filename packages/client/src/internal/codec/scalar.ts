/** Which schemas are of values that are what they are: no objects, and nothing that is made of something else. */
import * as AST from "effect/SchemaAST"

/** Is it a schema of strings, numbers, booleans or literals, of one or some of them, filtered or not? */
export const isScalar = (ast: AST.AST): boolean =>
  AST.isStringKeyword(ast)
  || AST.isNumberKeyword(ast)
  || AST.isBooleanKeyword(ast)
  || AST.isLiteral(ast)
  || (AST.isRefinement(ast) && isScalar(ast.from))
  || (AST.isUnion(ast) && ast.types.every(isScalar))
