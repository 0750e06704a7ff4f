/** A client of an emulator of its own, over a real socket, and what the emulator saw. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Credentials, MammothConfig, Webhooks } from "@mammoth-effect/client"
import { Emulator, type Fault } from "@mammoth-effect/emulator"
import { Effect, Layer, Logger, LogLevel, Schema } from "effect"

/** The operations against a new emulator. */
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

/** Takes back what was injected. */
export const clear = Effect.flatMap(Emulator.Emulator, (emulator) => emulator.clearFaults)

/** Warnings are part of what is tried here, and would drown what fails. */
export const quiet = Logger.minimumLogLevel(LogLevel.Error)

/** How many pushes the emulator saw. */
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
