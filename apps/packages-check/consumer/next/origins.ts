/** Reads the addresses of the servers with faults from variables of the process. */
import { env } from "node:process"
import type { Origins } from "../probe.js"

export const origins = (): Origins => ({
  server: env["SERVER"] ?? "",
  nobody: env["NOBODY"] ?? "",
  leaving: env["LEAVING"] ?? ""
})

/** Makes the base URL of a server with a fault. Only `who` uses it. */
export const at = (fault: string, who: string): string => {
  const { leaving, nobody, server } = origins()
  if (fault === "refused") return nobody
  return fault === "leaving" ? leaving : `${server}/${fault}/${who}`
}
