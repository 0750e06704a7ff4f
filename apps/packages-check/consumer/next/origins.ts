/** Reads the addresses of the servers with faults from environment variables. */
import { env } from "node:process"
import type { Origins } from "../probe.js"

export const origins = (): Origins => ({
  server: env["SERVER"] ?? "",
  nobody: env["NOBODY"] ?? "",
  leaving: env["LEAVING"] ?? ""
})

/** Returns the base URL of a server with a fault. The URL contains `who`, so that each caller has its own paths. */
export const at = (fault: string, who: string): string => {
  const { leaving, nobody, server } = origins()
  if (fault === "refused") return nobody
  return fault === "leaving" ? leaving : `${server}/${fault}/${who}`
}
