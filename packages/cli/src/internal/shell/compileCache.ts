/** Keeps compiled code between runs, so that the next run starts sooner. */
import * as NodeModule from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"

// Node has it from 22.8
const enable: unknown = Reflect.get(NodeModule, "enableCompileCache")

/**
 * Lets Node keep the compiled code of the command in the user's own folder. In Node's default, a folder for temporary
 * files, another user might place code. Node ignores a folder that cannot be written, and NODE_DISABLE_COMPILE_CACHE
 * turns this off.
 */
export const keepCompiledCode = (): void => {
  if (typeof enable === "function") Reflect.apply(enable, undefined, [join(homedir(), ".cache", "mammoth-webhooks")])
}
