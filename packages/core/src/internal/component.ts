/** Names a schema among the components of the OpenAPI document. */
import * as AST from "effect/SchemaAST"

/** Makes annotations that name a schema in documents alone. An `identifier` would be lost with the next annotation. */
export const component = (name: string): Readonly<Record<symbol, unknown>> => ({
  [AST.JSONIdentifierAnnotationId]: name
})
