/** Runs a file of this example as a child process. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  /** Added to the environment of this process, without its variables for Mammoth, OpenTelemetry and the weather. */
  readonly env?: Readonly<Record<string, string>>
  readonly args?: ReadonlyArray<string>
  /** Sends SIGINT as soon as stdout has this text. */
  readonly interruptAt?: string
  /** Runs the source with tsx, as a user does. Default: `false`, which runs compiled code and starts sooner. */
  readonly asUser?: boolean
}

const root = fileURLToPath(new URL("..", import.meta.url))

const compiled = new Map<string, Promise<string>>()

/** Compiles a file once, next to `src`, so that its relative paths stay right. Does not bundle packages from npm. */
const compile = (file: string): Promise<string> => {
  const outfile = `dist/${file.replace(/ts$/, "js")}`
  const made =
    compiled.get(file)
    ?? build({
      entryPoints: [`${root}/src/${file}`],
      outfile: `${root}/${outfile}`,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      external: ["effect", "@effect/*", "@opentelemetry/*", "csv-parse", "undici"],
      sourcemap: "inline",
      logLevel: "warning"
    }).then(() => outfile)
  compiled.set(file, made)
  return made
}

/** Runs `src/<file>` until it ends. */
export const run = async (file: string, options: Options = {}): Promise<Outcome> => {
  const program = options.asUser === true ? ["--import", "tsx", `src/${file}`] : [await compile(file)]
  return new Promise((resolve, reject) => {
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
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })
}
