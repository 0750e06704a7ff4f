/** All commands, in the order of the help. */
import type { Runnable } from "../shell/command.js"
import { get } from "./get.js"
import { list } from "./list.js"

export const commands: ReadonlyArray<Runnable> = [list, get]
