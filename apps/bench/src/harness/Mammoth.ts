/** Makes the layer of the SDK's services, with default options. */
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Credentials from "@mammoth-effect/client/Credentials"
import * as MammothConfig from "@mammoth-effect/client/MammothConfig"
import * as Webhooks from "@mammoth-effect/client/Webhooks"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"

export interface Account {
  readonly baseUrl: string
  readonly apiKey: string
  readonly apiSecret: string
  readonly userAgent?: string
}

export const layer = <E, R>({ apiKey, apiSecret, ...config }: Account, transport: Layer.Layer<HttpClient, E, R>) => {
  const CredentialsLayer = Credentials.layer({ apiKey: Redacted.make(apiKey), apiSecret: Redacted.make(apiSecret) })
  return Layer.provide(Webhooks.layer, Layer.mergeAll(CredentialsLayer, MammothConfig.layer(config), transport))
}
