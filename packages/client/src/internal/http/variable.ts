/** Reads variables as deployments set them. */
import * as Config from "effect/Config"
import * as ConfigError from "effect/ConfigError"
import * as Either from "effect/Either"
import type * as Option from "effect/Option"

/**
 * Reads a text without white space at its ends, such as the line break of a secret's file. An empty text counts as
 * missing, because deployments often set a variable to nothing in place of leaving it out.
 */
export const text: Config.Config<string> = Config.mapOrFail(Config.string(), (given) =>
  given.trim() === ""
    ? Either.left(ConfigError.MissingData([], "Expected a text that is not empty"))
    : Either.right(given.trim())
)

/** Reads the text of an optional variable. */
export const variable = (name: string): Config.Config<Option.Option<string>> => Config.option(Config.nested(text, name))
