/**
 * Makes faults that the emulator shows on demand: failures of a network, a gateway or a server. A fault is plain JSON.
 *
 * @since 0.1.0
 */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Operations from "@mammoth-effect/core/Operations"
import * as Time from "@mammoth-effect/core/Time"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as Struct from "effect/Struct"

/**
 * The schema of the name of an operation, such as `addData`. A fault can apply to one operation or to every operation.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const operation: Fault.OperationName = "addData"
 *
 * @since 0.1.0
 * @category schemas
 */
export const OperationName: Schema.SchemaClass<keyof typeof Operations> = Schema.Literal(...Struct.keys(Operations))

/**
 * The name of an operation to which a fault can apply.
 *
 * @since 0.1.0
 * @category models
 */
export type OperationName = typeof OperationName.Type

/**
 * The schema of the stage at which a response breaks off:
 *
 * - `start`: before its first byte;
 * - `headers`: after its status line and headers;
 * - `body`: after the first half of its body.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const stage: Fault.Stage = "headers"
 *
 * @since 0.1.0
 * @category schemas
 */
export const Stage: Schema.Literal<["start", "headers", "body"]> = Schema.Literal("start", "headers", "body")

/**
 * The stage at which a response breaks off.
 *
 * @since 0.1.0
 * @category models
 */
export type Stage = typeof Stage.Type

/**
 * The response that the caller sees:
 *
 * - `Own`: the usual response, unchanged, for faults that only delay;
 * - `Status`: a status from 200 to 999, with exactly the given headers and body;
 * - `Reset`: the connection is reset (RST) at a stage of the usual response;
 * - `Stall`: the usual response stops at a stage, and the connection stays open;
 * - `Truncated`: half of the usual response's body, and then the connection is closed normally (FIN);
 * - `CutJson`: a complete response whose JSON ends in the middle;
 * - `Html`: an HTML page, such as a gateway sends, with the given status or the usual status;
 * - `WrongJson`: well-formed JSON whose shape differs from the usual response;
 * - `ContentType`: the usual response, but with the given content type;
 * - `GzipLie`: the usual response, with headers that say gzip, and a body that is not compressed.
 *
 * The usual response is the operation's response if the fault lets the operation act. Otherwise it is a small JSON
 * document with the operation's published status. If that status is 204 and a body is needed, the status is 200.
 *
 * @example
 * import type { Fault } from "@mammoth-effect/emulator"
 *
 * const answer: Fault.Answer = { _tag: "Reset", stage: "headers" }
 *
 * @since 0.1.0
 * @category models
 */
export type Answer =
  | { readonly _tag: "Own" }
  | {
      readonly _tag: "Status"
      readonly status: number
      readonly headers?: { readonly [name: string]: string } | undefined
      readonly body?: string | undefined
    }
  | { readonly _tag: "Reset"; readonly stage: Stage }
  | { readonly _tag: "Stall"; readonly stage: Stage }
  | { readonly _tag: "Truncated" }
  | { readonly _tag: "CutJson" }
  | { readonly _tag: "Html"; readonly status?: number | undefined }
  | { readonly _tag: "WrongJson" }
  | { readonly _tag: "ContentType"; readonly contentType: string }
  | { readonly _tag: "GzipLie" }

/**
 * A fault: the requests to which it applies, whether the operation acts, the delays, and the response that the caller
 * sees. A fault is plain JSON, so another process can post it to the emulator:
 *
 * `{ "operation": "addData", "times": 2, "acts": true, "answer": { "_tag": "Reset", "stage": "start" } }`
 *
 * @example
 * import type { Fault } from "@mammoth-effect/emulator"
 *
 * const lostResponse: Fault.Fault = {
 *   operation: "addData",
 *   times: 2,
 *   acts: true,
 *   answer: { _tag: "Reset", stage: "start" }
 * }
 *
 * @since 0.1.0
 * @category models
 */
