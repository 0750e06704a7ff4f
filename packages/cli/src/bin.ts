#!/usr/bin/env node
/** Starts the command `mammoth-webhooks`. Prints the program's help and version without loading the code of any command. */
import { commands } from "./internal/commands/index.js"
import { keepCompiledCode } from "./internal/shell/compileCache.js"
import type { Options } from "./internal/shell/main.js"
import { program, textOf } from "./internal/shell/overview.js"
import { select } from "./internal/shell/select.js"
import { version } from "./internal/version.js"

const argv = process.argv.slice(2)
const selected = select(program, commands, argv)

/** Loads `program.js` and the code of the selected command at the same time, and then runs the command. */
const load = (found: Options["selected"]) => {
  // Start to load the command's code now, while `program.js` loads. Ignore an error here: `run` loads the code again, and
  // reports the error.
  if (found._tag === "Command") found.command.load().catch(() => {})
  return import("./internal/program.js").then(({ run }) => run({ commands, argv, selected: found, streams: process }))
}

/** Turns on the cache of compiled code, and then loads and runs the command. */
const start = (found: Options["selected"]): void => void keepCompiledCode().then(() => load(found))

if (selected._tag === "Command" || selected._tag === "Wrong") {
  start(selected)
} else {
  // Listen for errors. Without a listener, a closed pipe would end the process with an error of Node.
  process.stdout.on("error", () => {})
  process.stdout.write(textOf(selected, commands, version), (error) => {
    if (error != null) start({ _tag: "Unwritten", error })
  })
}
