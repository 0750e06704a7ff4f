// Measures how long the built command takes to start, compared with an empty Node process and `util.parseArgs`. The
// processes run in turns, one after the other, so that the load of the machine affects all of them alike. For each
// process, look at how much longer it takes than the empty process. On a busy machine, look at the processor time. The
// processor time counts all threads, so it may exceed the elapsed time.
//
//   node scripts/start.mjs [--turns 15] [--node PATH] [BIN ...]
//
// Each BIN is a built command, such as the command of another commit. Default: dist/bin.js.
import { execFileSync, spawn } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { loadavg, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { turns: { type: "string", default: "15" }, node: { type: "string", default: process.execPath } }
})
const bins = positionals.length === 0 ? [here("../dist/bin.js")] : positionals
const turns = Number(values.turns)
const version = execFileSync(values.node, ["--version"], { encoding: "utf8" }).trim()

const folder = await mkdtemp(join(tmpdir(), "mammoth-webhooks-start-"))
const empty = join(folder, "empty.mjs")
const bare = join(folder, "bare.mjs")
await writeFile(empty, "")
await writeFile(
  bare,
  `import { parseArgs } from "node:util"
const { values } = parseArgs({ options: { help: { type: "boolean" }, json: { type: "boolean" } } })
if (values.help) process.stdout.write("Usage: bare [flags]\\n")
`
)
// Write the processor time of the process to file descriptor 3.
const hook = join(folder, "hook.cjs")
await writeFile(
  hook,
  `process.on("exit", () => {
  const { system, user } = process.cpuUsage()
  require("node:fs").writeSync(3, String((system + user) / 1000))
})
`
)

// Run the emulator of dist/bin.js in its own process.
const emulator = spawn(process.execPath, [here("../dist/bin.js"), "emulator", "--port", "0", "--quiet"], {
  stdio: ["ignore", "pipe", "inherit"]
})
const env = { PATH: process.env.PATH, HOME: folder, MAMMOTH_WORKSPACE_ID: "4", MAMMOTH_PROJECT_ID: "5" }
await new Promise((resolve, reject) => {
  let text = ""
  emulator.once("exit", () => reject(new Error("the emulator ended before it showed its address and keys")))
  emulator.stdout.setEncoding("utf8").on("data", (more) => {
    text += more
    for (const [, name, value] of text.matchAll(/^(MAMMOTH\w*)\t(.*)$/gm)) env[name] = value
    if (env.MAMMOTH_BASE_URL && env.MAMMOTHANALYTICS_API_KEY && env.MAMMOTHANALYTICS_API_SECRET) resolve()
  })
})

const initialize = `${JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "start", version: "0" } }
})}\n`

/**
 * Runs Node with the given arguments. Returns two times, in ms. `passed` is the elapsed time until the process responded to
 * the input, or until the process ended if there is no input. `cpu` is the processor time.
 */
const time = (args, input) =>
  new Promise((resolve, reject) => {
    const started = performance.now()
    const child = spawn(values.node, ["--require", hook, ...args], { env, stdio: ["pipe", "pipe", "pipe", "pipe"] })
    let answered
    let stdout = ""
    let stderr = ""
    let cpu = ""
    child.stdio[3].setEncoding("utf8").on("data", (text) => (cpu += text))
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text
      if (input === undefined || !stdout.includes("\n")) return
      answered ??= performance.now()
      child.stdin.end()
    })
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text))
    child.stdin.on("error", () => {})
    if (input === undefined) child.stdin.end()
    else child.stdin.write(input)
    child.once("close", (code) => {
      const isWrong = code !== 0 || (input !== undefined && !stdout.includes('"serverInfo"'))
      if (isWrong) reject(new Error(`${args.join(" ")} exited with code ${code}: ${stderr}${stdout}`))
      else resolve({ passed: (answered ?? performance.now()) - started, cpu: Number(cpu) })
    })
  })

const ours = [
  { name: "--help", args: ["--help"], target: 110 },
  { name: "list", args: ["list"], target: 200 },
  { name: "mcp, initialize", args: ["mcp"], input: initialize, target: 200 }
]
const sides = [
  { name: "empty", args: [empty] },
  { name: "parseArgs --help", args: [bare, "--help"] },
  ...ours.flatMap(({ args, name, ...rest }) =>
    bins.map((bin, index) => ({ name: bins.length > 1 ? `${name} [${index}]` : name, args: [bin, ...args], ...rest }))
  )
]

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]

try {
  const times = new Map(sides.map(({ name }) => [name, []]))
  const loads = [loadavg()[0]]
  for (const { args, input } of sides) await time(args, input)
  for (let turn = 0; turn < turns; turn++) {
    // Let a different process begin each turn, so that no process is always the first.
    for (let at = 0; at < sides.length; at++) {
      const { args, input, name } = sides[(at + turn) % sides.length]
      times.get(name).push(await time(args, input))
    }
    loads.push(loadavg()[0])
  }
  const floor = times.get("empty")
  const head = ["side", "median", "over empty", "least over least", "processor", "over empty", "to reach"]
  const lines = sides.map(({ name, target }) => {
    const own = times.get(name)
    const over = (kind) => median(own.map((each, turn) => each[kind] - floor[turn][kind])).toFixed(0)
    const least = (all) => Math.min(...all.map(({ passed }) => passed))
    return [
      name,
      median(own.map(({ passed }) => passed)).toFixed(0),
      over("passed"),
      (least(own) - least(floor)).toFixed(0),
      median(own.map(({ cpu }) => cpu)).toFixed(0),
      over("cpu"),
      target === undefined ? "" : `<= ${target}`
    ]
  })
  console.log(`${turns} turns, load ${Math.min(...loads)} to ${Math.max(...loads)}, ${version}, ms\n`)
  for (const line of [head, ...lines]) {
    console.log(line.map((cell, at) => (at === 0 ? cell.padEnd(22) : cell.padStart(head[at].length))).join("  "))
  }
} finally {
  emulator.kill()
  await rm(folder, { recursive: true, force: true })
}