export interface Fault {
  /** The operation to which the fault applies. Default: every operation. */
  readonly operation?: OperationName | undefined
  /** The number of requests to which the fault applies, or `"every"`. Default: 1. */
  readonly times?: number | "every" | undefined
  /**
   * If true, the operation acts before the caller sees the fault. For example, a row is written although the response is
   * lost.
   * Default: `true` if the caller sees a success status, and otherwise `false`.
   */
  readonly acts?: boolean | undefined
  /** The delay before the server acts, in milliseconds. The server acts even if the caller hangs up first. Default: 0. */
  readonly delayBefore?: number | undefined
  /** The delay after the server has acted and before it responds, in milliseconds. Default: 0. */
  readonly delayAfter?: number | undefined
  readonly answer: Answer
}

const statusCode = Schema.Int.pipe(Schema.between(200, 999, { description: "a status from 200 to 999" }))

const millis = Schema.Number.pipe(
  Schema.filter((millis) => Number.isFinite(millis) && millis >= 0, {
    description: "a time in milliseconds",
    jsonSchema: { minimum: 0 },
    arbitrary: () => (fc) => fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })
  })
)

/**
 * The schema of the response that a fault shows.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 * import { Schema } from "effect"
 *
 * console.log(Schema.is(Fault.Answer)({ _tag: "Status", status: 503 })) // true
 *
 * @since 0.1.0
 * @category schemas
 */
export const Answer: Schema.Schema<Answer> = Schema.Union(
  Schema.TaggedStruct("Own", {}),
  Schema.TaggedStruct("Status", {
    status: statusCode,
    headers: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.String })),
    body: Schema.optional(Schema.String)
  }),
  Schema.TaggedStruct("Reset", { stage: Stage }),
  Schema.TaggedStruct("Stall", { stage: Stage }),
  Schema.TaggedStruct("Truncated", {}),
  Schema.TaggedStruct("CutJson", {}),
  Schema.TaggedStruct("Html", { status: Schema.optional(statusCode) }),
  Schema.TaggedStruct("WrongJson", {}),
  Schema.TaggedStruct("ContentType", { contentType: Schema.String }),
  Schema.TaggedStruct("GzipLie", {})
)

/**
 * The schema of a fault. It encodes a fault as plain JSON, which another process can post to the emulator.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 * import { Schema } from "effect"
 *
 * const posted = Schema.encodeSync(Fault.Fault)(Fault.status(503, { operation: "list" }))
 * console.log(JSON.stringify(posted)) // {"operation":"list","answer":{"_tag":"Status","status":503}}
 *
 * @since 0.1.0
 * @category schemas
 */
export const Fault: Schema.Schema<Fault> = Schema.Struct({
  operation: Schema.optional(OperationName),
  times: Schema.optional(Schema.Union(Schema.Positive.pipe(Schema.int()), Schema.Literal("every"))),
  acts: Schema.optional(Schema.Boolean),
  delayBefore: Schema.optional(millis),
  delayAfter: Schema.optional(millis),
  answer: Answer
})

/**
 * The options that every constructor of a fault accepts. {@link Fault} describes their meaning and defaults.
 *
 * @example
 * import type { Fault } from "@mammoth-effect/emulator"
 *
 * const everyPush: Fault.Options = { operation: "addData", times: "every", delayBefore: "50 millis" }
 *
 * @since 0.1.0
 * @category options
 */
export interface Options {
  readonly operation?: OperationName | undefined
  readonly times?: number | "every" | undefined
  readonly acts?: boolean | undefined
  readonly delayBefore?: Duration.DurationInput | undefined
  readonly delayAfter?: Duration.DurationInput | undefined
}

/** Converts a delay to milliseconds. */
const millisOf = (name: string, delay: Duration.DurationInput | undefined): number | undefined =>
  delay === undefined
    ? undefined
    : Duration.toMillis(
        Either.getOrThrowWith(Time.read([name], delay, { orZero: true }), (issue) => new TypeError(Issue.format(issue)))
      )

/**
 * Makes a fault with the given response. Throws a `TypeError` if a delay is not a time.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const fault = Fault.make({ _tag: "Truncated" }, { operation: "list", times: 3 })
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (answer: Answer, options: Options = {}): Fault => ({
  operation: options.operation,
  times: options.times,
  acts: options.acts,
  delayBefore: millisOf("delayBefore", options.delayBefore),
  delayAfter: millisOf("delayAfter", options.delayAfter),
  answer
})

/**
 * Delays the operation's usual response. `delayBefore` is the delay before the operation acts, and `delayAfter` is the
 * delay after it acts.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const slow = Fault.delay({ delayAfter: "2 seconds" })
 *
 * @since 0.1.0
 * @category constructors
 */
