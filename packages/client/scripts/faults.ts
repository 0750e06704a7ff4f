/** Prints the fault matrix, and writes it to `docs/fault-matrix.md`. */
import { writeFileSync } from "node:fs"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { page } from "../test/support/FaultMatrix.js"

page.pipe(
  Effect.tap((text) =>
    Effect.sync(() => writeFileSync(new URL("../../../docs/fault-matrix.md", import.meta.url), text))
  ),
  Effect.flatMap(Console.log),
  NodeRuntime.runMain
)
