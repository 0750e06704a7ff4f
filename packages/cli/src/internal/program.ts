/** Runs command lines with Node's file system, paths and terminal. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { main, type Options } from "./shell/main.js"
import { runMain } from "./shell/signals.js"

/** Runs a command line, and ends the process. */
export const run = (options: Options): void =>
  runMain((signals) =>
    Effect.provide(main(options)(signals), Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeTerminal.layer))
  )