export const delay = (options: Options): Fault => make({ _tag: "Own" }, options)

/**
 * Responds with this status, and exactly the given headers and body. Use it for redirects and rate limits.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const busy = Fault.status(429, { headers: { "retry-after": "3" }, times: 2 })
 * const moved = Fault.status(307, { headers: { location: "/api/v3/webhooks" } })
 *
 * @since 0.1.0
 * @category constructors
 */
export const status = (
  status: number,
  options: Options & {
    readonly headers?: { readonly [name: string]: string } | undefined
    readonly body?: string | undefined
  } = {}
): Fault => make({ _tag: "Status", status, headers: options.headers, body: options.body }, options)

/**
 * Resets the connection (RST) before the first byte of the response, after its headers, or in the middle of its body.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const writtenButLost = Fault.reset("start", { operation: "addData", acts: true })
 *
 * @since 0.1.0
 * @category constructors
 */
export const reset = (stage: Stage, options?: Options): Fault => make({ _tag: "Reset", stage }, options)

/**
 * Stalls the response before its first byte, after its headers, or in the middle of its body. The response stalls until
 * the caller closes the connection or the emulator ends.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const hung = Fault.stall("headers")
 *
 * @since 0.1.0
 * @category constructors
 */
export const stall = (stage: Stage, options?: Options): Fault => make({ _tag: "Stall", stage }, options)

/**
 * Sends half of the announced body, and then closes the connection normally (FIN).
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const fault = Fault.truncated({ operation: "list" })
 *
 * @since 0.1.0
 * @category constructors
 */
export const truncated = (options?: Options): Fault => make({ _tag: "Truncated" }, options)

/**
 * Sends a complete response whose JSON ends in the middle.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const fault = Fault.cutJson({ operation: "create" })
 *
 * @since 0.1.0
 * @category constructors
 */
export const cutJson = (options?: Options): Fault => make({ _tag: "CutJson" }, options)

/**
 * Responds with an HTML page. The status is the given status, or the status of the operation's usual response.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const gateway = Fault.html({ status: 502, times: "every" })
 *
 * @since 0.1.0
 * @category constructors
 */
export const html = (options: Options & { readonly status?: number | undefined } = {}): Fault =>
  make({ _tag: "Html", status: options.status }, options)

/**
 * Responds with well-formed JSON whose shape differs from the operation's response.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const fault = Fault.wrongJson({ operation: "getDetails" })
 *
 * @since 0.1.0
 * @category constructors
 */
export const wrongJson = (options?: Options): Fault => make({ _tag: "WrongJson" }, options)

/**
 * Sends the operation's usual response, but with the given content type.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const fault = Fault.contentType("text/plain", { operation: "list" })
 *
 * @since 0.1.0
 * @category constructors
 */
export const contentType = (contentType: string, options?: Options): Fault =>
  make({ _tag: "ContentType", contentType }, options)

/**
 * Sends the operation's usual response with `content-encoding: gzip`, although the body is not compressed.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * const fault = Fault.gzipLie()
 *
 * @since 0.1.0
 * @category constructors
 */
export const gzipLie = (options?: Options): Fault => make({ _tag: "GzipLie" }, options)

/**
 * Returns true if the operation acts before the caller sees the fault. The result is `fault.acts`, or the default of `acts`.
 *
 * @example
 * import { Fault } from "@mammoth-effect/emulator"
 *
 * console.log(Fault.acts(Fault.status(503)), Fault.acts(Fault.truncated())) // false true
 *
 * @since 0.1.0
 * @category predicates
 */
export const acts = (fault: Fault): boolean => fault.acts ?? showsSuccess(fault.answer)

const showsSuccess = (answer: Answer): boolean => {
  switch (answer._tag) {
    case "Status":
      return answer.status < 300
    case "Html":
      return answer.status === undefined || answer.status < 300
    case "Reset":
    case "Stall":
      return answer.stage !== "start"
    default:
      return true
  }
}
