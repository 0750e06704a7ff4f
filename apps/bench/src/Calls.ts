/** The benchmark of calls: one call and many at once, of this SDK and of its peers, each in a process of its own. */
import { readFileSync } from "node:fs"
import { cpus, type } from "node:os"
import { type CommandExecutor, type FileSystem, HttpClient, HttpClientResponse, type Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Array, Clock, Console, Effect, Either, Schema, type Scope } from "effect"
import * as CallsFigures from "./CallsFigures.js"
import type { CaseName, Figures, SideName } from "./CallsFigures.js"
import * as HeyApi from "./HeyApi.js"
import type { Options } from "./Options.js"
import * as SideProcess from "./SideProcess.js"
import * as Sides from "./Sides.js"
import type * as Calls from "./sides/calls/Command.js"
import { pageSize } from "./sides/calls/Work.js"
import * as Target from "./Target.js"

/** How much is done. */
interface Plan {
  /** How long each side makes each call, one by one and 32 at once, before anything is measured, and before each case. */
  readonly warmUp: { readonly first: number; readonly case: number }
  /** How many calls a turn makes for each that is under way, before its time begins: connections have idled. */
  readonly leadIn: number
  readonly turnMillis: number
  readonly repeats: number
  /** So many calls at once, beside 1 and 32, and how often. */
  readonly concurrencies: ReadonlyArray<number>
  readonly concurrencyRepeats: number
  readonly pages: ReadonlyArray<number>
  /** Short lists are read again and again, until they have so many pages together. */
  readonly pagesTogether: number
  readonly pagesRepeats: number
  readonly starts: number
  /** After how many calls the heap is looked at. */
  readonly held: ReadonlyArray<number>
  /** How many calls allocate, and how often. */
  readonly allocated: { readonly calls: number; readonly repeats: number }
}

const planOf = ({ repeats, smoke }: Options): Plan =>
  smoke
    ? {
        warmUp: { first: 0, case: 0 },
        leadIn: 0,
        turnMillis: 1,
        repeats: 1,
        concurrencies: [64],
        concurrencyRepeats: 1,
        pages: [1, 3],
        pagesTogether: 2,
        pagesRepeats: 1,
        starts: 1,
        held: [32, 64],
        allocated: { calls: 2, repeats: 1 }
      }
    : {
        warmUp: { first: 800, case: 400 },
        leadIn: 3,
        turnMillis: 150,
        repeats: repeats ?? 9,
        concurrencies: [2, 4, 8, 16, 64, 128, 256],
        concurrencyRepeats: 3,
        pages: [1, 10, 100, 1000],
        pagesTogether: 300,
        pagesRepeats: 3,
        starts: 9,
        held: [1000, 10_000],
        allocated: { calls: 20, repeats: 9 }
      }

type Failure = Target.TargetFailed | Target.NotTheSame | Sides.SideFailed | PlatformError

const Turn: Schema.Schema<Calls.Turn> = Schema.Struct({
  calls: Schema.Int,
  millis: Schema.Number,
  cpuMillis: Schema.Number,
  requests: Schema.Int
})

const ReadAll: Schema.Schema<Calls.ReadAll> = Schema.Struct({ webhooks: Schema.Int, millis: Schema.Number })

const Allocated: Schema.Schema<Calls.Allocated> = Schema.Struct({ bytes: Schema.NullOr(Schema.Number) })

const Held: Schema.Schema<Calls.Held> = Schema.Struct({ heapBytes: Schema.Int })

const Refused: Schema.Schema<Calls.Refused> = Schema.Struct({ isRefused: Schema.Boolean })

interface Opened {
  readonly name: SideName
  readonly process: SideProcess.SideProcess
}

/** The server, and what it has seen. */
interface Server {
  readonly baseUrl: string
  /** How many requests came since it was last asked. */
  readonly requests: Effect.Effect<number, Target.TargetFailed>
  /** Fails unless so many requests came since it was last asked. */
  readonly expect: (side: SideName, requests: number) => Effect.Effect<void, Target.TargetFailed | Target.NotTheSame>
}

const serve: Effect.Effect<
  Server,
  Target.TargetFailed | PlatformError,
  CommandExecutor.CommandExecutor | HttpClient.HttpClient | Scope.Scope
> = Effect.gen(function* () {
  const baseUrl = yield* Target.start("calls/server")
  const client = yield* HttpClient.HttpClient
  const requests = client.get(new URL("/requests", baseUrl)).pipe(
    Effect.flatMap(HttpClientResponse.schemaBodyJson(Schema.Int)),
    Effect.mapError(({ message }) => new Target.TargetFailed({ target: "calls", reason: message }))
  )
  return {
    baseUrl,
    requests,
    expect: (side, expected) =>
      Effect.flatMap(requests, (seen) =>
        seen === expected
          ? Effect.void
          : new Target.NotTheSame({ reason: `${side} made ${expected} calls, and the server saw ${seen}` })
      )
  }
})

/** The sides in the order of a repeat, so that none always follows the same other. */
const inTurn = <A>(sides: ReadonlyArray<A>, repeat: number): ReadonlyArray<A> => {
  const turned = Array.rotate(sides, Math.ceil(repeat / 2))
  return repeat % 2 === 0 ? turned : turned.toReversed()
}

