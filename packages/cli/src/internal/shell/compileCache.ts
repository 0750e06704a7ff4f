/** Keeps compiled code between runs, so that the next run starts sooner. */
import * as NodeModule from "node:module"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

// Node has this function from 22.8 on
const enable: unknown = Reflect.get(NodeModule, "enableCompileCache")

/**
 * Makes Node keep the compiled code of the command in the user's own folder. Node's default is a folder for temporary
 * files, where another user might place code. Node ignores a folder that cannot be written. NODE_DISABLE_COMPILE_CACHE
 * turns the cache off.
 * Does nothing without an absolute home folder, because a relative one would be in the working directory.
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
