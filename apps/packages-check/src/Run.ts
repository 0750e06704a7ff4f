/** Runs a command until it ends. */
import { spawn, spawnSync } from "node:child_process"

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** The time after which the command receives SIGTERM, in milliseconds. Default: 240,000. */
  readonly timeout?: number
  /** Sends SIGTERM to the command when stdout contains this string. */
  readonly endAt?: string
}

/** The environment for commands. It leaves out the variables of the tools that run these checks. */
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

/** Runs a command, and returns its stdout. If the exit code is not 0, throws an error with the command's output. */
export const succeed = async (command: string, args: ReadonlyArray<string>, options: Options): Promise<string> => {
  const { code, stdout, stderr } = await run(command, args, options)
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} failed with exit code ${code}\n${stdout}\n${stderr}`)
  return stdout
}

/** The version of the installed pnpm. `stdout` is null if pnpm is not installed. */
const found: { readonly stdout: string | null } = spawnSync("pnpm", ["--version"], { encoding: "utf8" })

const [pnpmCommand, pnpmArgs] = found.stdout?.startsWith("12.") ? ["pnpm", []] : ["npx", ["-y", "pnpm@12"]]

/** Runs pnpm 12. If the installed pnpm is another version or missing, npx downloads pnpm 12. */
export const pnpm = (args: ReadonlyArray<string>, options: Options): Promise<string> =>
  succeed(pnpmCommand, [...pnpmArgs, ...args], options)
