#!/usr/bin/env node
/** The command `mammoth-webhooks`. */
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeTerminal from "@effect/platform-node/NodeTerminal"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { commands } from "./internal/commands/index.js"
import { main } from "./internal/shell/main.js"
import { runMain } from "./internal/shell/signals.js"
import { version } from "./internal/version.js"

const run = main({ commands, argv: process.argv.slice(2), version, streams: process })

runMain((signals) =>
  Effect.provide(run(signals), Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, NodeTerminal.layer))
)
