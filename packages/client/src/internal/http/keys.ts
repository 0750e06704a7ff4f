/** Converts the account's keys to header values. */
import type * as Issue from "@mammoth-effect/core/Issue"
import { shape } from "@mammoth-effect/core/Issue"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import { isHeaderValue } from "./headerRules.js"
import { revealed } from "./revealed.js"

type KeyHeaders = {
  readonly "x-api-key": string
  readonly "x-api-secret": string
  readonly "x-workspace-id"?: string
}

/**
 * Returns a key as a string, or the reason why no header can carry the key. Removes white space at the key's ends,
 * because HTTP would drop it.
 */
export const keyText = (key: unknown): Either.Either<string, Omit<Issue.Issue, "path">> => {
  const given = revealed(key)
  const text = Predicate.isString(given) ? given.trim() : ""
  if (text === "") return Either.left({ expected: "a string of at least one character", received: shape(given) })
  return isHeaderValue(text)
    ? Either.right(text)
    : Either.left({ expected: "printable ASCII, as HTTP headers require", received: shape(given) })
}

/** Returns a workspace's identifier as a string, or the reason why a value is not an identifier. */
export const workspaceText = (given: unknown): Either.Either<string, Omit<Issue.Issue, "path">> =>
  Predicate.isNumber(given) && Number.isSafeInteger(given) && given >= 1
    ? Either.right(String(given))
    : Either.left({ expected: "an integer from 1 to 2^53 - 1", received: shape(given) })

/**
 * Returns the headers of the account's keys. Returns an issue for a wrong value, because programs without types can
 * give any value.
 */
export const headersOf = (keys: unknown): Either.Either<KeyHeaders, Issue.Issue> => {
  const of = (name: string): unknown => (Predicate.hasProperty(keys, name) ? keys[name] : undefined)
  const text = (name: string) => Either.mapLeft(keyText(of(name)), (issue) => ({ ...issue, path: [name] }))
  return Either.gen(function* () {
    const headers = { "x-api-key": yield* text("apiKey"), "x-api-secret": yield* text("apiSecret") }
    const workspaceId = of("workspaceId")
    if (workspaceId === undefined) return headers
    const workspace = Either.mapLeft(workspaceText(workspaceId), (issue) => ({ ...issue, path: ["workspaceId"] }))
    return { ...headers, "x-workspace-id": yield* workspace }
  })
}
