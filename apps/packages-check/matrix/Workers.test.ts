/**
 * Runs the installed packages in Cloudflare's runtime, with two compatibility dates. `fetch` accepts a cache mode only from
 * the later date on.
 */
import { spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { build } from "esbuild"
import { assert, beforeAll, describe, it } from "vitest"
import * as Faults from "../src/Faults.js"
import * as Program from "../src/Program.js"
import * as Project from "../src/Project.js"

const configuration = (date: string, bindings: Readonly<Record<string, string>>) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "${date}",
      bindings = [${Object.entries(bindings)
        .map(([name, text]) => `(name = "${name}", text = "${text}")`)
        .join(", ")}],
      globalOutbound = "network"
    )),
    (name = "network", network = (allow = ["local"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`

/** Starts a worker, and returns its response. */
const ask = async (program: string, cwd: string): Promise<string> => {
  const worker = spawn(program, ["serve", "--control-fd=1", "config.capnp"], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"]
  })
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let printed = ""
      worker.on("error", reject)
      worker.on("close", () => reject(new Error(`workerd ended: ${printed}`)))
      worker.stdout.setEncoding("utf8").on("data", (text: string) => {
        printed += text
        const found = /"port":(\d+)/.exec(printed)?.[1]
        if (found !== undefined) resolve(found)
      })
    })
    const response = await fetch(`http://127.0.0.1:${port}/`)
    return await response.text()
  } finally {
    worker.kill()
  }
}

describe.skipIf(!Program.isLinux)("the SDK in a Cloudflare worker (needs Linux x64)", () => {
  let directory: string
  let program: string

  beforeAll(async () => {
    directory = await Project.make()
    await Project.check(directory, "nodenext")
    program = await Program.install(["@cloudflare/workerd-linux-64", "1", "bin/workerd"])
    await build({
      absWorkingDir: directory,
      entryPoints: ["out/worker.js"],
      bundle: true,
      format: "esm",
      platform: "browser",
      outfile: "worker.js",
      logLevel: "silent"
    })
  })

  it.each([
    ["Cloudflare Workers before 2024-11-11", "2024-09-01"],
    ["Cloudflare Workers", "2024-11-11"]
  ])("has the outcomes that docs/layers.md states in the row %s", async (row, date) => {
    const faults = await Faults.start()
    try {
      const bindings = { server: faults.url, nobody: faults.nobody, leaving: faults.leaving }
      writeFileSync(join(directory, "config.capnp"), configuration(date, bindings))
      const outcomes = JSON.parse(await ask(program, directory))
      const found = Faults.toRow(row, faults, outcomes)
      assert.include(Faults.documented(), found, found)
    } finally {
      faults.close()
    }
  })
})
