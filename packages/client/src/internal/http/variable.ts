/** The text of a variable, as deployments give it. */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import type * as Option from "effect/Option"

/**
 * A text without white space at its ends, such as the line break of a secret's file. Deployments often set a variable to
 * nothing in place of leaving it out, so that an empty one is missing.
 */
export const text: Config.Config<string> = Config.mapOrFail(Config.string(), (given) =>
  given.trim() === ""
    ? Either.left(ConfigError.MissingData([], "Expected a text that is not empty"))
    : Either.right(given.trim())
)

/** The text of a variable that need not be set. */
export const variable = (name: string): Config.Config<Option.Option<string>> => Config.option(Config.nested(text, name))
