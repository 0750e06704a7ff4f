/** Keeps compiled code between runs, so that the next run starts sooner. */
import * as NodeModule from "node:module"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

// Node has it from 22.8
const enable: unknown = Reflect.get(NodeModule, "enableCompileCache")

/**
 * Lets Node keep the compiled code of the command in the user's own folder. In Node's default, a folder for temporary
 * files, another user might place code. Node ignores a folder that cannot be written, and NODE_DISABLE_COMPILE_CACHE
 * turns this off. Does nothing without a home folder: a relative one would lie in the working directory.
 */
export const keepCompiledCode = (): Promise<unknown> =>
  // a user without HOME and without an entry in the list of users has no home folder, and `homedir` throws
  new Promise<string>((resolve) => resolve(homedir())).then(
    (home): unknown =>
      typeof enable === "function" && isAbsolute(home)
        ? Reflect.apply(enable, undefined, [join(home, ".cache", "mammoth-webhooks")])
        : undefined,
    () => undefined
  )
