/**
 * Finds and starts headless Chromium for the browser tests.
 */
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

export type { Browser, Page } from "playwright-core"

/** The path of Chromium: `CHROMIUM_PATH`, or the first usual path that exists. Without Chromium, the browser tests are skipped. */
export const chromiumPath: string | undefined = [
  process.env["CHROMIUM_PATH"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
].find((path) => existsSync(path))

/**
 * Starts Chromium with an empty profile, and removes the profile when Chromium closes. Host names that end in `.example` resolve
 * to this machine, which imitates DNS rebinding.
 */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-sync",
      "--host-resolver-rules=MAP *.example 127.0.0.1"
    ]
  })
