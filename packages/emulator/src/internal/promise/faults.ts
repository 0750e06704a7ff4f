/** Reads the faults that callers pass to `fail`, and names the faults in recorded requests. */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Struct from "effect/Struct"
import * as Fault from "../../Fault.js"
import type { InvalidArgument } from "./errors.js"
import * as Read from "./read.js"

type Given = Readonly<Record<string, unknown>>

interface Kind {
  /** The names of all options of this fault. */
  readonly takes: ReadonlyArray<string>
  readonly toFault: (given: Given) => Given
}

const general = ["operation", "times", "acts", "delayBefore", "delayAfter"]

/**
 * Describes a fault. The response of the fault has the tag `_tag` and the options `own`. `defaults` has the default values
 * of these options.
 */
const kind = (_tag: Fault.Answer["_tag"], own: ReadonlyArray<string> = [], defaults: Given = {}): Kind => ({
  takes: [...general, ...own],
  toFault: (given) => ({
    ...Struct.pick(given, ...general),
    answer: { _tag, ...defaults, ...Struct.pick(given, ...own) }
  })
})

const reset = kind("Reset", ["stage"], { stage: "start" })

/**
 * The faults by name. Each fault has the name of its constructor in `Fault`. Only `lostResponse` has no constructor: it
 * is a reset after the operation has acted.
 */
const kinds = {
  status: kind("Status", ["status", "headers", "body"]),
  lostResponse: {
    takes: general.filter((option) => option !== "acts"),
    toFault: (given) => reset.toFault({ ...given, acts: true })
  },
  reset,
  stall: kind("Stall", ["stage"], { stage: "start" }),
  delay: kind("Own"),
  truncated: kind("Truncated"),
  cutJson: kind("CutJson"),
  wrongJson: kind("WrongJson"),
  html: kind("Html", ["status"]),
  contentType: kind("ContentType", ["contentType"]),
  gzipLie: kind("GzipLie")
} as const satisfies Readonly<Record<string, Kind>>

export type Name = keyof typeof kinds

const names = Struct.keys(kinds)

const isName = (name: unknown): name is Name => Predicate.isString(name) && Object.hasOwn(kinds, name)

/** The name of each fault, by the tag of the response that the fault shows. */
export const nameOf: { readonly [Tag in Fault.Answer["_tag"]]: Exclude<Name, "lostResponse"> } = {
  Own: "delay",
  Status: "status",
  Reset: "reset",
  Stall: "stall",
  Truncated: "truncated",
  CutJson: "cutJson",
  Html: "html",
  WrongJson: "wrongJson",
  ContentType: "contentType",
  GzipLie: "gzipLie"
}

const decode = Issue.decodeUnknown(Fault.Fault)

/** Removes `answer` from an issue's path, so that the path starts with the name of the option. */
const withoutAnswer = (issue: Issue.Issue): Issue.Issue =>
  issue.path[0] === "answer" ? { ...issue, path: issue.path.slice(1) } : issue

const isLate = (given: Given): boolean => "delayBefore" in given || "delayAfter" in given

const list = `the faults are ${names.join(", ")}`

/**
 * Returns the fault's name, which is the value of the option `fault`. If this option is missing, a fault with the option
 * `status` is named `status`, and any other fault with a delay is named `delay`. Returns an error if the fault has no name
 * or an invalid name.
 */
const readName = (given: Given): Either.Either<Name, InvalidArgument> => {
  const name = given["fault"] ?? ("status" in given ? "status" : isLate(given) ? "delay" : undefined)
  if (isName(name)) return Either.right(name)
  if (name === undefined)
    return Read.refuse("fail", `give at least one of the options fault, status, delayBefore and delayAfter; ${list}`)
  const problem = Predicate.isString(name)
    ? `unknown fault ${Read.shown(name)}${Read.hint(name, names)}`
    : `fault: expected a name, received ${Issue.shape(name)}`
  return Read.refuse("fail", `${problem}; ${list}`)
}

/** Reads the options of `fail`. Returns an error if an option cannot be used. */
export const read = (options: unknown): Either.Either<Fault.Fault, InvalidArgument> =>
  Either.gen(function* () {
    const given = yield* Read.record("fail", options)
    const name = yield* readName(given)
    const { takes, toFault } = kinds[name]
    yield* Read.checkNames("fail", given, ["fault", ...takes], `the options of the fault ${name}`)
    if (name === "delay" && !isLate(given)) {
      return yield* Read.refuse("fail", "the fault delay needs delayBefore, delayAfter or both")
    }
    return yield* Either.mapLeft(decode(toFault(given)), ({ issues, omitted }) =>
      Read.toError("fail")({ issues: issues.map(withoutAnswer), omitted })
    )
  })
