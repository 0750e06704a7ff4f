/** Runs a file of this example as a child process. */
import { type ChildProcess, spawn } from "node:child_process"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  /** Environment variables to set. Other variables are inherited, except those of Mammoth, OpenTelemetry and the weather. */
  readonly env?: Readonly<Record<string, string>>
  readonly args?: ReadonlyArray<string>
  /** Sends SIGINT to the process when stdout contains this string. */
  readonly interruptAt?: string
  /** Runs the source with tsx, as a user does. Default: `false`, which runs compiled code and starts sooner. */
  readonly asUser?: boolean
}

/** A process that has started. */
export interface Running {
  readonly kill: ChildProcess["kill"]
  /** Waits until stdout matches a pattern, and resolves with the match. Rejects if the process ends without a match. */
  readonly printed: (pattern: RegExp) => Promise<string>
  readonly ended: Promise<Outcome>
}

const root = fileURLToPath(new URL("..", import.meta.url))

const compiled = new Map<string, Promise<string>>()

/** Compiles a file once. The output is next to `src`, so that relative paths stay valid. Does not bundle packages from npm. */
const compile = (file: string): Promise<string> => {
  const outfile = `dist/${basename(file).replace(/ts$/, "js")}`
  const made =
    compiled.get(file)
    ?? build({
      entryPoints: [`${root}/${file}`],
      outfile: `${root}/${outfile}`,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      external: ["effect", "@effect/*", "@opentelemetry/*", "csv-parse", "express", "fastify", "undici", "zod"],
      sourcemap: "inline",
      logLevel: "warning"
    }).then(() => outfile)
  compiled.set(file, made)
  return made
}

/** Starts a file of this example, such as `src/main.ts`. */
export const start = async (file: string, options: Options = {}): Promise<Running> => {
  const program = options.asUser === true ? ["--import", "tsx", file] : [await compile(file)]
  const inherited = Object.entries(process.env).filter(([name]) => !/^(MAMMOTH|OTEL_|WEATHER_)/.test(name))
  const child = spawn(process.execPath, [...program, ...(options.args ?? [])], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), ...options.env },
    stdio: ["ignore", "pipe", "pipe"]
  })
  let [stdout, stderr, interrupted] = ["", "", false]
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
    if (!interrupted && options.interruptAt !== undefined && stdout.includes(options.interruptAt)) {
      interrupted = child.kill("SIGINT")
    }
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
  const ended = new Promise<Outcome>((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })
  const printed = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(stdout)?.[0]
        if (found !== undefined) resolve(found)
      }
      look()
      child.stdout.on("data", look)
      void ended.then((outcome) => reject(new Error(`ended without ${pattern}: ${JSON.stringify(outcome)}`)), reject)
    })
  return { kill: (signal) => child.kill(signal), printed, ended }
}

/** Runs `src/<file>` to its end. */
export const run = async (file: string, options?: Options): Promise<Outcome> =>
  (await start(`src/${file}`, options)).ended
