/** Checks the arguments of methods before a call begins. The encoder checks the values in the arguments later. */
import type * as Issue from "@mammoth-effect/core/Issue"
import type * as Operation from "@mammoth-effect/core/Operation"
import * as Operations from "@mammoth-effect/core/Operations"
import * as Predicate from "effect/Predicate"
import * as AST from "effect/SchemaAST"
import { keysOf } from "../operations/interpret.js"
import { anything, find, instead, type Kind, type Kinds, object } from "../options/kinds.js"
import * as CallOptions from "./callOptions.js"

/** Checks an argument. Returns its issue, or `undefined` if the argument is correct. */
export type Check = (given: unknown) => Issue.Issue | undefined

const all = (names: Iterable<string>, kindOf: (name: string) => Kind): Kinds =>
  Object.fromEntries(Array.from(names, (name) => [name, kindOf(name)]))

/** Options of a call that a program may put into the request by mistake. */
const misplaced = all(Object.keys(CallOptions.properties), (name) => instead(`{ ${name} } as the next argument`))

/**
 * Makes the check of an argument. The argument must be an object that has only the properties of the operation's input.
 */
const checkFor = ({ body, path, query }: Operation.Operation, mistakes: Kinds = {}, argument = "request"): Check => {
  const [required = [], ...optional] = [path, query, ...(body === undefined ? [] : [body])].map((schema) =>
    keysOf(AST.typeAST(schema.ast)).map(String)
  )
  const kind = object(`an object with ${required.join(", ")}`, {
    ...all([...required, ...optional.flat()], () => anything),
    ...misplaced,
    ...mistakes
  })
  return (given) => {
    const issue = find(kind, [], given)
    return issue?.path.length === 0 ? { ...issue, path: [argument] } : issue
  }
}

const id = { id: instead("webhookId") }

export const list: Check = checkFor(Operations.list)

export const create: Check = checkFor(Operations.create)

export const getDetails: Check = checkFor(Operations.getDetails, id)

const delete_: Check = checkFor(Operations.delete, id)
export { delete_ as delete }

export const update: Check = checkFor(Operations.update, id)

/** Checks the settings of `ensure`. */
export const spec: Check = checkFor(Operations.create, { name: instead("the first argument of ensure") }, "spec")

export const name: Check = (given) =>
  find({ expected: "the webhook's name, as a string, before the settings", holds: Predicate.isString }, ["name"], given)

/** Makes the check of a target. The target must have a mode, so a key or a uri is refused. */
export const target =
  (assume: string): Check =>
  (given) =>
    find(
      {
        expected: `a webhook that ensure or create returned, or ${assume}(key), as the first argument`,
        holds: (webhook) => Predicate.hasProperty(webhook, "mode")
      },
      ["webhook"],
      given
    )
