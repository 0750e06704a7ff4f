/** Generates Hey API's client from our OpenAPI document. */
import { createHash } from "node:crypto"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"
import { Command, FileSystem } from "@effect/platform"
import { Effect } from "effect"
import { because, Failed } from "./Failed.js"
import type { Options } from "./Options.js"

export const generator = { name: "@hey-api/openapi-ts", version: "0.99.0" } as const

/** The packages that npx installs. They include Node 24: the generator does not run on Node 20, which this project supports. */
const packages = [
  `${generator.name}@${generator.version}`,
  "typescript@6.0.3",
  `node-${process.platform}-${process.arch}@24`
]

const plugins = ["@hey-api/typescript", "@hey-api/client-fetch", "zod", { name: "@hey-api/sdk", validator: true }]

/** The folder for generated clients. It is inside the app, so that the generated modules find zod. */
const folder = fileURLToPath(new URL("../../.generated/", import.meta.url))

const generate = (input: string, output: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const unfinished = yield* files.makeTempDirectoryScoped({ directory: folder })
    const client = `${unfinished}/client`
    const config = `${unfinished}/openapi-ts.config.mjs`
    yield* files.writeFileString(
      config,
      `export default ${JSON.stringify({ input, output: { path: client }, plugins })}`
    )
    const flags = [...packages.flatMap((name) => ["--package", name]), "openapi-ts", "--file", config]
    yield* Command.make("npx", "--yes", "--loglevel=error", ...flags).pipe(
      Command.workingDirectory(tmpdir()),
      Command.exitCode,
      Effect.filterOrFail(
        (code) => Number(code) === 0,
        (code) => new Failed({ message: `the generator failed with exit code ${code}` })
      )
    )
    yield* files.writeFileString(
      `${client}/entry.ts`,
      'export { createClient } from "./client"\nexport * from "./sdk.gen"\n'
    )
    yield* files.rename(client, output)
  }).pipe(Effect.scoped)

/** Returns the path of the generated client's entry file. Generates the client if no earlier run has done so. */
const entry = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const description = fileURLToPath(import.meta.resolve("@mammoth-effect/core/openapi.json"))
  const hash = createHash("sha256")
    .update(generator.version)
    .update(yield* files.readFile(description))
  const output = `${folder}hey-api-${hash.digest("hex").slice(0, 12)}`
  if (!(yield* files.exists(output))) {
    yield* files.makeDirectory(folder, { recursive: true })
    yield* generate(description, output)
  }
  return `${output}/entry.ts`
}).pipe(Effect.timeout("2 minutes"), Effect.mapError(because("Could not generate Hey API's client")))

/** Returns esbuild's import alias for Hey API's client, or the reason why the client is missing. */
export const alias = ({ smoke }: Options) =>
  Effect.either(
    smoke
      ? // Skip the generation in a smoke run: the tests start smoke runs, and the tests use no network.
        new Failed({ message: "a smoke run does not generate the client" })
      : Effect.map(entry, (file) => ({ "hey-api-generated": file }))
  )
