/** Bundles the installed packages, and runs the bundles in Chromium. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { afterAll, assert, beforeAll, describe, it } from "vitest"
import * as Browser from "../src/Browser.js"
import { type Origin, serveWithEmulator } from "../src/Origin.js"
import * as Project from "../src/Project.js"
import { succeed } from "../src/Run.js"

const files = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"))

describe("the bundled SDK", () => {
  let directory: string
  let origin: Origin

  beforeAll(async () => {
    directory = await Project.make({ dependencies: { esbuild: "^0.28.0", vite: "^8.0.0", webpack: "^5.100.0" } })
    await Project.check(directory, "nodenext")
    writeFileSync(join(directory, "index.html"), `<!doctype html><script type="module" src="/out/page.js"></script>`)
    origin = await serveWithEmulator(directory)
  })

  afterAll(() => origin?.close())

  /** Runs a bundle in a web page. The bundle writes its result into the page's title. */
  const run = (folder: string) =>
    Browser.use(async (browser) => {
      const page = await browser.newPage()
      const problems = Browser.problems(page)
      await page.goto(`${origin.url}/${folder}/`)
      await page.waitForFunction(() => document.title !== "", undefined, { timeout: 20_000 })
      assert.strictEqual(await page.title(), "pushed to orders")
      assert.isEmpty(problems)
    })

  const writePage = (folder: string, script: string) =>
    writeFileSync(
      join(directory, folder, "index.html"),
      `<!doctype html><script type="module" src="${script}"></script>`
    )

  const assertForBrowsers = (folder: string) => {
    for (const file of files(join(directory, folder))) {
      assert.notMatch(readFileSync(join(directory, folder, file), "utf8"), /(from|import|require)\s*\(?\s*["']node:/)
    }
  }

  it.skipIf(Browser.program === undefined)("pushes to the emulator from a page that esbuild bundled", async () => {
    await build({
      absWorkingDir: directory,
      entryPoints: ["out/page.js"],
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      outdir: "esbuild",
      logLevel: "silent"
    })
    writePage("esbuild", "page.js")
    assertForBrowsers("esbuild")
    await run("esbuild")
  })

  it.skipIf(Browser.program === undefined)("pushes to the emulator from a page that vite bundled", async () => {
    await succeed(join(directory, "node_modules/.bin/vite"), ["build", "--outDir", "vite", "--base", "./"], {
      cwd: directory
    })
    assertForBrowsers("vite")
    await run("vite")
  })

  it.skipIf(Browser.program === undefined)("pushes to the emulator from a page that webpack bundled", async () => {
    writeFileSync(
      join(directory, "pack.mjs"),
      `import webpack from "webpack"
       webpack({ mode: "production", entry: "./out/page.js", output: { path: ${JSON.stringify(join(directory, "webpack"))}, filename: "page.js" } },
         (error, stats) => {
           if (error || stats.hasErrors()) { console.error(error ?? stats.toString()); process.exitCode = 1 }
         })`
    )
    await succeed(process.execPath, ["pack.mjs"], { cwd: directory })
    writePage("webpack", "page.js")
    assertForBrowsers("webpack")
    await run("webpack")
  })
})
