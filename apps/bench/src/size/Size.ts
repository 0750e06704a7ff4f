/** Bundles apps, and measures the bundles and their modules in bytes. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { Effect } from "effect"
import { build, type BuildOptions } from "esbuild"
import { because, type Failed } from "../harness/Failed.js"

/** The name of the smallest app on Effect. It contains Effect's runtime, and the platform's client over `fetch`. */
export const floor = "floor"

/** The apps that use this SDK. Each key is a file in `src/size/apps`, and each value is a title. */
export const apps: Readonly<Record<string, string>> = {
  list: "`list`, from the layer of all operations",
  "list-from-index": "the same, imported from the package's index",
  "list-alone": "`list` alone, by `makePerform`",
  "delete-alone": "`delete` alone, by `makePerform`",
  push: "`addData`, from `layerPush`",
  operations: "all operations",
  "promise-push": "`addData`, by `makeClient` of `promise`",
  "promise-ingest": "the same, and `ingestNdjson`",
  "promise-bundled": "`addData`, by `bundled/promise`",
  everything: "everything: streams, sinks, ingestor, promises"
}

/** The apps that use other clients. Each does the same as the app `list`. */
export const peers: Readonly<Record<string, string>> = {
  "http-api": "`HttpApiClient` on the same contract",
  "hey-api": "Hey API's client with zod",
  "openapi-fetch": "`openapi-fetch`, which validates nothing"
}

/** The size of a bundle in bytes. */
export interface Size {
  readonly minified: number
  /** The size after minifying and gzipping. */
  readonly gzipped: number
  /** The minified size of each module, by its path in the repository. The largest module is first. */
  readonly modules: ReadonlyMap<string, number>
}

const root = fileURLToPath(new URL("../../../../", import.meta.url))

/** The folders of the built packages. Bundles use the built files, because the published packages contain these files. */
export const published: Readonly<Record<string, string>> = {
  "@mammoth-effect/client": `${root}packages/client/dist`,
  "@mammoth-effect/core": `${root}packages/core/dist`
}

/** Bundles an app as a production build does, and returns the size of the bundle. */
export const measure = (
  app: string,
  platform: "browser" | "node",
  { alias, ...options }: BuildOptions = {}
): Effect.Effect<Size, Failed> =>
  Effect.tryPromise({
    try: () =>
      build({
        entryPoints: [fileURLToPath(new URL(`apps/${app}`, import.meta.url))],
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
      }),
    catch: because(`Could not bundle ${app}`)
  }).pipe(
    Effect.map(({ metafile, outputFiles: [bundle] }) => {
      const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
      return {
        minified: bundle?.contents.length ?? 0,
        gzipped: gzipSync(bundle?.contents ?? "", { level: 9 }).length,
        modules: new Map(
          inputs
            .map(([path, { bytesInOutput }]) => [path, bytesInOutput] as const)
            .filter(([, bytes]) => bytes > 0)
            .toSorted(([, a], [, b]) => b - a)
        )
      }
    })
  )
