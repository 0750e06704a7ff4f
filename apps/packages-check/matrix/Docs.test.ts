/** Opens the built documentation in Chromium. If `SCREENSHOTS` names a folder, saves screenshots there. */
import { join } from "node:path"
import type { Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as Browser from "../src/Browser.js"
import { type Origin, serve } from "../src/Origin.js"
import { pnpm, succeed } from "../src/Run.js"
import { packages, root } from "../src/Workspace.js"

const phone = { width: 390, height: 844 }
const desktop = { width: 1280, height: 900 }

const shoot = async (page: Page, name: string) => {
  const folder = process.env["SCREENSHOTS"]
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) })
}

/** Measures the brightness of the page, of its text and of a code block, from 0 to 255. */
const brightness = (page: Page) =>
  page.evaluate(() => {
    const of = (color: string) => {
      const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number)
      return (red + green + blue) / 3
    }
    const code = document.querySelector("pre")
    return {
      page: of(getComputedStyle(document.body).backgroundColor),
      text: of(getComputedStyle(document.body).color),
      code: of(getComputedStyle(code ?? document.body).backgroundColor)
    }
  })

const fits = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)

describe("the built documentation", () => {
  let origin: Origin

  beforeAll(async () => {
    await pnpm(["docs:build"], { cwd: root })
    origin = await serve(join(root, "dist/docs"))
  })

  afterAll(() => origin?.close())

  it("has no dead link", async () => {
    assert.include(await succeed(process.execPath, ["scripts/links.mjs"], { cwd: root }), " 0 dead")
  })

  it.skipIf(Browser.program === undefined)("has links from its first page to packages, modules and guides", () =>
    Browser.use(async (browser) => {
      const page = await browser.newPage({ viewport: desktop })
      const problems = Browser.problems(page)
      await page.goto(`${origin.url}/`)
      // Allow spaces around the name, because an icon precedes the name in a link.
      const link = (name: string) =>
        page
          .locator("#tsd-nav-container a")
          .filter({ hasText: new RegExp(`^\\s*${name}\\s*$`) })
          .first()
      for (const { name } of packages) {
        await link(name).waitFor()
      }
      await link("Ingestion").click()
      await page.getByRole("heading", { name: "From a CSV file" }).waitFor()
      await shoot(page, "guide")
      await link("@mammoth-effect/core").click()
      await page.waitForURL("**/modules/_mammoth-effect_core.html")
      await page.locator(".col-content").getByRole("link", { name: "WebhookKey", exact: true }).first().click()
      await page
        .getByRole("heading", { name: /WebhookKey/ })
        .first()
        .waitFor()
      await shoot(page, "module")
      assert.isEmpty(problems)
    })
  )

  it.skipIf(Browser.program === undefined)("has a search that finds an export", () =>
    Browser.use(async (browser) => {
      const page = await browser.newPage({ viewport: desktop })
      const problems = Browser.problems(page)
      await page.goto(`${origin.url}/`)
      await page.locator("#tsd-search-trigger").click()
      await page.locator("#tsd-search-input").fill("ensure")
      const found = page.locator("#tsd-search-results a").first()
      await found.waitFor()
      await shoot(page, "search")
      await found.click()
      await page
        .getByRole("heading", { name: /ensure/ })
        .first()
        .waitFor()
      assert.isEmpty(problems)
    })
  )

  it.skipIf(Browser.program === undefined)("shows code in colours on light and on dark pages", () =>
    Browser.use(async (browser) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await browser.newPage({ viewport: desktop, colorScheme })
        await page.goto(`${origin.url}/`)
        assert.isAbove(await page.locator("pre code span").count(), 50)
        const { code, page: background, text } = await brightness(page)
        await shoot(page, `first-${colorScheme}`)
        if (colorScheme === "light") assert(background > 200 && code > 200 && text < 100)
        else assert(background < 60 && code < 60 && text > 150)
      }
    })
  )

  it.skipIf(Browser.program === undefined)("fits the screen of a phone, and opens a menu there", () =>
    Browser.use(async (browser) => {
      const page = await browser.newPage({ viewport: phone, colorScheme: "dark" })
      const problems = Browser.problems(page)
      for (const path of ["/", "/documents/Ingestion.html", "/modules/_mammoth-effect_client.Webhooks.html"]) {
        await page.goto(`${origin.url}${path}`)
        assert.isTrue(await fits(page), path)
        await shoot(page, `phone${path.replaceAll(/[/.]/g, "-")}`)
      }
      await page.locator("#tsd-toolbar-menu-trigger").first().click()
      await page.locator("#tsd-nav-container a").filter({ hasText: "@mammoth-effect/client" }).first().waitFor()
      await shoot(page, "phone-menu")
      assert.isEmpty(problems)
    })
  )
})