/** Does something with each side in changing order, again and again, and gathers what each of them gives. */
const inTurns = <A, S, E, R>(
  sides: ReadonlyArray<S>,
  repeats: number,
  run: (side: S) => Effect.Effect<A, E, R>
): Effect.Effect<ReadonlyArray<readonly [side: S, measured: ReadonlyArray<A>]>, E, R> =>
  Effect.gen(function* () {
    const measured = new Map(sides.map((side) => [side, globalThis.Array<A>()]))
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const side of inTurn(sides, repeat)) measured.get(side)?.push(yield* run(side))
    }
    return [...measured]
  })

const turn = (
  server: Server,
  { name: side, process }: Opened,
  name: CaseName,
  { concurrency, leadIn, millis }: { readonly concurrency: number; readonly leadIn: number; readonly millis: number }
) =>
  Effect.gen(function* () {
    const turn = yield* process.ask({ do: "turn", name, concurrency, leadIn: leadIn * concurrency, millis }, Turn)
    yield* server.expect(side, turn.requests)
    return turn
  })

const turns = (server: Server, sides: ReadonlyArray<Opened>, plan: Plan) =>
  Effect.gen(function* () {
    const { leadIn, turnMillis, warmUp } = plan
    const warm = (name: CaseName, concurrency: number, millis: number) =>
      Effect.forEach(sides, (side) => turn(server, side, name, { concurrency, leadIn, millis }), {
        discard: true
      }).pipe(Effect.when(() => millis > 0))
    yield* Console.error("warming up")
    for (const name of CallsFigures.caseNames) {
      for (const concurrency of CallsFigures.concurrencies) yield* warm(name, concurrency, warmUp.first)
    }
    const measure = (name: CaseName, concurrency: number, repeats: number) =>
      Effect.gen(function* () {
        yield* Console.error(`${CallsFigures.cases[name]}, ${concurrency} at once`)
        yield* warm(name, concurrency, warmUp.case)
        const measured = yield* inTurns(sides, repeats, (side) =>
          turn(server, side, name, { concurrency, leadIn, millis: turnMillis })
        )
        return measured.map(([side, turns]): CallsFigures.Turn => ({
          case: name,
          concurrency,
          side: side.name,
          micros: turns.map(({ calls, millis }) => rounded((millis / calls) * 1000)),
          cpuMicros: turns.map(({ calls, cpuMillis }) => rounded((cpuMillis / calls) * 1000))
        }))
      })
    const each = yield* Effect.forEach(CallsFigures.caseNames, (name) =>
      Effect.forEach(CallsFigures.concurrencies, (concurrency) => measure(name, concurrency, plan.repeats))
    )
    const growing = yield* Effect.forEach(plan.concurrencies, (concurrency) =>
      measure("list50", concurrency, plan.concurrencyRepeats)
    )
    return [...each.flat(2), ...growing.flat()]
  })

/** A tenth of the unit is more than any figure is worth. */
const rounded = (figure: number): number => Math.round(figure * 10) / 10

const pages = (server: Server, sides: ReadonlyArray<Opened>, plan: Plan) =>
  Effect.gen(function* () {
    const read = (pages: number) => {
      const times = Math.max(1, Math.round(plan.pagesTogether / pages))
      return ({ name, process }: Opened) =>
        Effect.gen(function* () {
          const { millis, webhooks } = yield* process.ask({ do: "readAll", projectId: pages, times }, ReadAll)
          yield* server.expect(name, (pages + 1) * times)
          const expected = pages * pageSize * times
          if (webhooks !== expected) {
            return yield* new Target.NotTheSame({ reason: `${name} read ${webhooks} of ${expected} webhooks` })
          }
          return rounded((millis * 1000) / times) / 1000
        })
    }
    yield* Effect.forEach(sides, read(Math.max(...plan.pages)))
    return yield* Effect.forEach(plan.pages, (pages) =>
      Effect.gen(function* () {
        yield* Console.error(`lists of ${pages} pages`)
        const measured = yield* inTurns(sides, plan.pagesRepeats, read(pages))
        return measured.map(([{ name }, millis]) => ({ pages, side: name, millis }))
      })
    )
  }).pipe(Effect.map((each) => each.flat()))

/** The sides that say to check answers do, and the others do not. */
const refusals = (server: Server, sides: ReadonlyArray<Opened>) =>
  Effect.forEach(
    sides,
    ({ name, process }) =>
      Effect.gen(function* () {
        const { isRefused } = yield* process.ask({ do: "refuse" }, Refused)
        if (isRefused === CallsFigures.unchecked.includes(name)) {
          return yield* new Target.NotTheSame({ reason: `${name} ${isRefused ? "refuses" : "takes"} a wrong answer` })
        }
        return undefined
      }),
    { concurrency: "unbounded" }
  ).pipe(
    // how often they asked is their affair: some ask again
    Effect.zipRight(server.requests)
  )

