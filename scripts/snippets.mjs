// Type-checks every snippet that a reader may copy. Snippets are the `ts` fences of README.md, docs/*.md and
// packages/*/README.md, and the `@example` blocks of the docstrings in packages/*/src. The script also fails if README.md does
// not show the commands of CI.
//
// A line such as `console.log(1 + 1) // 2` states what the snippet prints. The script runs each snippet that has a line of this
// kind. The snippet must print exactly the stated results, in the same order. The comparison ignores the kind of quotation marks,
// line breaks and spaces.
//
// The script writes each snippet to its own file, at the same lines and columns as in the snippet's source. So the script only
// replaces the file names in the compiler's messages. The files are in apps/example, so that imports find the dependencies of
// that app.
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

const commands = ["npx -y pnpm@12 example", "npx -y pnpm@12 test"]
const root = join(import.meta.dirname, "..")
const output = join(root, "apps/example/.snippets")

/** Lists the files with this ending in a folder of the repository and in its subfolders. */
const list = (folder, ending) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { recursive: true })
        .filter((name) => name.endsWith(ending))
        .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    : []

const read = (file) => readFileSync(join(root, file), "utf8").split(/\r?\n/)
const blank = (text) => " ".repeat(text.length)

/** Finds the fenced code blocks in lines. Returns the language of each block, and its lines as `[index, text]`. */
const fences = (lines) => {
  const found = []
  let open
  for (const [index, text] of lines) {
    const [, mark, language] = /^\s*(`{3,}|~{3,})\s*(\w*)/.exec(text) ?? []
    if (open === undefined) {
      if (mark !== undefined) open = { mark, language, lines: [] }
    } else if (mark?.startsWith(open.mark) && language === "") {
      found.push(open)
      open = undefined
    } else {
      open.lines.push([index, text])
    }
  }
  return found
}

/** Finds the `@example` blocks in a source file. If a block has no fence, all its lines are code. */
const examples = (lines) => {
  const found = []
  let inComment = false
  let inFence = false
  let block
  for (const [index, line] of lines) {
    inComment ||= /^\s*\/\*\*/.test(line)
    if (!inComment) continue
    const text = line.replace(/^\s*(\/\*\*|\*(?!\/))/, blank).replace(/\*\/.*$/, "")
    if (/^\s*(```|~~~)/.test(text)) inFence = !inFence
    if (!inFence && /^\s*@\w/.test(text)) block = undefined
    if (/^\s*@example\b/.test(text)) found.push((block = []))
    block?.push([index, text.replace(/^\s*@example\b/, blank)])
    if (line.includes("*/")) {
      inComment = inFence = false
      block = undefined
    }
  }
  return found.flatMap((block) => {
    const fenced = fences(block)
    return fenced.length === 0 ? [block] : fenced.filter(isTypeScript).map((fence) => fence.lines)
  })
}

const isTypeScript = (fence) => fence.language === "ts"

const packages = readdirSync(join(root, "packages"))
const documents = ["README.md", ...list("docs", ".md"), ...packages.map((name) => `packages/${name}/README.md`)].filter(
  (file) => existsSync(join(root, file))
)
const sources = packages.flatMap((name) => list(`packages/${name}/src`, ".ts"))

const snippets = [
  ...documents.flatMap((file) =>
    fences([...read(file).entries()])
      .filter(isTypeScript)
      .map((fence) => ({ file, lines: fence.lines }))
  ),
  ...sources.flatMap((file) => examples([...read(file).entries()]).map((lines) => ({ file, lines })))
].filter((snippet) => snippet.lines.some(([, text]) => text.trim() !== ""))

rmSync(output, { recursive: true, force: true })
const files = snippets.map(({ file, lines }) => {
  const first = lines[0][0]
  const name = `${file}.${first + 1}.ts`
  mkdirSync(dirname(join(output, name)), { recursive: true })
  writeFileSync(join(output, name), `${"\n".repeat(first)}${lines.map(([, text]) => text).join("\n")}\n`)
  return name
})

