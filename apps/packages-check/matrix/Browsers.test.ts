/** Runs the installed packages in a page. The fetch of Chromium has a cache, and says little about failures. */
import { build } from "esbuild"
import { assert, describe, it } from "vitest"
import * as Browser from "../src/Browser.js"
import * as Faults from "../src/Faults.js"
import * as Project from "../src/Project.js"

describe.skipIf(Browser.program === undefined)("in a page (needs Chromium)", () => {
  it("gives each fault the outcome in docs/layers.md", async () => {
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
