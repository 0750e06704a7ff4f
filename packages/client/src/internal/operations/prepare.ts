/**
 * Makes a function for each operation. The function checks and encodes its input, sends the request as `pipe.ts`
 * defines, and returns the decoded value.
 */
import * as HttpBody from "@effect/platform/HttpBody"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as Issue from "@mammoth-effect/core/Issue"
import type * as Operation from "@mammoth-effect/core/Operation"
import { InvalidRequest, type WebhooksError } from "@mammoth-effect/core/WebhooksError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Credentials from "../../Credentials.js"
import * as MammothConfig from "../../MammothConfig.js"
import { RequestOptions } from "../../RequestOptions.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import { identify, type Settings } from "../http/call.js"
import * as Pipe from "../http/pipe.js"
import { revealed } from "../http/revealed.js"
import { resolve } from "../http/settings.js"
import { withCallSpan } from "../http/telemetry.js"
import { type Encoded, type Input, interpret, type Interpreted } from "./interpret.js"
import { asSuccess } from "./projection.js"

/** The input of a push. Unlike other input, it can have headers. */
export interface PushInput extends Input {
  /** Additional headers, such as the header with a webhook's secret. */
  readonly headers?: Readonly<Record<string, string>>
  /** Strings in the input that must not be shown. Default: all redacted values in the path. */
  readonly secrets?: ReadonlyArray<string>
}

/** The options of a call that are not part of its input. */
export interface Extras<O extends Operation.Operation> {
  /** Checks a decoded value further, after its schema has accepted it. Returns the issues. */
  readonly verify?: ((value: Operation.Success<O>) => ReadonlyArray<Issue.Issue>) | undefined
  /** The function that the caller called, which errors name. Default: the operation's name. */
  readonly calledAs?: string | undefined
}

/** An operation, ready to be called. */
export interface Prepared<O extends Operation.Operation> {
  /** Calls the operation with flat input: one object with the keys of the path, the query and the body. */
  readonly call: (input: unknown, extras?: Extras<O>) => Effect.Effect<Operation.Success<O>, Operation.Error<O>>
  /**
   * Calls the operation with separate input for each part of the request. `toInput` makes this input from the settings
   * of the call.
   */
  readonly callWith: (
    toInput: (settings: Settings) => Either.Either<PushInput, Issue.Issue>
  ) => Effect.Effect<Operation.Success<O>, Operation.Error<O>>
  /** Checks flat input, and sends nothing. Fails if `call` would refuse the input. */
  readonly check: (input: unknown, calledAs: string) => Effect.Effect<void, InvalidRequest>
}

/** Prepares an operation: compiles its schemas and makes its metrics. Does this once for each operation of a layer. */
export type Prepare = <O extends Operation.Operation>(operation: O) => Prepared<O>

/**
 * Returns `true` if an error belongs to the error type of an operation. `pipe.ts` makes no other errors: its steps
 * `withStatusErrors` and `withDecoding` check which errors the operation declares.
 */
const isErrorOf =
  <O extends Operation.Operation>(operation: O) =>
  (error: WebhooksError): error is WebhooksError & Operation.Error<O> =>
    (error._tag !== "MammothDecodeError" && error._tag !== "MammothPayloadTooLarge")
    || operation.errors.includes(error._tag)

/** Returns all redacted values in a path as strings, such as a webhook's key. */
const secretsIn = (path: unknown): ReadonlyArray<string> =>
  Object.values(Predicate.isRecord(path) ? path : {}).flatMap((value) => {
    const text = Redacted.isRedacted(value) ? revealed(value) : undefined
    return Predicate.isString(text) ? [text] : []
  })

const json = "application/json"

const bodyOf = (body: string | Uint8Array) =>
  Predicate.isString(body) ? HttpBody.text(body, json) : HttpBody.uint8Array(body, json)

const requestOf = (operation: Operation.Operation, { body, url }: Encoded, headers: PushInput["headers"] = {}) =>
  HttpClientRequest.make(operation.method)(url, {
    headers,
    ...(body === undefined ? {} : { body: bodyOf(body) })
  })

