/** Runs the installed packages in a server component and a route handler of Next.js, whose `fetch` caches responses. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import * as Faults from "../src/Faults.js"
import * as Project from "../src/Project.js"
import { succeed } from "../src/Run.js"

const telemetry = { NEXT_TELEMETRY_DISABLED: "1" }

interface App {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** Starts the built app, and waits until it prints its address. */
const start = (next: string, cwd: string, env: Readonly<Record<string, string>>): Promise<App> =>
  new Promise((resolve, reject) => {
    const app = spawn(process.execPath, [next, "start", "--port", "0", "--hostname", "127.0.0.1"], {
      cwd,
      env: { ...process.env, ...telemetry, ...env },
      stdio: ["ignore", "pipe", "inherit"]
    })
    let printed = ""
    const ended = new Promise<void>((end) => app.on("close", () => end()))
    const stop = () => {
      app.kill()
      return ended
    }
    app.on("error", reject)
    app.on("close", () => reject(new Error(`Next.js ended: ${printed}`)))
    app.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text
      const url = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(printed)?.[0]
      if (url !== undefined && printed.includes("Ready")) resolve({ url, stop })
    })
  })

/** Reads the text of a page's `output` element. */
const view = async (url: string): Promise<string> => {
  const html = await (await fetch(url)).text()
  return /<output>(.*?)<\/output>/s.exec(html)?.[1]?.replaceAll("&quot;", '"') ?? html
}

const push = async (url: string): Promise<string> => (await fetch(url, { method: "POST" })).text()

/** The expected outcome of a push and of the first page view, for each fault. */
const expected: ReadonlyArray<readonly [fault: string, outcome: RegExp]> = [
  ["refused", /^MammothTransportError connect NotSent$/],
  ["reset", /^MammothTransportError reset Unknown$/],
  ["redirect", /^MammothUnexpectedStatus Unknown$/],
  ["stall", /^MammothTimedOut Unknown$/],
  ["gzip", /^success$/],
  ["cached", /^success$/]
]

describe.each([
  ["14", "18"],
  ["latest", "latest"]
])("an app on Next.js %s", (next, react) => {
  it("sends a new request for each page view and each push, although Next.js caches responses", async () => {
    const dependencies = {
      next,
      react,
      "react-dom": react,
      "@types/react": react
    }
    const directory = await Project.make({ dependencies })
    await Project.check(directory, "next")
    const program = join(directory, "node_modules/next/dist/bin/next")
    const home = join(directory, "out/next")
    const faults = await Faults.start()
    const env = { SERVER: faults.url, NOBODY: faults.nobody, LEAVING: faults.leaving }
    try {
      await succeed(process.execPath, [program, "build"], { cwd: home, env: { ...telemetry, ...env } })
      assert.strictEqual(faults.total(), 0, "the build sent a request")
      const app = await start(program, home, env)
      try {
        const found = Faults.toRow("Next.js", faults, JSON.parse(await view(`${app.url}/faults`)))
        assert.include(Faults.documented(), found, found)
        for (const [fault, outcome] of expected) {
          const views = `${fault}/views`
          for (const count of [1, 2]) {
            // Expect success from the second view: the server created the webhook before it reset the first connection.
            const viewed = fault === "reset" && count === 2 ? /^success$/ : outcome
            assert.match(await view(`${app.url}/views/${fault}`), viewed, `${views}, view ${count}`)
            for (const operation of ["addData", "addDataUsingGet"]) {
              const where = `${fault}/route/${operation}`
              assert.match(await push(`${app.url}/push/${operation}/${fault}`), outcome, `${where}, push ${count}`)
              if (fault !== "refused") assert.strictEqual(faults.sent(where), count, where)
            }
          }
          assert.strictEqual(faults.created(views), fault === "reset" || fault === "cached" ? 1 : 0, views)
        }
        assert.strictEqual(faults.sent("redirected"), 0)
      } finally {
        await app.stop()
      }
    } finally {
      faults.close()
    }
  })
})
