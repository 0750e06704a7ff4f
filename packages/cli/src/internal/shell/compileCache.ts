/** Keeps compiled code between runs, so that the next run starts sooner. */
import * as NodeModule from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"

// Node has this function from 22.8 on
const enable: unknown = Reflect.get(NodeModule, "enableCompileCache")

/**
 * Makes Node keep the compiled code of the command in the user's own folder. Node's default is a folder for temporary
 * files, where another user might place code. Node ignores a folder that cannot be written. NODE_DISABLE_COMPILE_CACHE
 * turns the cache off.
 */
export const keepCompiledCode = (): void => {
  if (typeof enable === "function") Reflect.apply(enable, undefined, [join(homedir(), ".cache", "mammoth-webhooks")])
}
