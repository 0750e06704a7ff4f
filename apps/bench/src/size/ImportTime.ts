/** Measures how long Node takes to import the client, in addition to the modules of `effect` and `@effect/platform`. */
import { Command, FileSystem } from "@effect/platform"
import { Effect, Schema } from "effect"
import { build } from "esbuild"
import { because } from "../harness/Failed.js"
import * as Statistics from "../harness/Statistics.js"
import { importAll, install, modules } from "./Installed.js"
import * as Size from "./Size.js"

const Times = Schema.parseJson(Schema.Struct({ floor: Schema.Number, own: Schema.Number }))

/** Bundles our modules into one file. Returns the modules of other packages that the file imports. */
const bundle = (outfile: string) =>
  Effect.gen(function* () {
    const contents = modules.map((module, index) => `export * as m${index} from "${module}"`).join("\n")
    const { metafile } = yield* Effect.tryPromise(() =>
      build({
        stdin: { contents, resolveDir: import.meta.dirname },
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
    )
    return Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
  })

/** Measures two imports in a new process: first the modules of other packages, and then our modules. */
const time = (file: string, others: ReadonlyArray<string>, own: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const lines = [
      "const started = performance.now()",
      ...importAll(others),
      "const floor = performance.now()",
      ...importAll(own),
      "const own = performance.now()",
      "console.log(JSON.stringify({ floor: floor - started, own: own - floor }))"
    ]
    yield* files.writeFileString(file, lines.join("\n"))
    return yield* Schema.decode(Times)(yield* Command.string(Command.make(process.execPath, file)))
  })

/** Measures imports in milliseconds: other packages' modules, our modules as installed, and our modules in one file. */
export const measure = (repeats: number) =>
  Effect.gen(function* () {
    const folder = yield* install
    const others = yield* bundle(`${folder}/bundled.mjs`)
    const runs = yield* Effect.replicateEffect(
      Effect.all({
        installed: time(`${folder}/installed.mjs`, others, modules),
        bundled: time(`${folder}/from-bundle.mjs`, others, ["./bundled.mjs"])
      }),
      repeats
    )
    return {
      floor: Statistics.of(runs.flatMap(({ bundled, installed }) => [bundled.floor, installed.floor])),
      installed: Statistics.of(runs.map(({ installed }) => installed.own)),
      bundled: Statistics.of(runs.map(({ bundled }) => bundled.own))
    }
  }).pipe(Effect.scoped, Effect.mapError(because("Could not measure the import times")))
