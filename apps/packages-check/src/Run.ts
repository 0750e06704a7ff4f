/** Runs a command to its end. */
import { spawn, spawnSync } from "node:child_process"

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** Ends the command after so many milliseconds. */
  readonly timeout?: number
  /** Sends SIGTERM as soon as stdout has this text. */
  readonly endAt?: string
}

/** What a package manager that runs these checks says about itself is nothing to those that they run. */
const inherited = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_(registry|cafile))|PNPM_|MAMMOTH|NODE_OPTIONS|INIT_CWD|VITEST|TURBO_)/i.test(name)
  )
)

export const run = (command: string, args: ReadonlyArray<string>, options: Options): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...inherited, CI: "true", NO_COLOR: "1", ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeout ?? 240_000
    })
    let [stdout, stderr] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      if (options.endAt !== undefined && stdout.includes(options.endAt)) child.kill("SIGTERM")
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, stdout, stderr }))
  })

/** Runs a command that has to exit with 0, and yields what it printed; otherwise all of its output is the error. */
export const succeed = async (command: string, args: ReadonlyArray<string>, options: Options): Promise<string> => {
  const { code, stdout, stderr } = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${code}\n${stdout}\n${stderr}`)
  return stdout
}

/** Without the program there is no output. */
const found: { readonly stdout: string | null } = spawnSync("pnpm", ["--version"], { encoding: "utf8" })

const [pnpmCommand, pnpmArgs] = found.stdout?.startsWith("12.") ? ["pnpm", []] : ["npx", ["-y", "pnpm@12"]]

/** The package manager of this repository. */
export const pnpm = (args: ReadonlyArray<string>, options: Options): Promise<string> =>
  succeed(pnpmCommand, [...pnpmArgs, ...args], options)
