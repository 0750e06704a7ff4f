#!/usr/bin/env node
/** The command `mammoth-webhooks`. It writes the help of the program at once, and loads its other code only for a command. */
import { commands } from "./internal/commands/index.js"
import { keepCompiledCode } from "./internal/shell/compileCache.js"
import type { Options } from "./internal/shell/main.js"
import { program, textOf } from "./internal/shell/overview.js"
import { select } from "./internal/shell/select.js"
import { version } from "./internal/version.js"

const argv = process.argv.slice(2)
const selected = select(program, commands, argv)

/** Loads the shell and, at the same time, the command, and runs them. */
const load = (found: Options["selected"]) => {
  // the shell loads the command again, and tells why it cannot be loaded
  if (found._tag === "Command") found.command.load().catch(() => {})
  return import("./internal/program.js").then(({ run }) => run({ commands, argv, selected: found, streams: process }))
}

/** Loads with the cache on. */
const start = (found: Options["selected"]): void => void keepCompiledCode().then(() => load(found))

if (selected._tag === "Command" || selected._tag === "Wrong") {
  start(selected)
} else {
  // without a listener, a closed pipe would end the process with an error of Node
  process.stdout.on("error", () => {})
  process.stdout.write(textOf(selected, commands, version), (error) => {
    if (error != null) start({ _tag: "Unwritten", error })
  })
}
