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

const schemas: { readonly [Name in Commands.Question]: Schema.Schema<Commands.Answers[Name]> } = Commands.answers

const now = (): number => performance.timeOrigin + performance.now()

/** Starts a side, waits until it is ready, or has its first response if it `calls`, and ends it with the scope. */
export const open = ({ baseUrl }: Server, name: SideName, calls: boolean, flags: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const side = pathToFileURL(Processes.fileOf(`calls/sides/${name}`)).href
    const startedAt = now()
    const process = yield* Processes.open("calls/runner", { side, baseUrl, calls } satisfies Commands.Start, flags)
    const { answeredAt, importMillis } = yield* process.take(Commands.Started)
    return {
      name,
      importMillis,
      readyMillis: answeredAt - startedAt,
      ask: <Name extends Commands.Question>(question: Name, about: Commands.Questions[Name]) =>
        Effect.mapError(process.ask({ question, about }, schemas[question]), because(name))
    }
  })

export type Side = Effect.Effect.Success<ReturnType<typeof open>>
