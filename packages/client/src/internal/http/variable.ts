/**
 * Reads variables of the configuration. Removes white space at the ends of a value, and treats an empty variable as
 * missing.
 */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import type * as Option from "effect/Option"

/**
 * Reads a string, and removes white space at its ends, such as the line break at the end of a file with a secret. An
 * empty string counts as missing, because deployments often set a variable to an empty string instead of leaving it
 * out.
 */
export const text: Config.Config<string> = Config.mapOrFail(Config.string(), (given) =>
  given.trim() === ""
    ? Either.left(ConfigError.MissingData([], "Expected a string that is not empty"))
    : Either.right(given.trim())
)

/** Reads an optional variable. */
export const variable = (name: string): Config.Config<Option.Option<string>> => Config.option(Config.nested(text, name))
