/** Makes calls: checks the input, runs the pipe, and hands out the decoded answer. */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Issue from "@mammoth-effect/core/Issue"
import type * as Operation from "@mammoth-effect/core/Operation"
import { InvalidRequest, type WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import * as Credentials from "../../Credentials.js"
import * as MammothConfig from "../../MammothConfig.js"
import { type Options, RequestOptions } from "../../RequestOptions.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import { identify, type Settings } from "../http/call.js"
import * as Pipe from "../http/pipe.js"
import { remembering } from "../http/remembering.js"
import { revealed } from "../http/revealed.js"
import { resolve } from "../http/settings.js"
import { withCallSpan } from "../http/telemetry.js"
import { type Encoded, interpret, type Interpreted, type Parts } from "./interpret.js"

/** What an operation is called with, given what the call is made with. */
export interface Input extends Parts {
  /** Further headers, such as that of a webhook's secret. */
  readonly headers?: Readonly<Record<string, string>>
  /** Texts in the input that must not be shown. */
  readonly secrets?: ReadonlyArray<string>
}

/** What is wrong with a decoded answer beyond its schema. */
export type Verify<O extends Operation.Operation> = (
  answer: Schema.Schema.Type<O["success"]>
) => ReadonlyArray<Issue.Issue>

/** What a call may have beside its input. */
export interface Extras<O extends Operation.Operation> {
  readonly verify?: Verify<O> | undefined
  /** The function that the caller called, for errors. Default: the operation's name. */
  readonly calledAs?: string | undefined
}

/** Makes calls of any operation. */
export interface Perform {
  /** With flat input, which is divided by the operation's path. */
  readonly flat: <O extends Operation.Operation>(
    operation: O,
    input: unknown,
    extras?: Extras<O>
  ) => Effect.Effect<Operation.Success<O>, Operation.Error<O>>
  /** Refuses the flat input that {@link Perform.flat} would refuse, and sends nothing. */
  readonly check: (
    operation: Operation.Operation,
    input: unknown,
    calledAs: string
  ) => Effect.Effect<void, InvalidRequest>
  /** With input for each of the three places, made when the call's settings are known. */
  readonly parts: <O extends Operation.Operation>(
    operation: O,
    input: (settings: Settings) => Either.Either<Input, Issue.Issue>
  ) => Effect.Effect<Operation.Success<O>, Operation.Error<O>>
}

const isErrorOf =
  <O extends Operation.Operation>(operation: O) =>
  (error: WebhooksError): error is WebhooksError & Operation.Error<O> =>
    (error._tag !== "DecodeError" && error._tag !== "PayloadTooLarge") || operation.errors.includes(error._tag)

/** The texts of all that is redacted in a path: a webhook's key, whoever calls the operation. */
const secretsIn = (path: unknown): ReadonlyArray<string> =>
  Object.values(Predicate.isRecord(path) ? path : {}).flatMap((value) => {
    const text = Redacted.isRedacted(value) ? revealed(value) : undefined
    return Predicate.isString(text) ? [text] : []
  })

const parse = (text: string): Either.Either<unknown, Issue.Issues> =>
  Either.try({
    // some transports leave a byte order mark
    try: (): unknown => JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text),
    catch: () => {
      const received = text === "" ? "an empty body" : `${text.length} characters that are not JSON`
      return { issues: [{ path: [], expected: "JSON", received }], omitted: 0 }
    }
  })

const json = "application/json"

const bodyOf = (body: string | Uint8Array) =>
  typeof body === "string" ? HttpBody.text(body, json) : HttpBody.uint8Array(body, json)

const request = (operation: Operation.Operation, encoded: Encoded, input: Input) =>
  HttpClientRequest.make(operation.method)(encoded.url, {
    ...(input.headers === undefined ? {} : { headers: input.headers }),
    ...(encoded.body === undefined ? {} : { body: bodyOf(encoded.body) })
  })