/**
 * Returns `true` if a delete found no webhook, after an earlier attempt that may have deleted the webhook. The delete
 * has then succeeded.
 */
const isDeletedBefore = (operation: Operation.Operation, error: WebhooksError): boolean =>
  operation.method === "DELETE" && error._tag === "MammothNotFound" && error.delivery === "Unknown"

/** Makes {@link Prepare} from the environment. Without credentials, requests carry no account keys. */
export const make = (
  credentials: Option.Option<Credentials.Service>
): Effect.Effect<Prepare, never, HttpClient.HttpClient | MammothConfig.MammothConfig> =>
  Effect.gen(function* () {
    const config = yield* MammothConfig.MammothConfig
    const policy = Option.getOrElse(yield* Effect.serviceOption(RetryPolicy.RetryPolicy), () => RetryPolicy.standard)
    const sender = Pipe.make(yield* HttpClient.HttpClient, config, credentials, policy)
    // Resolve the settings once for all calls without options, because most calls have no options.
    const noOptions = Context.get(Context.empty(), RequestOptions)
    const standard = resolve(config, policy, noOptions)
    const known = new Map<Operation.Operation, Interpreted & { readonly send: Pipe.Send }>()

    return <O extends Operation.Operation>(operation: O): Prepared<O> => {
      const made = known.get(operation) ?? { ...interpret(operation), send: sender(operation) }
      known.set(operation, made)
      const { decode, divide, encode, send } = made
      const nothing = asSuccess<O>(undefined)
      const isOwn = isErrorOf(operation)
      const fail = (error: WebhooksError) => (isOwn(error) ? Effect.fail(error) : Effect.die(error))
      const refusal = (wrong: Issue.Issues, calledAs: string) =>
        new InvalidRequest({ ...identify(operation, calledAs), ...wrong })

      const call = (input: PushInput, settings: Settings, calledAs: string, verify: Extras<O>["verify"]) => {
        const encoded = encode(input)
        if (Either.isLeft(encoded)) return fail(refusal(encoded.left, calledAs))
        const sent = send({
          operation,
          calledAs,
          settings,
          request: requestOf(operation, encoded.right, input.headers),
          secrets: input.secrets ?? secretsIn(input.path),
          nothing,
          decode: (text) =>
            Either.flatMap(decode(text, input.query), (decoded) => {
              const value = asSuccess<O>(decoded)
              const issues = verify?.(value) ?? []
              return issues.length === 0 ? Either.right(value) : Either.left({ issues, omitted: 0 })
            })
        })
        return Effect.catchAll(sent, (error) =>
          isDeletedBefore(operation, error) ? Effect.succeed(nothing) : fail(error)
        )
      }

      const callWith = (
        toInput: (settings: Settings) => Either.Either<PushInput, Issue.Issue>,
        { calledAs = operation.name, verify }: Extras<O> = {}
      ): Effect.Effect<Operation.Success<O>, Operation.Error<O>> =>
        Effect.withFiberRuntime((fiber) => {
          const options = Context.get(fiber.currentContext, RequestOptions)
          const settings = options === noOptions ? standard : resolve(config, policy, options)
          const ready = Either.flatMap(settings, (settings) =>
            Either.map(toInput(settings), (input) => ({ settings, input }))
          )
          const path = Either.isRight(ready) ? ready.right.input.path : undefined
          const called = Effect.suspend(() =>
            Either.isRight(ready)
              ? call(ready.right.input, ready.right.settings, calledAs, verify)
              : fail(refusal({ issues: [ready.left], omitted: 0 }, calledAs))
          )
          return withCallSpan(config.traceContext, operation, path)(called)
        })

      return {
        call: (input, extras) => callWith(() => Either.right(divide(input)), extras),
        callWith,
        check: (input, calledAs) =>
          Effect.suspend(() =>
            Either.mapBoth(encode(divide(input)), {
              onLeft: (wrong) => refusal(wrong, calledAs),
              onRight: () => undefined
            })
          )
      }
    }
  })
