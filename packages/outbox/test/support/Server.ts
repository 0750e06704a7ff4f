/** Provides a client of a new emulator over a real socket, and reads what the emulator received. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
import { Emulator, type Fault } from "@mammoth-effect/emulator"
import { Effect, Layer, Logger, LogLevel, Schema } from "effect"

/** Provides the operations against a new emulator. */
export const layer = (options: Emulator.Options = {}) =>
  Layer.unwrapEffect(
    Effect.map(Emulator.Emulator, (emulator) =>
      Webhooks.layer.pipe(
        Layer.provide([
          Credentials.layer({ apiKey: emulator.apiKey, apiSecret: emulator.apiSecret }),
          MammothConfig.layer({ baseUrl: emulator.baseUrl }),
          FetchHttpClient.layer
        ])
      )
    )
  ).pipe(Layer.provideMerge(Emulator.layer({ seed: 1, ...options })))

export const webhook = Webhooks.create({ workspaceId: 4, projectId: 4, mode: "combine" })

export const inject = (fault: Fault.Fault) => Effect.flatMap(Emulator.Emulator, (emulator) => emulator.inject(fault))

/** Removes the injected faults. */
export const clear = Effect.flatMap(Emulator.Emulator, (emulator) => emulator.clearFaults)

/** Turns off warnings: the tests expect warnings, and expected warnings would hide real failures in the output. */
export const quiet = Logger.minimumLogLevel(LogLevel.Error)

/** The number of pushes that the emulator received. */
export const pushes = Effect.map(
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.requests),
  (requests) => requests.filter(({ operation }) => operation === "addData").length
)

/** The bodies of pushes, in order of arrival. */
export const bodies = Effect.map(
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.requests),
  (requests) => requests.filter(({ operation }) => operation === "addData").map(({ body }) => body)
)

const decode = Schema.decodeUnknown(Schema.Array(Schema.Struct({ n: Schema.Int })))

/** The numbers of the rows that a webhook of the emulator holds, in order of arrival. */
export const held = (webhookId: number) =>
  Effect.flatMap(Emulator.Emulator, (emulator) => emulator.rows(webhookId)).pipe(
    Effect.flatMap((rows) => decode(rows)),
    Effect.map((rows) => rows.map(({ n }) => n))
  )
