/** Limits in bytes, as options give them. */
import type * as Issue from "@mammoth-effect/core/Issue"
import { shape } from "@mammoth-effect/core/Issue"
import { maxLength } from "@mammoth-effect/core/JsonText"
import * as Predicate from "effect/Predicate"

/** What is wrong with a limit on bytes that are held in memory as one text. */
export const checkBytes = (name: string, given: unknown): ReadonlyArray<Issue.Issue> =>
  Predicate.isNumber(given) && Number.isInteger(given) && given >= 1 && given <= maxLength
    ? []
    : [
        {
          path: [name],
          expected: `an integer from 1 to ${maxLength}`,
          received: Predicate.isNumber(given) ? String(given) : shape(given)
        }
      ]
