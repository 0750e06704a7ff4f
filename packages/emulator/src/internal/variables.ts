/** The variables that point a client at an emulator. */
import * as Redacted from "effect/Redacted"
import type { Service } from "../EmulatorService.js"

export const variables = ({
  apiKey,
  apiSecret,
  baseUrl
}: Service): ReadonlyArray<readonly [name: string, value: string]> => [
  ["MAMMOTH_BASE_URL", baseUrl],
  ["MAMMOTHANALYTICS_API_KEY", Redacted.value(apiKey)],
  ["MAMMOTHANALYTICS_API_SECRET", Redacted.value(apiSecret)]
]
