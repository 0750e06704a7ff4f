/**
 * The headless Chromium that tests of pages run in.
 */
import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

export type { Browser, Page } from "playwright-core"

/** Where a Chromium is: what `CHROMIUM_PATH` says, or the first of the usual places; tests are skipped without one. */
export const chromiumPath: string | undefined = [
  process.env["CHROMIUM_PATH"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
].find((path) => existsSync(path))

/**
 * Starts it with an empty profile of its own, which is removed when it is closed. Names that end in `.example` lead to
 * this machine, as a name that DNS rebinding has moved here.
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
