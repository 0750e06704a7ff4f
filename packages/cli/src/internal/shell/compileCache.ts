/** Keeps compiled code between runs, so that the next run starts sooner. */
import * as NodeModule from "node:module"
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

// Look up `enableCompileCache` by its name, because only Node 22.8 and later versions have this function.
const enable: unknown = Reflect.get(NodeModule, "enableCompileCache")

/**
 * Makes Node keep the compiled code of the command in the user's own folder. Node's default is a folder for temporary
 * files, where another user might place code. Node ignores a folder that cannot be written. The variable
 * `NODE_DISABLE_COMPILE_CACHE` turns the cache off.
 *
 * Does nothing if the path of the home folder is not absolute, because a relative path would be in the working directory.
 */
export const keepCompiledCode = (): Promise<unknown> =>
  // Call `homedir` in a promise, because `homedir` throws if HOME is not set and the list of users has no entry
  // for the user.
  new Promise<string>((resolve) => resolve(homedir())).then(
    (home): unknown =>
      typeof enable === "function" && isAbsolute(home)
        ? Reflect.apply(enable, undefined, [join(home, ".cache", "mammoth-webhooks")])
        : undefined,
    () => undefined
  )
