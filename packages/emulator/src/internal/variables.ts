/** Makes the environment variables that point a client to an emulator. */
import * as Redacted from "effect/Redacted"
import type { Service } from "../EmulatorService.js"

export type Variables = Readonly<
  Record<"MAMMOTH_BASE_URL" | "MAMMOTHANALYTICS_API_KEY" | "MAMMOTHANALYTICS_API_SECRET", string>
>

export const variables = ({ apiKey, apiSecret, baseUrl }: Service): Variables => ({
  MAMMOTH_BASE_URL: baseUrl,
  MAMMOTHANALYTICS_API_KEY: Redacted.value(apiKey),
  MAMMOTHANALYTICS_API_SECRET: Redacted.value(apiSecret)
})