/** A delete that finds nothing after an attempt that may have deleted has done what it was asked. */
const isDeletedBefore = (operation: Operation.Operation, error: WebhooksError): boolean =>
  operation.method === "DELETE" && error._tag === "NotFound" && error.delivery === "Unknown"

/** Makes {@link Perform} from what the environment holds; with `credentials` none, it sends no account keys. */
export const make = (
  credentials: Option.Option<Credentials.Service>
): Effect.Effect<Perform, never, HttpClient.HttpClient | MammothConfig.MammothConfig> =>
  Effect.gen(function* () {
    const config = yield* MammothConfig.MammothConfig
    const policy = Option.getOrElse(yield* Effect.serviceOption(RetryPolicy.RetryPolicy), () => RetryPolicy.standard)
    const sendWithPolicies = Pipe.make(yield* HttpClient.HttpClient, config, credentials, policy)

    const prepared = new Map<Operation.Operation, Interpreted>()
    const prepare = (operation: Operation.Operation): Interpreted => {
      const known = prepared.get(operation) ?? interpret(operation)
      prepared.set(operation, known)
      return known
    }

    const resolveOnce = remembering((options: Options) => resolve(config, policy, options))

    const call = <O extends Operation.Operation>(
      operation: O,
      input: (interpreted: Interpreted, settings: Settings) => Either.Either<Input, Issue.Issue>,
      { calledAs = operation.name, verify = () => [] }: Extras<O> = {}
    ): Effect.Effect<Operation.Success<O>, Operation.Error<O>> => {
      const fail = (error: WebhooksError) => (isErrorOf(operation)(error) ? Effect.fail(error) : Effect.die(error))
      const refuse = (wrong: Issue.Issues) => fail(new InvalidRequest({ ...identify(operation, calledAs), ...wrong }))

      const decoder =
        (interpreted: Interpreted, query: unknown) =>
        (text: string): Either.Either<Operation.Success<O>, Issue.Issues> =>
          Either.flatMap(
            Either.flatMap(parse(text), (json) => interpreted.decode(json, query)),
            (value) => {
              const issues = verify(value)
              return issues.length === 0 ? Either.right(value) : Either.left({ issues, omitted: 0 })
            }
          )

      const send = (interpreted: Interpreted, settings: Settings, parts: Input) => {
        const encoded = interpreted.encode(parts)
        if (Either.isLeft(encoded)) return refuse(encoded.left)
        const nothing = interpreted.nothing
        return Effect.catchAll(
          sendWithPolicies<Operation.Success<O>>({
            operation,
            calledAs,
            settings,
            request: request(operation, encoded.right, parts),
            secrets: parts.secrets ?? secretsIn(parts.path),
            nothing,
            decode: decoder(interpreted, parts.query)
          }),
          (error) => (isDeletedBefore(operation, error) ? Effect.succeed(nothing) : fail(error))
        )
      }

      return Effect.withFiberRuntime((fiber) => {
        const interpreted = prepare(operation)
        const settings = resolveOnce(Context.get(fiber.currentContext, RequestOptions))
        const given = Either.flatMap(settings, (settings) =>
          Either.map(input(interpreted, settings), (parts) => ({ settings, parts }))
        )
        const withSpan = withCallSpan(
          config.traceContext,
          operation,
          Either.isRight(given) ? given.right.parts.path : undefined
        )
        return withSpan(
          Effect.suspend(() =>
            Either.isLeft(given)
              ? refuse({ issues: [given.left], omitted: 0 })
              : send(interpreted, given.right.settings, given.right.parts)
          )
        )
      })
    }

    return {
      flat: (operation, input, extras) =>
        call(operation, (interpreted) => Either.right(interpreted.divide(input)), extras),
      check: (operation, input, calledAs) =>
        Effect.suspend(() => {
          const interpreted = prepare(operation)
          return Either.match(interpreted.encode(interpreted.divide(input)), {
            onLeft: (wrong) => Effect.fail(new InvalidRequest({ ...identify(operation, calledAs), ...wrong })),
            onRight: () => Effect.void
          })
        }),
      parts: (operation, input) => call(operation, (_, settings) => input(settings))
    }
  })
