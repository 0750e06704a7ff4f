/** Installs our built packages, so that the benchmark can measure the start of programs that import these packages. */
import { fileURLToPath } from "node:url"
import { FileSystem } from "@effect/platform"
import { Effect, Schema } from "effect"
import * as Size from "./Size.js"

/** The modules that an app imports to call one operation. */
export const modules = ["Webhooks", "Credentials", "MammothConfig"].map((module) => `@mammoth-effect/client/${module}`)

const Manifest = Schema.parseJson(
  Schema.Struct({ name: Schema.String, publishConfig: Schema.Struct({ exports: Schema.Unknown }) })
)

/**
 * Installs our packages in a temporary folder, and returns its path. The folder is in `apps/bench`, where imports find
 * `effect`.
 */
export const install = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const output = fileURLToPath(new URL("../../dist/", import.meta.url))
  yield* files.makeDirectory(output, { recursive: true })
  const folder = yield* files.makeTempDirectoryScoped({ directory: output })
  for (const dist of Object.values(Size.published)) {
    const manifest = yield* files.readFileString(`${dist}/../package.json`)
    const { name, publishConfig } = yield* Schema.decode(Manifest)(manifest)
    const target = `${folder}/node_modules/${name}`
    yield* files.makeDirectory(target, { recursive: true })
    yield* files.copy(dist, `${target}/dist`)
    yield* files.writeFileString(
      `${target}/package.json`,
      JSON.stringify({ name, type: "module", exports: publishConfig.exports })
    )
  }
  return folder
})

/** Returns the lines of a program that imports modules one after the other. */
export const importAll = (paths: ReadonlyArray<string>): ReadonlyArray<string> =>
  paths.map((path) => `await import(${JSON.stringify(path)})`)
