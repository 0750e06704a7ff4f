/** Runs the installed packages in Chromium, whose `fetch` caches responses and gives few details about failures. */
import { build } from "esbuild"
import { assert, describe, it } from "vitest"
import * as Browser from "../src/Browser.js"
import * as Faults from "../src/Faults.js"
import * as Project from "../src/Project.js"

describe.skipIf(Browser.program === undefined)("the SDK in a web page (needs Chromium)", () => {
  it("has the outcome that docs/layers.md states for each fault", async () => {
    const directory = await Project.make()
    const bundle = await build({
      absWorkingDir: directory,
      entryPoints: ["browser.ts"],
      bundle: true,
      format: "esm",
      platform: "browser",
      write: false,
      logLevel: "silent"
    })
    const faults = await Faults.start(bundle.outputFiles[0]?.text)
    try {
      await Browser.use(async (browser) => {
        const page = await browser.newPage()
        const query = new URLSearchParams({ nobody: faults.nobody, leaving: faults.leaving })
        await page.goto(`${faults.url}/?${query}`)
        await page.waitForFunction(() => document.title !== "", undefined, { timeout: 60_000 })
        const outcomes = JSON.parse(await page.title())
        assert.property(outcomes, "agent")
        const found = Faults.toRow("Chromium", faults, outcomes)
        assert.include(Faults.documented(), found, found)
      })
    } finally {
      faults.close()
    }
  })
})
