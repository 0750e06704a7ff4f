/** Names a schema among the components of the OpenAPI document. */
import * as AST from "effect/SchemaAST"

/**
 * Makes annotations that name a schema only in OpenAPI documents. Unlike the annotation `identifier`, these annotations
 * remain if further annotations are added to the schema.
 */
export const component = (name: string): Readonly<Record<symbol, unknown>> => ({
  [AST.JSONIdentifierAnnotationId]: name
})
