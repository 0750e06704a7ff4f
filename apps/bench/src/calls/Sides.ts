/** Starts the sides of the calls benchmark, and the server that counts requests. Each of them runs in its own process. */
import { pathToFileURL } from "node:url"
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { Effect, Schema } from "effect"
import { because, Failed } from "../harness/Failed.js"
import * as Processes from "../harness/Processes.js"
import type { CaseName, SideName } from "./Figures.js"

/** Starts the server, and stops it when the scope closes. */
export const serve = Effect.gen(function* () {
  const baseUrl = yield* Processes.serve("calls/server")
  const client = yield* HttpClient.HttpClient
  /** Returns the number of requests that the server received since the last run of this effect. */
  const requests = client
    .get(new URL("/requests", baseUrl))
    .pipe(
      Effect.flatMap(HttpClientResponse.schemaBodyJson(Schema.Int)),
      Effect.mapError(because("The benchmark's server failed"))
    )
  return { baseUrl, requests }
})

export type Server = Effect.Effect.Success<typeof serve>

export const notTheSame = (reason: string): Failed =>
  new Failed({ message: `The sides do not do the same work: ${reason}` })

/** Fails if the server has not received exactly this number of requests since the last check. */
export const expectRequests = ({ requests }: Server, side: SideName, expected: number): Effect.Effect<void, Failed> =>
  Effect.flatMap(requests, (seen) =>
    seen === expected
      ? Effect.void
      : notTheSame(`${side} should have sent ${expected} requests, but the server received ${seen}`)
  )

/** The command-line argument of a side's process, as JSON. */
export interface Start {
  /** The URL of the side's module. */
  readonly side: string
  readonly baseUrl: string
  /** If true, the process makes one call when the side is ready. */
  readonly calls: boolean
}

/** The first line that a side's process prints, as JSON. */
const Started = Schema.Struct({
  /** The time to load the side's module and its imports, in milliseconds. */
  importMillis: Schema.Number,
  /** When the side was ready, in milliseconds since 1970. If `calls` is true: when the side had its first response. */
  answeredAt: Schema.Number
})

/** The commands that a side accepts. Each command and each reply is a line of JSON. */
export interface Questions {
  /** Makes `leadIn` untimed calls. Then makes `concurrency` concurrent calls for `millis` milliseconds. */
  readonly turn: {
    readonly name: CaseName
    readonly concurrency: number
    readonly leadIn: number
    readonly millis: number
  }
  /** Reads all webhooks of a project, `times` times. */
  readonly readAll: { readonly projectId: number; readonly times: number }
  /** Makes `calls` calls, and measures how many bytes a call allocates. Needs `--expose-gc`, and much memory for new objects. */
  readonly allocate: { readonly name: CaseName; readonly calls: number }
  /** Makes `calls` calls, 32 at the same time. Then collects garbage and measures the heap. Needs `--expose-gc`. */
  readonly hold: { readonly calls: number }
  /** Requests a response that the contract does not allow. */
  readonly refuse: Readonly<Record<string, never>>
}

export type Question = keyof Questions

const answers = {
  turn: Schema.Struct({
    calls: Schema.Int,
    millis: Schema.Number,
    /** The processor time of the process, including all its threads. */
    cpuMillis: Schema.Number,
    /** The number of requests of all calls, including the untimed calls. */
    requests: Schema.Int
  }),
  readAll: Schema.Struct({ webhooks: Schema.Int, millis: Schema.Number }),
  /** The average number of bytes that a call allocated. `null` if garbage collection ran during the measurement. */
  allocate: Schema.NullOr(Schema.Number),
  /** The used size of the heap, in bytes. */
  hold: Schema.Int,
  /** True if the side refused the response. */
  refuse: Schema.Boolean
}

export type Started = typeof Started.Type

export type Answers = { readonly [Name in Question]: (typeof answers)[Name]["Type"] }

const schemas: { readonly [Name in Question]: Schema.Schema<Answers[Name]> } = answers

const now = (): number => performance.timeOrigin + performance.now()

export interface Options {
  readonly calls?: boolean
  /** Command-line flags for Node. */
  readonly flags?: ReadonlyArray<string>
}

/**
 * Starts a side, and waits until the side is ready. With `calls`, also waits for the side's first response. Stops the side
 * when the scope closes.
 */
export const open = ({ baseUrl }: Server, name: SideName, { calls = false, flags = [] }: Options) =>
  Effect.gen(function* () {
    const side = pathToFileURL(Processes.fileOf(`calls/sides/${name}`)).href
    const startedAt = now()
    const process = yield* Processes.open("calls/runner", { side, baseUrl, calls } satisfies Start, flags)
    const { answeredAt, importMillis } = yield* process.take(Started)
    return {
      name,
      importMillis,
      readyMillis: answeredAt - startedAt,
      ask: <Name extends Question>(question: Name, about: Questions[Name]) =>
        Effect.mapError(process.ask({ question, about }, schemas[question]), because(name))
    }
  })

export type Side = Effect.Effect.Success<ReturnType<typeof open>>