/** What waits for its turn at the same time, and what it measures. */
const warm = (server: Server, names: ReadonlyArray<SideName>, plan: Plan, cpuProf: boolean) =>
  Effect.gen(function* () {
    const sides = yield* Effect.forEach(
      names,
      (name) =>
        Effect.map(
          SideProcess.make({ side: name, baseUrl: server.baseUrl, flags: cpuProf ? Sides.cpuProf(name) : [] }),
          (process): Opened => ({ name, process })
        ),
      { concurrency: 2 }
    )
    yield* refusals(server, sides)
    return { turns: yield* turns(server, sides, plan), pages: yield* pages(server, sides, plan) }
  }).pipe(Effect.scoped)

const cold = (server: Server, names: ReadonlyArray<SideName>, plan: Plan) =>
  Effect.gen(function* () {
    yield* Console.error("cold starts")
    const start = (name: SideName) =>
      Effect.zipLeft(
        SideProcess.make({ side: name, baseUrl: server.baseUrl, calls: true }),
        server.expect(name, 1)
      ).pipe(Effect.scoped)
    // the first finds its files on the disk, the others in memory
    if (plan.starts > 1) yield* Effect.forEach(names, start)
    const measured = yield* inTurns(names, plan.starts, start)
    return measured.map(([side, starts]) => ({
      side,
      importMillis: starts.map(({ importMillis }) => rounded(importMillis)),
      answeredMillis: starts.map(({ readyMillis }) => rounded(readyMillis))
    }))
  })

/** Collects only when told to, as young objects have more room than some calls take. */
const roomy = ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=256"]

const memory = (server: Server, names: ReadonlyArray<SideName>, plan: Plan) =>
  Effect.forEach(
    names,
    (side) =>
      Effect.gen(function* () {
        yield* Console.error(`memory of ${side}`)
        const process = yield* SideProcess.make({ side, baseUrl: server.baseUrl, flags: roomy })
        let before = 0
        const held = yield* Effect.forEach(plan.held, (calls) =>
          Effect.gen(function* () {
            const { heapBytes } = yield* process.ask({ do: "hold", calls: calls - before }, Held)
            before = calls
            return { calls, bytes: heapBytes }
          })
        )
        const allocated = yield* Effect.forEach(CallsFigures.caseNames, (name) =>
          Effect.gen(function* () {
            yield* process.ask({ do: "turn", name, concurrency: 1, leadIn: 0, millis: plan.warmUp.case }, Turn)
            const found = yield* Effect.replicateEffect(
              process.ask({ do: "allocate", name, calls: plan.allocated.calls }, Allocated),
              plan.allocated.repeats
            )
            const bytes = found.flatMap((each) => (each.bytes === null ? [] : [Math.round(each.bytes)]))
            if (bytes.length === 0) {
              return yield* new Sides.SideFailed({ side, reason: `${name} cannot be made without a collection` })
            }
            return { case: name, bytes }
          })
        )
        return { side, allocated, held }
      }).pipe(Effect.scoped),
    { concurrency: 2 }
  )

const Package = Schema.parseJson(Schema.Struct({ version: Schema.String }))

/** The version of a package that is used here. */
const versionOf = (name: string): string => {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url)
  return Schema.decodeSync(Package)(readFileSync(file, "utf8")).version
}

const versions = (): Figures["versions"] => ({
  node: process.versions.node,
  ...Object.fromEntries(
    ["undici", "openapi-fetch", "zod", "effect", "@effect/platform", "@effect/platform-node"].map((name) => [
      name,
      versionOf(name)
    ])
  ),
  [HeyApi.generator.name]: HeyApi.generator.version
})

/** Runs it all, and tells on stderr how far it has come. */
export const run = (
  options: Options
): Effect.Effect<
  Figures,
  Failure | Sides.BuildFailed,
  CommandExecutor.CommandExecutor | FileSystem.FileSystem | HttpClient.HttpClient | Path.Path
> =>
  Effect.gen(function* () {
    const plan = planOf(options)
    // a smoke run is part of the tests, which ask no server but their own
    const heyApi = options.smoke
      ? Either.left({ message: "a smoke test generates nothing" })
      : yield* Effect.either(HeyApi.entry)
    const skipped = Either.isLeft(heyApi) ? [{ side: "hey-api" as const, reason: heyApi.left.message }] : []
    for (const { reason } of skipped) yield* Console.error(`${CallsFigures.sides["hey-api"]} is left out: ${reason}`)
    const names = CallsFigures.sideNames.filter((name) => name !== "hey-api" || Either.isRight(heyApi))
    yield* Sides.build({
      names: ["runner", "server", ...names].map((name) => `calls/${name}`),
      alias: Either.isRight(heyApi) ? { "hey-api-generated": heyApi.right } : {},
      keep: options.cpuProf
    })
    const server = yield* serve
    const whileWarm = yield* warm(server, names, plan, options.cpuProf)
    return {
      date: new Date(yield* Clock.currentTimeMillis).toISOString().slice(0, 10),
      machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, ${type()}`,
      versions: versions(),
      skipped,
      ...whileWarm,
      cold: yield* cold(server, names, plan),
      memory: yield* memory(server, names, plan)
    }
  }).pipe(Effect.scoped)
