/** The sides of the benchmark of calls, each in a process of its own, and the server that counts their requests. */
import { pathToFileURL } from "node:url"
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { Effect, Schema } from "effect"
import { because, Failed } from "../harness/Failed.js"
import * as Processes from "../harness/Processes.js"
import * as Commands from "./Commands.js"
import type { SideName } from "./Figures.js"

/** Starts the server, and stops it with the scope. */
export const serve = Effect.gen(function* () {
  const baseUrl = yield* Processes.serve("calls/server")
  const client = yield* HttpClient.HttpClient
  /** The number of requests since the last time. */
  const requests = client
    .get(new URL("/requests", baseUrl))
    .pipe(
      Effect.flatMap(HttpClientResponse.schemaBodyJson(Schema.Int)),
      Effect.mapError(because("The server calls/server failed"))
    )
  return { baseUrl, requests }
})

export type Server = Effect.Effect.Success<typeof serve>

export const notTheSame = (reason: string): Failed => new Failed({ message: `The sides do not do the same: ${reason}` })

/** Fails unless so many requests came since the server was last asked. */
export const expectRequests = ({ requests }: Server, side: SideName, expected: number): Effect.Effect<void, Failed> =>
  Effect.flatMap(requests, (seen) =>
    seen === expected ? Effect.void : notTheSame(`${side} made ${expected} calls, and the server saw ${seen}`)
  )

export interface Options {
  /** Whether the side makes a call at once. */
  readonly calls?: boolean
  /** Flags for Node. */
  readonly flags?: ReadonlyArray<string>
}

const schemas: { readonly [Name in Commands.Question]: Schema.Schema<Commands.Answers[Name]> } = Commands.answers

const now = (): number => performance.timeOrigin + performance.now()

/** Starts a side, waits until it is ready, and ends it with the scope. */
export const open = ({ baseUrl }: Server, name: SideName, { calls = false, flags = [] }: Options = {}) =>
  Effect.gen(function* () {
    const side = pathToFileURL(Processes.fileOf(`calls/sides/${name}`)).href
    const startedAt = now()
    const start: Commands.Start = { side, baseUrl, calls }
    const process = yield* Processes.open(name, "calls/runner", start, flags)
    const { answeredAt, importMillis } = yield* process.take(Commands.Started)
    return {
      name,
      importMillis,
      /** The time from the start of the process until the side was ready, or had its first response. */
      readyMillis: answeredAt - startedAt,
      ask: <Name extends Commands.Question>(question: Name, about: Commands.Questions[Name]) =>
        process.ask({ question, about }, schemas[question])
    }
  })

export type Side = Effect.Effect.Success<ReturnType<typeof open>>
