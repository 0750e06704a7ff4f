/** Checks the names in the options of an outbox: the name of the outbox, and the name of the column for ids. */
import { shape } from "@mammoth-effect/core/Issue"
import * as Either from "effect/Either"
import { InvalidOptions } from "../../OutboxError.js"
import * as Encode from "./encode.js"

const invalid = (field: string, expected: string, received: unknown): Either.Either<never, InvalidOptions> =>
  Either.left(new InvalidOptions({ issues: [{ path: [field], expected, received: shape(received) }] }))

/** Returns the name of the outbox. Fails if the name of the outbox or of the column cannot be used. */
export const check = (
  name: string | undefined,
  idColumn: string | undefined
): Either.Either<string, InvalidOptions> => {
  if (!Encode.isName(name)) return invalid("name", Encode.nameExpected, name)
  return idColumn === "" || idColumn === "__proto__"
    ? invalid("idColumn", "a non-empty name other than __proto__", idColumn)
    : Either.right(name)
}
