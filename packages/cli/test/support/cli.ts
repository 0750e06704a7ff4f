/** Runs the built command in a separate process, against an emulator in this process. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Emulator } from "@mammoth-effect/emulator"
import { Effect, Redacted, type Scope } from "effect"

/** The built command. */
export const bin = fileURLToPath(new URL("../../dist/bin.js", import.meta.url))

/** The result of a run of the command. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  readonly cwd?: string
}

/** Makes a temporary folder for one test. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "mammoth-webhooks-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Starts the command. Passes only PATH and the given variables to the command. */
export const start = (args: ReadonlyArray<string>, { cwd, env }: Options = {}) =>
  spawn(process.execPath, [bin, ...args], {
    cwd: cwd ?? tmpdir(),
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...env }
  })

export type Child = ReturnType<typeof start>

/** Waits until a process has ended, and collects its output. */
export const ended = (child: Child): Effect.Effect<Ended> =>
  Effect.async((resume) => {
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text))
    child.on("close", (code) => resume(Effect.succeed({ code, stdout, stderr })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

/** Runs the command until it ends. */
export const run = (args: ReadonlyArray<string>, options: Options = {}): Effect.Effect<Ended> =>
  Effect.suspend(() => {
    const child = start(args, options)
    child.stdin.on("error", () => {})
    child.stdin.end(options.stdin ?? "")
    return ended(child)
  })

/** The keys of the emulator. No output may contain them. */
export const apiKey = "KEYKEYKEYKEY0123456789"
export const apiSecret = "SECRETSECRET0123456789"

/** Starts an emulator. Returns the emulator with the variables that make the command use it. */
export const emulator = (options: Emulator.Options = {}) =>
  Effect.map(Emulator.make({ apiKey, apiSecret, seed: 1, ...options }), (service) => ({
    ...service,
    env: {
      MAMMOTH_BASE_URL: service.baseUrl,
      MAMMOTHANALYTICS_API_KEY: Redacted.value(service.apiKey),
      MAMMOTHANALYTICS_API_SECRET: Redacted.value(service.apiSecret),
      MAMMOTH_WORKSPACE_ID: "4",
      MAMMOTH_PROJECT_ID: "5"
    }
  }))

export type Running = Effect.Effect.Success<ReturnType<typeof emulator>>

/** Creates a webhook in the emulator, and returns its id. */
export const create = (
  { baseUrl }: Running,
  webhook: { readonly name: string; readonly mode?: string; readonly is_secure?: boolean }
): Effect.Effect<number> =>
  Effect.promise(async () => {
    const response = await fetch(`${baseUrl}/workspaces/4/projects/5/webhooks`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": apiKey, "x-api-secret": apiSecret },
      body: JSON.stringify({ mode: "combine", ...webhook })
    })
    const body = (await response.json()) as { readonly webhook: { readonly id: number } }
    return body.webhook.id
  })
