/** Merges the layer's configuration and a call's options into the settings of the call. */
import type * as Issue from "@mammoth-effect/core/Issue"
import { shape } from "@mammoth-effect/core/Issue"
import * as Time from "@mammoth-effect/core/Time"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as MammothConfig from "../../MammothConfig.js"
import type * as RequestOptions from "../../RequestOptions.js"
import * as RetryPolicy from "../../RetryPolicy.js"
import * as BaseUrl from "./baseUrl.js"
import type { Settings } from "./call.js"
import { isHeaderName, isHeaderRecord, isHeaderValue, noCredentials, reserved } from "./headerRules.js"

const checkHeaders = (
  headers: unknown,
  config: MammothConfig.Service
): Either.Either<Readonly<Record<string, string>>, Issue.Issue> => {
  if (!isHeaderRecord(headers)) {
    return Either.left({
      path: ["options", "headers"],
      expected: "an object of names and values (use Object.fromEntries for a Headers)",
      received: shape(headers)
    })
  }
  const out: Record<string, string> = {}
  for (const [given, value] of Object.entries(headers)) {
    const name = given.toLowerCase()
    const refuse = (expected: string) =>
      Either.left({ path: ["options", "headers", given], expected, received: shape(value) })
    const instead = name === config.webhookSecret.header ? noCredentials : reserved(name, value)
    if (instead !== undefined) return refuse(instead)
    if (!isHeaderName(name)) return refuse("a header name of letters, digits and hyphens")
    if (!isHeaderValue(value)) return refuse("a string of printable ASCII, as HTTP headers require")
    out[name] = value
  }
  return Either.right(out)
}

/** Adds the name of the option to the path of an issue. */
const within = <A>(name: keyof RequestOptions.Options, read: Either.Either<A, Issue.Issue>) =>
  Either.mapLeft(read, (issue) => ({ ...issue, path: ["options", name, ...issue.path] }))

/** Merges configuration and options into the settings of a call. Returns an issue if an option is wrong. */
export const resolve = (
  config: MammothConfig.Service,
  retry: RetryPolicy.Service,
  options: RequestOptions.Options
): Either.Either<Settings, Issue.Issue> =>
  Either.gen(function* () {
    const policy = options.retry === undefined ? retry : yield* within("retry", RetryPolicy.read(options.retry))
    const timeout =
      options.timeout === undefined ? config.timeout : yield* within("timeout", Time.read([], options.timeout))
    const deadline =
      options.deadline === undefined
        ? config.deadline
        : Option.getOrUndefined(yield* within("deadline", Time.limit([], options.deadline)))
    const headers = yield* checkHeaders(options.headers ?? {}, config)
    const baseUrl =
      options.baseUrl === undefined
        ? config.baseUrl
        : yield* Either.mapLeft(BaseUrl.normalize(options.baseUrl, config.allowInsecure), (expected) => ({
            path: ["options", "baseUrl"],
            expected,
            received: shape(options.baseUrl)
          }))
    return {
      baseUrl,
      headers,
      userAgent: config.userAgent,
      timeout,
      deadline,
      retry: options.atLeastOnce === undefined ? policy : { ...policy, atLeastOnce: options.atLeastOnce },
      retryRateLimited: options.retryRateLimited ?? true,
      webhookSecret: config.webhookSecret,
      responseLimits: config.responseLimits,
      onResponse: options.onResponse
    }
  })
