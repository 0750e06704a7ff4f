/** Starts the sides of the calls benchmark, and the server that counts their requests. Each runs in its own process. */
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
  /** Returns the number of requests since this effect last ran. */
  const requests = client
    .get(new URL("/requests", baseUrl))
    .pipe(
      Effect.flatMap(HttpClientResponse.schemaBodyJson(Schema.Int)),
      Effect.mapError(because("The server calls/server failed"))
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

/** The argument of the process, as JSON. */
export interface Start {
  /** The URL of the side's module. */
  readonly side: string
  readonly baseUrl: string
  /** If true, the process makes one call when the side is ready. */
  readonly calls: boolean
}

/** The first line that the process prints, as JSON. */
const Started = Schema.Struct({
  /** The milliseconds to load the side's module and its imports. */
  importMillis: Schema.Number,
  /** The moment when the side was ready, or had its first response, in milliseconds since 1970. */
  answeredAt: Schema.Number
})

/** The commands to a side. Each command and each reply is a line of JSON. */
export interface Questions {
  /** Makes `leadIn` untimed calls. Then makes `concurrency` concurrent calls for `millis` milliseconds. */
  readonly turn: {
    readonly name: CaseName
    readonly concurrency: number
    readonly leadIn: number
    readonly millis: number
  }
  /** Reads all webhooks of a project, and repeats this `times` times. */
  readonly readAll: { readonly projectId: number; readonly times: number }
  /** Measures the bytes that a call allocates. Needs `--expose-gc`, and much memory for new objects. */
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
    /** The number of all requests, including requests of untimed calls. */
    requests: Schema.Int
  }),
  readAll: Schema.Struct({ webhooks: Schema.Int, millis: Schema.Number }),
  /** The bytes for each call. `null` if garbage collection ran during the measurement. */
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

/** Starts a side, and waits until it is ready. With `calls`, also waits for its first response. The scope stops the side. */
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
