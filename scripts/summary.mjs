// Adds up the test reports of all packages and apps. The last line that it prints is `N passed, M failed, K skipped`.
//
//   node scripts/summary.mjs [--tests=EXIT_CODE] [--check=EXIT_CODE]
//
// `--tests` is the exit code of the test command. If this code is not 0 and no report shows a failure, the script counts one
// failure. `--check` is the exit code of the contract check, which counts as one more test. The script exits with code 1 if
// anything failed.
//
// The script also counts failures that no test reports: a test file that did not load, and a run that left no report.
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { parseArgs } from "node:util"

const root = join(import.meta.dirname, "..")
const { values } = parseArgs({ options: { tests: { type: "string" }, check: { type: "string" } } })
const total = { passed: 0, failed: 0, skipped: 0 }

const fail = (what) => {
  total.failed += 1
  console.log(`failed: ${what}`)
}

const hasTests = (folder) =>
  existsSync(join(folder, "test"))
  && readdirSync(join(folder, "test"), { recursive: true }).some((name) => name.endsWith(".test.ts"))

const read = (file) => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    return undefined
  }
}

const projects = ["packages", "apps"].flatMap((kind) =>
  existsSync(join(root, kind)) ? readdirSync(join(root, kind)).map((name) => `${kind}/${name}`) : []
)

for (const project of projects.filter((project) => hasTests(join(root, project)))) {
  const report = read(join(root, project, "reports/vitest.json"))
  if (!Array.isArray(report?.testResults)) {
    fail(`${project} has tests, but its run left no readable report. See its output above`)
    continue
  }
  const before = total.failed
  for (const { name, status, assertionResults } of report.testResults) {
    for (const test of assertionResults) {
      if (test.status === "failed") fail(`${project}: ${test.fullName}`)
      else if (test.status === "passed") total.passed += 1
      else total.skipped += 1
    }
    if (status === "failed" && !assertionResults.some((test) => test.status === "failed")) {
      fail(
        `${project}: ${relative(join(root, project), name)} failed outside of its tests, for example while it loaded`
      )
    }
  }
  if (report.testResults.length === 0) fail(`${project} has tests, but no test ran. See its output above`)
  if (!report.success && total.failed === before)
    fail(`${project}: the run failed outside of its tests. See its output above`)
}

if (values.check === "0") total.passed += 1
else if (values.check !== undefined) fail("the contract check. See its output above")
if (values.tests !== undefined && values.tests !== "0" && total.failed === 0)
  fail(
    "the test command, although no test failed. The build, a type check, lint or a snippet failed. See the output above"
  )

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`)
process.exitCode = total.failed === 0 ? 0 : 1
