/**
 * Checks that a run does not write dead letters to the file that it reads. Otherwise the run could push its own dead
 * letters, or never end.
 */
import { fstat, type Stats } from "node:fs"
import { realpath, stat } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import * as Effect from "effect/Effect"
import { UsageError } from "../shell/errors.js"
import * as Letters from "./letters.js"

const ofStats = ({ dev, ino }: Stats): string => `${dev}:${ino}`

/** Identifies a file by its device and inode, or by its path if the file does not exist yet. */
const identify = (path: string): Effect.Effect<string> =>
  path === "-"
    ? Effect.tryPromise(() => promisify(fstat)(0)).pipe(
        Effect.map(ofStats),
        Effect.orElseSucceed(() => "stdin")
      )
    : Effect.tryPromise(() => stat(path)).pipe(
        Effect.map(ofStats),
        Effect.orElse(() =>
          Effect.tryPromise(() => realpath(dirname(resolve(path)))).pipe(
            Effect.map((folder) => join(folder, basename(path)))
          )
        ),
        // If the folder cannot be found, identify the file by its absolute path. Do not fail here, because the command later
        // opens the file and then reports a clearer error.
        Effect.orElseSucceed(() => resolve(path))
      )

/**
 * Fails if two of these four files are the same: the source, and the files of the dead letters, the unknown rows and the
 * bad lines.
 */
export const check = (source: string, deadLetters: string): Effect.Effect<void, UsageError> =>
  Effect.gen(function* () {
    const beside = Letters.files(deadLetters)
    const all = yield* Effect.forEach([source, deadLetters, beside.unknown, beside.bad], (path) =>
      Effect.map(identify(path), (identity) => ({ path, identity }))
    )
    const twice = all.find(({ identity }, index) => all.findIndex((other) => other.identity === identity) < index)
    const first = all.find(({ identity }) => identity === twice?.identity)
    if (twice === undefined || first === undefined) return
    const reason = first.path === source ? "is the file that the command reads" : `and ${first.path} are the same file`
    return yield* new UsageError({
      message: `--dead-letters needs separate files, but ${twice.path} ${reason}`,
      hint: "Nothing was sent. Name another file with --dead-letters."
    })
  })
