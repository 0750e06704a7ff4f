/** How much of the packages ends up in the bundle of an app, by what the app imports. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { Effect, Schema } from "effect"
import { build, type BuildOptions } from "esbuild"

/** What every app on Effect has: its runtime, and the platform's client over `fetch`. */
export const floor = "floor"

/** The apps of this SDK, by their files in `src/sizes`, and what each imports. */
export const apps: Readonly<Record<string, string>> = {
  list: "`list`, from the layer of all operations",
  "list-from-index": "the same, imported from the package's index",
  "list-alone": "`list` alone, by `makePerform`",
  "delete-alone": "`delete` alone, by `makePerform`",
  push: "`addData`, from `layerPush`",
  operations: "all operations",
  everything: "everything: streams, sinks, ingestor, promises"
}

/** Those of others, which do the same as `list`. */
export const peers: Readonly<Record<string, string>> = {
  "http-api": "`HttpApiClient` on the same contract",
  "hey-api": "Hey API's client with zod",
  "openapi-fetch": "`openapi-fetch`, which validates nothing"
}

export type Platform = "browser" | "node"

export interface Size {
  /** Bytes, minified. */
  readonly minified: number
  /** Bytes, minified and gzipped. */
  readonly gzipped: number
  /** Minified bytes of each module that is in the bundle, by its path from the root of the repository. */
  readonly modules: ReadonlyMap<string, number>
}

/** An app cannot be bundled. */
export class NotBundled extends Schema.TaggedError<NotBundled>()("NotBundled", {
  app: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.app} cannot be bundled: ${this.reason}`
  }
}

const root = fileURLToPath(new URL("../../../", import.meta.url))

/** The packages as they are published, where development has their sources. */
export const published: Readonly<Record<string, string>> = {
  "@mammoth-effect/client": `${root}packages/client/dist`,
  "@mammoth-effect/core": `${root}packages/core/dist`
}

/** Bundles an app as a production build does, and weighs the bundle. */
export const measure = (
  app: string,
  platform: Platform,
  { alias, ...options }: BuildOptions = {}
): Effect.Effect<Size, NotBundled> =>
  Effect.tryPromise({
    try: async () => {
      const { metafile, outputFiles } = await build({
        entryPoints: [fileURLToPath(new URL(`sizes/${app}`, import.meta.url))],
        absWorkingDir: root,
        outdir: "bundle",
        bundle: true,
        minify: true,
        format: "esm",
        target: "es2022",
        platform,
        legalComments: "none",
        logLevel: "silent",
        ...options,
        alias: { ...published, ...alias },
        write: false,
        metafile: true
      })
      const [bundle] = outputFiles
      const [output] = Object.values(metafile.outputs)
      return {
        minified: bundle?.contents.length ?? 0,
        gzipped: gzipSync(bundle?.contents ?? "", { level: 9 }).length,
        modules: new Map(
          Object.entries(output?.inputs ?? {})
            .map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const)
            .filter(([, bytes]) => bytes > 0)
            .toSorted(([, a], [, b]) => b - a)
        )
      }
    },
    catch: (error) => new NotBundled({ app, reason: error instanceof Error ? error.message : String(error) })
  })
