/** The calls benchmark. It measures the calls of this SDK and of other clients. Each client is called a side. */
import { readFileSync } from "node:fs"
import { type } from "node:os"
import { Array, Clock, Console, Effect, Either, Schema } from "effect"
import { Failed } from "../harness/Failed.js"
import * as HeyApi from "../harness/HeyApi.js"
import type { Options } from "../harness/Options.js"
import * as Processes from "../harness/Processes.js"
import * as Words from "../harness/Words.js"
import * as Figures from "./Figures.js"
import * as Plan from "./Plan.js"
import * as Sides from "./Sides.js"
import { pageSize } from "./Work.js"

/** Rounds to one decimal place, which is the precision of the measurements. */
const rounded = (figure: number): number => Math.round(figure * 10) / 10

/** Returns the order of the sides in one repeat. The order changes, because the previous side can affect a measurement. */
const inOrder = <A>(sides: ReadonlyArray<A>, repeat: number): ReadonlyArray<A> => {
  const turned = Array.rotate(sides, Math.ceil(repeat / 2))
  return repeat % 2 === 0 ? turned : turned.toReversed()
}

/** Measures the sides one after the other, several times, and collects the figures of each side. */
const inTurns = <S, A, E, R>(
  sides: ReadonlyArray<S>,
  repeats: number,
  measure: (side: S) => Effect.Effect<A, E, R>
): Effect.Effect<ReadonlyArray<readonly [side: S, measured: ReadonlyArray<A>]>, E, R> =>
  Effect.gen(function* () {
    const measured = new Map(sides.map((side) => [side, globalThis.Array<A>()]))
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const side of inOrder(sides, repeat)) measured.get(side)?.push(yield* measure(side))
    }
    return [...measured]
  })

/**
 * Makes each side send a request that gets an invalid response. Fails if a side that checks responses accepts this
 * response, or if another side refuses it.
 */
const refusals = (server: Sides.Server, sides: ReadonlyArray<Sides.Side>) =>
  Effect.forEach(
    sides,
    ({ ask, name }) =>
      Effect.flatMap(ask("refuse", {}), (isRefused) =>
        isRefused === Figures.unchecked.includes(name)
          ? Sides.notTheSame(`${name} ${isRefused ? "refuses" : "accepts"} an invalid response`)
          : Effect.void
      ),
    { concurrency: "unbounded" }
  ).pipe(
    // Reset the server's counter by reading it, because some sides retried the requests above.
    Effect.zipRight(server.requests)
  )

/** Repeats one call for a given time, with a given number of concurrent calls. */
const turn = (
  server: Sides.Server,
  { ask, name: side }: Sides.Side,
  name: Figures.CaseName,
  concurrency: number,
  { leadIn, millis }: { readonly leadIn: number; readonly millis: number }
) =>
  Effect.tap(ask("turn", { name, concurrency, leadIn: leadIn * concurrency, millis }), ({ requests }) =>
    Sides.expectRequests(server, side, requests)
  )

/**
 * Measures every case with 1 and 32 concurrent calls. Then measures lists of 50 webhooks with more numbers of concurrent
 * calls.
 */
const turns = (server: Sides.Server, sides: ReadonlyArray<Sides.Side>, plan: Plan.Plan) =>
  Effect.gen(function* () {
    const warmUp = (name: Figures.CaseName, concurrency: number, millis: number) =>
      Effect.forEach(sides, (side) => turn(server, side, name, concurrency, { ...plan.turns, millis })).pipe(
        Effect.when(() => millis > 0)
      )
    const measure = (name: Figures.CaseName, concurrency: number, repeats: number) =>
      Effect.gen(function* () {
        yield* Console.error(`${Figures.cases[name]}, ${Figures.atOnce(concurrency)}`)
        yield* warmUp(name, concurrency, plan.warmUpMillis.case)
        const measured = yield* inTurns(sides, repeats, (side) => turn(server, side, name, concurrency, plan.turns))
        return measured.map(([side, turns]) => ({
          case: name,
          concurrency,
          side: side.name,
          micros: turns.map(({ calls, millis }) => rounded((millis / calls) * 1000)),
          cpuMicros: turns.map(({ calls, cpuMillis }) => rounded((cpuMillis / calls) * 1000))
        }))
      })
    const all = Array.cartesian(Figures.caseNames, Figures.concurrencies)

    yield* Console.error("warming up")
    yield* Effect.forEach(all, ([name, concurrency]) => warmUp(name, concurrency, plan.warmUpMillis.first))
    const cases = yield* Effect.forEach(all, ([name, concurrency]) => measure(name, concurrency, plan.turns.repeats))
    const growing = yield* Effect.forEach(plan.concurrencies.sizes, (concurrency) =>
      measure("list50", concurrency, plan.concurrencies.repeats)
    )
    return [...cases, ...growing].flat()
  })

/** Measures how long each side takes to read all pages of short and long lists. */
const pages = (server: Sides.Server, sides: ReadonlyArray<Sides.Side>, { pages }: Plan.Plan) =>
  Effect.gen(function* () {
    const read = (size: number) => {
      const times = Math.max(1, Math.round(pages.together / size))
      const expected = size * pageSize * times
      return ({ ask, name }: Sides.Side) =>
        Effect.gen(function* () {
          const { millis, webhooks } = yield* ask("readAll", { projectId: size, times })
          yield* Sides.expectRequests(server, name, (size + 1) * times)
          return webhooks === expected
            ? rounded((millis * 1000) / times) / 1000
            : yield* Sides.notTheSame(`${name} read ${webhooks} of ${expected} webhooks`)
        })
    }
    yield* Effect.forEach(sides, read(Math.max(...pages.sizes)))
    const all = yield* Effect.forEach(pages.sizes, (size) =>
      Effect.gen(function* () {
        yield* Console.error(`lists of ${size} ${size === 1 ? "page" : "pages"}`)
        const measured = yield* inTurns(sides, pages.repeats, read(size))
        return measured.map(([{ name }, millis]) => ({ pages: size, side: name, millis }))
      })
    )
    return all.flat()
  })

