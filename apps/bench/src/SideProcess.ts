/** A process that holds one side of the benchmark of calls, and does what it is told. */
import { pathToFileURL } from "node:url"
import { Command, type CommandExecutor } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Effect, Mailbox, Queue, Schema, type Scope, Stream } from "effect"
import * as Sides from "./Sides.js"
import type * as Calls from "./sides/calls/Command.js"

export interface SideProcess {
  /** How long the modules took to load. */
  readonly importMillis: number
  /** How long it took from the start of the process until it was ready, or its first call answered. */
  readonly readyMillis: number
  /** Has the side do something, and yields what it says of it. */
  readonly ask: <A, I>(command: Calls.Command, answer: Schema.Schema<A, I>) => Effect.Effect<A, Sides.SideFailed>
}

export interface Options {
  readonly side: string
  readonly baseUrl: string
  /** Whether a call is made at once. */
  readonly calls?: boolean
  /** For Node. */
  readonly flags?: ReadonlyArray<string>
}

const Started: Schema.Schema<Calls.Started> = Schema.Struct({
  importMillis: Schema.Number,
  answeredAt: Schema.Number
})

const now = (): number => performance.timeOrigin + performance.now()

/** Starts the process, waits until it is ready, and ends it with the scope. */
export const make = ({
  baseUrl,
  calls = false,
  flags = [],
  side
}: Options): Effect.Effect<
  SideProcess,
  Sides.SideFailed | PlatformError,
  CommandExecutor.CommandExecutor | Scope.Scope
> =>
  Effect.gen(function* () {
    const start: Calls.Start = { side: pathToFileURL(Sides.fileOf(`calls/${side}`)).href, baseUrl, calls }
    const commands = yield* Queue.unbounded<string>()
    const startedAt = now()
    const child = yield* Command.make(
      process.execPath,
      ...flags,
      Sides.fileOf("calls/runner"),
      JSON.stringify(start)
    ).pipe(Command.stdin(Stream.encodeText(Stream.fromQueue(commands))), Command.stderr("inherit"), Command.start)
    // it ends by itself when nothing more is asked, so that it can write its profile
    yield* Effect.addFinalizer(() =>
      Effect.zipRight(Queue.shutdown(commands), child.exitCode.pipe(Effect.timeout("10 seconds"), Effect.ignore))
    )
    const answers = yield* Mailbox.fromStream(child.stdout.pipe(Stream.decodeText(), Stream.splitLines))

    const take = <A, I>(schema: Schema.Schema<A, I>): Effect.Effect<A, Sides.SideFailed> =>
      answers.take.pipe(
        Effect.mapError((error) => (error._tag === "NoSuchElementException" ? "it ended" : error.message)),
        Effect.flatMap((line) =>
          Effect.mapError(Schema.decode(Schema.parseJson(schema))(line), ({ message }) => message)
        ),
        Effect.mapError((reason) => new Sides.SideFailed({ side, reason }))
      )

    const { answeredAt, importMillis } = yield* take(Started)
    return {
      importMillis,
      readyMillis: answeredAt - startedAt,
      ask: (command, answer) => Effect.zipRight(Queue.offer(commands, `${JSON.stringify(command)}\n`), take(answer))
    }
  })
