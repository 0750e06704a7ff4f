/** The Chromium that this machine has. */
import { existsSync } from "node:fs"
import { type Browser, chromium, type Page } from "playwright-core"

export const program = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync)

/** Runs it with a profile of its own, for as long as it is used. */
export const use = async (body: (browser: Browser) => Promise<void>): Promise<void> => {
  if (program === undefined) throw new Error("there is no Chromium here")
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

/** What goes wrong on a page, as it comes up. */
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
