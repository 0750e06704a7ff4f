/** Runs a file of this example as a child process, as a user would. */
import { spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  /** The environment beyond the search path; what this process has of `MAMMOTH…` is left out. */
  readonly env?: Readonly<Record<string, string>>
  readonly args?: ReadonlyArray<string>
  /** Sends SIGINT as soon as stdout has this text. */
  readonly interruptAt?: string
}

const root = fileURLToPath(new URL("..", import.meta.url))

/** Runs `src/<file>` to its end. */
export const run = (file: string, options: Options = {}): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(MAMMOTH|OTEL_|WEATHER_)/.test(name))
    const child = spawn(process.execPath, ["--import", "tsx", `src/${file}`, ...(options.args ?? [])], {
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
