/** Checks whole numbers in options. */
import type * as Issue from "@mammoth-effect/core/Issue"
import { shape } from "@mammoth-effect/core/Issue"
import { maxLength } from "@mammoth-effect/core/JsonText"
import * as Predicate from "effect/Predicate"

/** Returns an issue if a value is not a whole number within a range. */
export const checkInteger = (
  path: Issue.Issue["path"],
  given: unknown,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER
): ReadonlyArray<Issue.Issue> =>
  Predicate.isNumber(given) && Number.isInteger(given) && given >= least && given <= most
    ? []
    : [
        {
          path,
          expected: `an integer ${most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`}`,
          received: Predicate.isNumber(given) ? String(given) : shape(given)
        }
      ]

/**
 * Returns an issue if a value is not a valid limit in bytes. The limited data is held in memory as one string, so the
 * limit is at most the maximum length of a string.
 */
export const checkBytes = (path: Issue.Issue["path"], given: unknown): ReadonlyArray<Issue.Issue> =>
  checkInteger(path, given, 1, maxLength)
