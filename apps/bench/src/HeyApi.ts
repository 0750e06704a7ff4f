/** The client that Hey API generates from our own description; the generator needs a newer Node than the project. */
import { createHash } from "node:crypto"
import { fileURLToPath } from "node:url"
import { Command, type CommandExecutor, FileSystem, Path } from "@effect/platform"
import { Effect, Schema, type Scope } from "effect"

/** What generates it. */
export const generator = { name: "@hey-api/openapi-ts", version: "0.99.0" } as const

/** The least Node that the generator runs on. */
const needed = [22, 18] as const

const description = fileURLToPath(import.meta.resolve("@mammoth-effect/core/openapi.json"))

/** Within the app, so that the generated modules find zod. */
const folder = fileURLToPath(new URL("../.generated/", import.meta.url))

/** The client could not be generated. */
export class NotGenerated extends Schema.TaggedError<NotGenerated>()("NotGenerated", { reason: Schema.String }) {
  override get message(): string {
    return `Hey API's client cannot be generated: ${this.reason}`
  }
}

const isNewEnough = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return major > needed[0] || (major === needed[0] && minor >= needed[1])
}

const succeed = (command: Command.Command, what: string) =>
  Effect.filterOrFail(
    Command.exitCode(command),
    (code) => Number(code) === 0,
    (code) => new NotGenerated({ reason: `${what} exited with ${code}` })
  )

const generate = (
  output: string
): Effect.Effect<void, unknown, CommandExecutor.CommandExecutor | FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const place = yield* files.makeTempDirectoryScoped()
    const node = `node-${process.platform}-${process.arch}`
    const own = isNewEnough(process.versions.node)
    yield* files.writeFileString(path.join(place, "package.json"), "{}")
    yield* succeed(
      Command.make(
        "npm",
        "install",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        `${generator.name}@${generator.version}`,
        "typescript@6.0.3",
        ...(own ? [] : [`${node}@24`])
      ).pipe(Command.workingDirectory(place)),
      "npm install"
    )
    const unfinished = yield* files.makeTempDirectoryScoped({ directory: folder })
    yield* files.writeFileString(
      path.join(place, "openapi-ts.config.mjs"),
      `export default ${JSON.stringify({
        input: description,
        output: { path: path.join(unfinished, "client") },
        plugins: ["@hey-api/typescript", "@hey-api/client-fetch", "zod", { name: "@hey-api/sdk", validator: true }]
      })}`
    )
    yield* succeed(
      Command.make(
        own ? process.execPath : path.join(place, "node_modules", node, "bin", "node"),
        path.join(place, "node_modules", "@hey-api", "openapi-ts", "bin", "run.js")
      ).pipe(Command.workingDirectory(place)),
      "the generator"
    )
    yield* files.writeFileString(
      path.join(unfinished, "client", "entry.ts"),
      'export { createClient } from "./client"\nexport * from "./sdk.gen"\n'
    )
    yield* files.rename(path.join(unfinished, "client"), output)
  })

/** Generates the client, unless it is there from before, and yields its entry. */
export const entry: Effect.Effect<
  string,
  NotGenerated,
  CommandExecutor.CommandExecutor | FileSystem.FileSystem | Path.Path
> = Effect.gen(function* () {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const hash = createHash("sha256")
    .update(generator.version)
    .update(yield* files.readFile(description))
  const output = path.join(folder, `hey-api-${hash.digest("hex").slice(0, 12)}`)
  if (!(yield* files.exists(output))) {
    yield* files.makeDirectory(folder, { recursive: true })
    yield* generate(output)
  }
  return path.join(output, "entry.ts")
}).pipe(
  Effect.scoped,
  Effect.timeout("2 minutes"),
  Effect.mapError((error) =>
    error instanceof NotGenerated
      ? error
      : new NotGenerated({ reason: error instanceof Error ? error.message : String(error) })
  )
)
