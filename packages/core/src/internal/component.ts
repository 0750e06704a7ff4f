/** Names a schema among the components of the OpenAPI document. */
import * as AST from "effect/SchemaAST"

/** Makes annotations that name a schema in documents only. Unlike `identifier`, they survive further annotations. */
export const component = (name: string): Readonly<Record<symbol, unknown>> => ({
  [AST.JSONIdentifierAnnotationId]: name
})
