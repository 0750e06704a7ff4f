/**
 * Runs the crash test, as `pnpm crash --rounds 100` does. Kills processes that offer and deliver rows. Fails if a row
 * was lost, refused, delivered without an offer, or sent again without a reason.
 */
import { parseArgs } from "node:util"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect, Schema } from "effect"
import * as Crash from "../test/support/Crash.js"
import { hasPostgres } from "../test/support/Databases.js"

/** The error that ends the program: the command line is wrong, or a check failed. */
class Failed extends Schema.TaggedError<Failed>()("Failed", { message: Schema.String }) {}

const readRounds = Effect.gen(function* () {
  const { rounds } = yield* Effect.try({
    try: () => parseArgs({ options: { rounds: { type: "string", default: "100" } } }).values,
    catch: (error) => new Failed({ message: error instanceof Error ? error.message : String(error) })
  })
  return /^[1-9]\d{0,8}$/.test(rounds)
    ? Number(rounds)
    : yield* new Failed({ message: `--rounds must be an integer from 1 to 999999999, but it is '${rounds}'` })
})

const suites: ReadonlyArray<Pick<Crash.Options, "database" | "workers">> = [
  { database: "sqlite", workers: 1 },
  { database: "sqlite", workers: 2 },
  ...(hasPostgres ? [{ database: "postgres", workers: 1 } as const, { database: "postgres", workers: 2 } as const] : [])
]

const describe = (suite: Pick<Crash.Options, "database" | "workers">, outcome: Crash.Outcome): string =>
  [
    `${suite.database}, ${suite.workers} at a time: ${Crash.isSound(outcome) ? "sound" : "NOT SOUND"}`,
    `  ${outcome.rounds} processes killed; ${outcome.begun} offers began, ${outcome.acked} offers returned, ${outcome.delivered} rows delivered`,
    `  ${outcome.duplicates} duplicates in ${outcome.requests} requests; ${outcome.unexplained.length} rows sent again without a reason, ${outcome.overtaken} rows sent again after their lease had ended`,
    `  ${outcome.lost.length} rows lost, ${outcome.foreign.length} rows delivered but never offered, ${outcome.dead} dead letters`
  ].join("\n")

Effect.gen(function* () {
  const rounds = yield* readRounds
  if (!hasPostgres)
    yield* Console.error(
      "Postgres does not respond, so the crash test runs on SQLite only. Start Postgres, or set TEST_POSTGRES_URL"
    )
  const outcomes = yield* Effect.forEach(suites, (suite) =>
    Crash.run({
      ...suite,
      rounds,
      onRound: (round) =>
        round % 10 === 0
          ? Console.error(`${suite.database}, ${suite.workers} at a time: ${round}/${rounds}`)
          : Effect.void
    }).pipe(Effect.tap((outcome) => Console.log(describe(suite, outcome))))
  )
  if (!outcomes.every(Crash.isSound))
    return yield* new Failed({
      message:
        "at least one row was lost, refused, delivered without an offer, or sent again without a reason; see the counts above"
    })
}).pipe(
  Effect.tapError((error) => Console.error(`crash: ${error.message}`)),
  NodeRuntime.runMain({ disableErrorReporting: true })
)
