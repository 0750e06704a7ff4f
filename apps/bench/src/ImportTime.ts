/** How long Node takes to import the client, beyond what it imports of `effect` and the platform. */
import { fileURLToPath } from "node:url"
import { Command, type CommandExecutor, FileSystem, Path } from "@effect/platform"
import type { PlatformError } from "@effect/platform/Error"
import { Effect, Schema, type Scope } from "effect"
import { build } from "esbuild"
import * as Sides from "./Sides.js"
import * as Size from "./Size.js"
import * as Statistics from "./Statistics.js"

/** Milliseconds, of so many processes. */
export interface ImportTime {
  /** The modules of `effect` and `@effect/platform` that ours import, first, from `node_modules`. */
  readonly floor: Statistics.Statistics
  /** Then ours, each from its file. */
  readonly installed: Statistics.Statistics
  /** Or ours, bundled into one file. */
  readonly bundled: Statistics.Statistics
}

/** What an app imports that calls one operation. */
const modules = ["Webhooks", "Credentials", "MammothConfig"].map((module) => `@mammoth-effect/client/${module}`)

const importing = (paths: ReadonlyArray<string>): string =>
  paths.map((path) => `await import(${JSON.stringify(path)})`).join("\n")

const Manifest = Schema.parseJson(
  Schema.Struct({ name: Schema.String, publishConfig: Schema.Struct({ exports: Schema.Unknown }) })
)

const Times = Schema.parseJson(Schema.Struct({ floor: Schema.Number, own: Schema.Number }))

/** A folder within the app, which finds `effect` there and our packages as they are published. */
const install: Effect.Effect<string, unknown, FileSystem.FileSystem | Path.Path | Scope.Scope> = Effect.gen(
  function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const output = fileURLToPath(new URL("../dist/", import.meta.url))
    yield* files.makeDirectory(output, { recursive: true })
    const folder = yield* files.makeTempDirectoryScoped({ directory: output })
    for (const dist of Object.values(Size.published)) {
      const manifest = path.join(dist, "../package.json")
      const { name, publishConfig } = yield* Schema.decode(Manifest)(yield* files.readFileString(manifest))
      const target = path.join(folder, "node_modules", name)
      yield* files.makeDirectory(target, { recursive: true })
      yield* files.copy(dist, path.join(target, "dist"))
      yield* files.writeFileString(
        path.join(target, "package.json"),
        JSON.stringify({ name, type: "module", exports: publishConfig.exports })
      )
    }
    return folder
  }
)

/** Bundles ours into one file, and yields what it imports of others. */
const bundle = (outfile: string): Effect.Effect<ReadonlyArray<string>, Size.NotBundled> =>
  Effect.tryPromise({
    try: async () => {
      const { metafile } = await build({
        stdin: {
          contents: modules.map((module, index) => `export * as m${index} from "${module}"`).join("\n"),
          resolveDir: fileURLToPath(new URL(".", import.meta.url))
        },
        outfile,
        bundle: true,
        platform: "node",
        format: "esm",
        target: "node20",
        external: ["effect", "@effect/*"],
        alias: { ...Size.published },
        metafile: true,
        logLevel: "silent"
      })
      return Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
    },
    catch: (error) =>
      new Size.NotBundled({ app: "the client", reason: error instanceof Error ? error.message : String(error) })
  })

/** Imports in a new process each time. */
export const measure = (
  repeats: number
): Effect.Effect<
  ImportTime,
  Size.NotBundled | Sides.SideFailed | PlatformError,
  CommandExecutor.CommandExecutor | FileSystem.FileSystem | Path.Path
> =>
  Effect.scoped(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const failed = (error: unknown) =>
        new Sides.SideFailed({ side: "import", reason: error instanceof Error ? error.message : String(error) })
      const folder = yield* Effect.mapError(install, failed)
      const externals = yield* bundle(path.join(folder, "bundled.mjs"))

      const run = (name: string, own: ReadonlyArray<string>) =>
        Effect.gen(function* () {
          const file = path.join(folder, `${name}.mjs`)
          yield* files.writeFileString(
            file,
            [
              "const started = performance.now()",
              importing(externals),
              "const floor = performance.now()",
              importing(own),
              "const own = performance.now()",
              "console.log(JSON.stringify({ floor: floor - started, own: own - floor }))"
            ].join("\n")
          )
          const stdout = yield* Command.string(Command.make(process.execPath, file))
          return yield* Effect.mapError(Schema.decode(Times)(stdout), failed)
        })

      const runs = yield* Effect.replicateEffect(
        Effect.all({ installed: run("installed", modules), bundled: run("from-bundle", ["./bundled.mjs"]) }),
        repeats
      )
      return {
        floor: Statistics.of(runs.flatMap(({ bundled, installed }) => [bundled.floor, installed.floor])),
        installed: Statistics.of(runs.map(({ installed }) => installed.own)),
        bundled: Statistics.of(runs.map(({ bundled }) => bundled.own))
      }
    })
  )
