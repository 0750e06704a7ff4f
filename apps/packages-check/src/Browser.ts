/** Finds and runs the installed Chromium. */
import { existsSync } from "node:fs"
import { type Browser, chromium, type Page } from "playwright-core"

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]

export const program = places.find(existsSync)

/** Starts Chromium with an empty profile, passes the browser to `body`, and then closes it. */
export const use = async (body: (browser: Browser) => Promise<void>): Promise<void> => {
  if (program === undefined) throw new Error(`Chromium was not found. Install Chromium at ${places.join(" or ")}`)
  const browser = await chromium.launch({
    executablePath: program,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync"
    ]
  })
  try {
    await body(browser)
  } finally {
    await browser.close()
  }
}

/** Collects the errors and the failed responses of a page. The returned array grows while the page is open. */
export const problems = (page: Page): ReadonlyArray<string> => {
  const found: Array<string> = []
  page.on("pageerror", (error) => found.push(String(error)))
  page.on("console", (message) => {
    if (message.type() === "error") found.push(message.text())
  })
  page.on("response", (response) => {
    if (response.status() >= 400) found.push(`${response.status()} ${response.url()}`)
  })
  return found
}
