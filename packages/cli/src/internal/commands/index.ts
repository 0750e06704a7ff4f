/** All commands, in the order of the help. */
import type { Runnable } from "../shell/command.js"
import { create } from "./create.js"
import { delete as remove } from "./delete.js"
import { get } from "./get.js"
import { list } from "./list.js"
import { send } from "./send.js"
import { update } from "./update.js"

export const commands: ReadonlyArray<Runnable> = [list, get, create, update, remove, send]