/** Finds the lines that state a printed result. Ignores indented lines, because they may be in a function that never runs. */
const printed = (lines) => {
  const indents = lines.filter(([, text]) => text.trim() !== "").map(([, text]) => /^\s*/.exec(text)[0].length)
  const outermost = " ".repeat(Math.min(...indents))
  return lines.flatMap(([index, text]) => {
    const [, says] = /^console\.log\(.*\) \/\/ (.+)$/.exec(text.slice(outermost.length)) ?? []
    return says === undefined ? [] : [{ line: index + 1, says }]
  })
}

const runnable = snippets.flatMap(({ file, lines }, index) => {
  const expected = printed(lines)
  return expected.length === 0 ? [] : [{ file, name: files[index], expected }]
})

let failed = false
const fail = (message) => {
  failed = true
  console.error(message)
}

if (files.length > 0) {
  writeFileSync(
    join(output, "tsconfig.json"),
    JSON.stringify({
      extends: "../../../tsconfig.base.json",
      compilerOptions: {
        lib: ["ES2023", "DOM"],
        types: ["node"],
        moduleDetection: "force",
        noUnusedLocals: false,
        noUnusedParameters: false,
        composite: false,
        incremental: false,
        declaration: false,
        declarationMap: false,
        noEmit: true
      },
      files
    })
  )
  const tsc = createRequire(import.meta.url).resolve("typescript/bin/tsc")
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, "-p", ".", "--pretty", "false"], {
    cwd: output,
    encoding: "utf8"
  })
  if (status !== 0) {
    fail(
      `${stdout}${stderr}`
        .replaceAll("../../../", "")
        .replace(/^(.+?)(?:\.\d+\.ts)?\((\d+),(\d+)\): /gm, "$1:$2:$3 - ")
        .trimEnd()
    )
  }
}

if (!failed && runnable.length > 0) {
  // Run all snippets in one process to save time. Collect the output of each snippet separately, and wait 20 ms for its
  // asynchronous work.
  const runner = join(output, "run.mjs")
  writeFileSync(
    runner,
    `import { format } from "node:util"
const results = []
for (const name of ${JSON.stringify(runnable.map(({ name }) => name))}) {
  const lines = []
  console.log = (...args) => lines.push(format(...args))
  try {
    await import("./" + name)
    await new Promise((resolve) => setTimeout(resolve, 20))
    results.push({ lines })
  } catch (error) {
    results.push({ lines, error: String(error) })
  }
}
process.stdout.write(JSON.stringify(results), () => process.exit())
`
  )
  const { stderr, stdout } = spawnSync(process.execPath, ["--import", "tsx", runner], { cwd: output, encoding: "utf8" })
  const bare = (text) =>
    text
      .replaceAll("'", '"')
      .replace(/\s+/g, "")
      .replace(/^"(.*)"$/, "$1")
  let results = []
  try {
    results = JSON.parse(stdout)
  } catch {
    fail(`could not run the snippets: ${stdout}${stderr}`)
  }
  for (const [index, { error, lines }] of results.entries()) {
    const { expected, file } = runnable[index]
    const at = `${file}:${expected[0].line}`
    if (error !== undefined) fail(`${at} - throws ${error}`)
    else if (lines.length !== expected.length)
      fail(
        `${at} - prints ${lines.length} results, but its comments state ${expected.length}. Correct the comments or the code`
      )
    else {
      for (const [position, { line, says }] of expected.entries()) {
        if (bare(lines[position]) !== bare(says))
          fail(
            `${file}:${line} - prints ${lines[position]}, but the comment states ${says}. Correct the comment or the code`
          )
      }
    }
  }
}

const shown = documents.includes("README.md")
  ? fences([...read("README.md").entries()])
      .filter(({ language }) => language === "bash" || language === "sh")
      .flatMap(({ lines }) => lines.map(([, text]) => text.replace(/\s#.*$/, "").trim()))
  : []
for (const command of commands) {
  if (!shown.includes(command))
    fail(
      `README.md does not show the command \`${command}\`. Add the command to a bash or sh fence, because CI runs it`
    )
}

if (failed) process.exitCode = 1
else console.log(`${files.length} snippets compile, and ${runnable.length} print the stated results`)
