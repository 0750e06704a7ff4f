import { readdirSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { build, type Plugin } from "esbuild"
import * as Budget from "../src/size/Budget.js"
import * as Size from "../src/size/Size.js"

/** Lists our packages' modules in a bundle, such as `core/Webhook`. */
const ours = ({ modules }: Size.Size): ReadonlyArray<string> =>
  [...modules.keys()].flatMap((path) => {
    const [, name, module] = /^packages\/(\w+)\/dist\/(.+)\.js$/.exec(path) ?? []
    return name === undefined || module === undefined ? [] : [`${name}/${module}`]
  })

const measure = Effect.runSync(Effect.cachedFunction((app: string) => Size.measure(app, "browser")))

/** Bundles a program from its source code, and returns the size. */
const measureText = (contents: string) =>
  Size.measure("a program", "browser", { entryPoints: [], stdin: { contents, resolveDir: import.meta.dirname } })

describe("The bundle of an app", () => {
  for (const app of Object.keys(Size.apps)) {
    it.effect(`stays within its budget: ${app}`, () =>
      Effect.gen(function* () {
        const excess = Budget.excess(app, yield* measure(app), yield* measure(Size.floor), Budget.budgets[app])
        if (excess !== undefined) assert.fail(excess)
      })
    )
  }

  it("is reported with its growth, its largest modules and a new budget if it exceeds its budget", () => {
    const size = (core: number, gzipped: number): Size.Size => ({
      minified: core,
      gzipped,
      modules: new Map([
        ["packages/core/dist/Webhook.js", core],
        ["node_modules/.pnpm/effect@3.22.4/node_modules/effect/dist/esm/Schema.js", 100]
      ])
    })
    const floor: Size.Size = { minified: 0, gzipped: 1000, modules: new Map() }
    const budget = { gzipped: 2000, minified: { core: 500, effect: 100 } }
    assert.isUndefined(Budget.excess("list", size(500, 3000), floor, budget))
    const excess = Budget.excess("list", size(900, 3050), floor, budget)
    assert.include(
      excess,
      "adds 2050 gzipped bytes to the floor (the smallest app, floor.ts). This is 50 more than the budget of 2000"
    )
    assert.include(excess, "core: 900 bytes minified (+400)")
    assert.include(excess, "effect: 100 bytes minified (+0)")
    assert.include(excess, "packages/core/dist/Webhook.js: 900")
    assert.include(excess, `"list": {"gzipped":2100,"minified":{"core":900,"effect":100}}`)
    assert.include(Budget.excess("new", size(1, 1), floor, undefined), "has no budget for new")
  })

  it.effect("contains no module that the app imports but does not use", () =>
    Effect.gen(function* () {
      const size = yield* measureText(`
        import { Webhooks, WebhookSink } from "@mammoth-effect/client"
        import * as promise from "@mammoth-effect/client/promise"
        import { Operations } from "@mammoth-effect/core"
        import { WebhooksApi } from "@mammoth-effect/core/WebhooksApi"
      `)
      assert.deepStrictEqual([...size.modules.keys()], [])
    })
  )

  it.effect("contains only the operation that the app passes to makePerform", () =>
    Effect.gen(function* () {
      const others = {
        list: ["Json", "WebhookKey", "WebhookPatch", "WebhookSpec", "WebhooksApi", "Examples"],
        delete: ["Json", "WebhookKey", "WebhookPatch", "WebhookSpec", "Webhook", "WebhookPage", "WebhookQuery"]
      }
      for (const [name, modules] of Object.entries(others)) {
        const found = ours(yield* measure(`${name}-alone`))
        assert.include(found, "core/Operations")
        assert.isEmpty(found.filter((module) => modules.includes(module.replace("core/", ""))))
      }
    })
  )

  it.effect("contains no code that manages webhooks if the app uses layerPush", () =>
    Effect.gen(function* () {
      const found = ours(yield* measure("push"))
      assert.includeMembers([...found], ["core/Json", "core/WebhookKey", "client/internal/operations/target"])
      const management = ["Webhook", "WebhookPage", "WebhookPatch", "WebhookQuery", "WebhookSpec"]
      assert.isEmpty(found.filter((module) => management.includes(module.replace("core/", ""))))
    })
  )

  it.effect("contains no sinks, promises or test modules if the app only calls operations", () =>
    Effect.gen(function* () {
      const found = ours(yield* measure("operations"))
      assert.include(found, "client/Webhooks")
      const rest = /WebhookSink|Ingest|promise|memory|Memory|testOperations|RowSource|CsvSource|DeadLetters|gzip|writer/
      assert.isEmpty(found.filter((module) => rest.test(module)))
    })
  )
})

describe("A module of a package", () => {
  /** An esbuild plugin. It bundles one module as if the module had side effects, and leaves out the module's imports. */
  const alone: Plugin = {
    name: "alone",
    setup: (build) => {
      build.onResolve({ filter: /.*/ }, ({ importer, path }) =>
        importer === "<stdin>" ? { path, sideEffects: true } : { path, external: true, sideEffects: false }
      )
    }
  }

  const modules = Object.values(Size.published).flatMap((dist) =>
    readdirSync(dist, { recursive: true, encoding: "utf8" })
      .filter((file) => !/^(?:internal\/)?bundled\//.test(file))
      // Skip the index, because it only exports other modules. Skip UndiciHttpClient, because bundlers keep a class that has
      // computed names.
      .filter((file) => file.endsWith(".js") && !["index.js", "UndiciHttpClient.js"].includes(file))
      .map((file) => `${dist}/${file}`)
      // Skip modules that only export a module of core: core is external here, so esbuild keeps the line with this export.
      .filter((file) => !/^export \* from "@mammoth-effect\/core\/\w+";$/m.test(readFileSync(file, "utf8")))
  )

  /** Bundles a module that nothing uses. Returns the code that remains in the bundle. */
  const rest = async (file: string): Promise<string> => {
    const { outputFiles } = await build({
      stdin: { contents: `import ${JSON.stringify(file)}` },
      bundle: true,
      format: "esm",
      minify: true,
      plugins: [alone],
      write: false,
      logLevel: "silent"
    })
    return outputFiles[0]?.text.trim() ?? ""
  }

  it("leaves no code in a bundle that does not use the module", async () => {
    assert.isAbove(modules.length, 50)
    for (const file of modules)
      assert.strictEqual(await rest(file), "", `${file} leaves code in the bundle. Check that pnpm build created dist`)
  })
})
