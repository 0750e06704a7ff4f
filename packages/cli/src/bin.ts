#!/usr/bin/env node
/** The command `mammoth-webhooks`. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"

NodeRuntime.runMain(Effect.void)