/** Starts a process for each side, and measures the sides in turns. */
const warm = (server: Sides.Server, names: ReadonlyArray<Figures.SideName>, plan: Plan.Plan, cpuProf: boolean) =>
  Effect.gen(function* () {
    const sides = yield* Effect.forEach(
      names,
      (name) => Sides.open(server, name, { flags: cpuProf ? Processes.cpuProf(name) : [] }),
      { concurrency: 2 }
    )
    yield* refusals(server, sides)
    return { turns: yield* turns(server, sides, plan), pages: yield* pages(server, sides, plan) }
  }).pipe(Effect.scoped)

/** Measures the time from the start of a process to its first response. */
const cold = (server: Sides.Server, names: ReadonlyArray<Figures.SideName>, { starts }: Plan.Plan) =>
  Effect.gen(function* () {
    yield* Console.error("cold starts")
    const start = (name: Figures.SideName) =>
      Sides.open(server, name, { calls: true }).pipe(
        Effect.zipLeft(Sides.expectRequests(server, name, 1)),
        Effect.scoped
      )
    // Start each side once without measuring: the first start reads files from disk, and later starts read them from memory.
    if (starts > 1) yield* Effect.forEach(names, start)
    const measured = yield* inTurns(names, starts, start)
    return measured.map(([side, started]) => ({
      side,
      importMillis: started.map(({ importMillis }) => rounded(importMillis)),
      answeredMillis: started.map(({ readyMillis }) => rounded(readyMillis))
    }))
  })

/** Flags for Node. They reserve so much memory for new objects that garbage collection runs only on request. */
const roomy = ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=256"]

const allocated = ({ ask, name: side }: Sides.Side, { allocated, warmUpMillis }: Plan.Plan) =>
  Effect.forEach(Figures.caseNames, (name) =>
    Effect.gen(function* () {
      yield* ask("turn", { name, concurrency: 1, leadIn: 0, millis: warmUpMillis.case })
      const found = yield* Effect.replicateEffect(ask("allocate", { name, calls: allocated.calls }), allocated.repeats)
      const bytes = found.flatMap((each) => (each === null ? [] : [Math.round(each)]))
      return bytes.length > 0
        ? { case: name, bytes }
        : yield* new Failed({
            message: `The side ${side} failed: garbage collection ran during each measurement of ${name}. Run the benchmark again`
          })
    })
  )

/** Measures the bytes that a call allocates, and the size of the heap after many calls. */
const memory = (server: Sides.Server, names: ReadonlyArray<Figures.SideName>, plan: Plan.Plan) =>
  Effect.forEach(
    names,
    (name) =>
      Effect.gen(function* () {
        yield* Console.error(`memory of ${name}`)
        const side = yield* Sides.open(server, name, { flags: roomy })
        const held = yield* Effect.forEach(plan.held, (calls, index) =>
          Effect.map(side.ask("hold", { calls: calls - (plan.held[index - 1] ?? 0) }), (bytes) => ({ calls, bytes }))
        )
        return { side: name, allocated: yield* allocated(side, plan), held }
      }).pipe(Effect.scoped),
    { concurrency: 2 }
  )

const Package = Schema.parseJson(Schema.Struct({ version: Schema.String }))

/** The versions of Node and of the packages that the sides load. */
const versions = (): Figures.Figures["versions"] => {
  const names = ["undici", "openapi-fetch", "zod", "effect", "@effect/platform", "@effect/platform-node"]
  const versionOf = (name: string) => {
    const file = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
    return Schema.decodeSync(Package)(readFileSync(file, "utf8")).version
  }
  return {
    node: process.versions.node,
    ...Object.fromEntries(names.map((name) => [name, versionOf(name)])),
    [HeyApi.generator.name]: HeyApi.generator.version
  }
}

/** Runs all measurements of this benchmark. Prints the progress to stderr. */
export const measure = (options: Options) =>
  Effect.gen(function* () {
    const plan = Plan.of(options)
    const heyApi = yield* HeyApi.alias(options)
    const skipped = Either.isLeft(heyApi) ? [{ side: "hey-api" as const, reason: heyApi.left.message }] : []
    for (const { reason } of skipped) yield* Console.error(`${Figures.sides["hey-api"]} is missing: ${reason}`)
    const names = Figures.sideNames.filter((name) => name !== "hey-api" || Either.isRight(heyApi))
    yield* Processes.build({
      names: ["calls/runner", "calls/server", ...names.map((name) => `calls/sides/${name}`)],
      alias: Either.getOrElse(heyApi, () => ({})),
      keep: options.cpuProf
    })
    const server = yield* Sides.serve
    const whileWarm = yield* warm(server, names, plan, options.cpuProf)
    return {
      date: new Date(yield* Clock.currentTimeMillis).toISOString().slice(0, 10),
      machine: `${Words.processors}, ${type()}`,
      versions: versions(),
      skipped,
      ...whileWarm,
      cold: yield* cold(server, names, plan),
      memory: yield* memory(server, names, plan)
    } satisfies Figures.Figures
  }).pipe(Effect.scoped)
