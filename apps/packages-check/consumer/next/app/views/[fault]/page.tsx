/** Calls `ensure` for each page view, on the server with the fault that the path names. */
import { makeClient } from "@mammoth-effect/client/promise"
import type { ReactNode } from "react"
import { told } from "../../../../probe.js"
import { at } from "../../../origins.js"

interface Props {
  /** The parameters of the path. Next.js 14 passes the parameters themselves, and later versions pass a promise of them. */
  readonly params: Promise<{ readonly fault: string }> | { readonly fault: string }
}

export default async function Page({ params }: Props): Promise<ReactNode> {
  const { fault } = await params
  const client = makeClient({
    baseUrl: at(fault, "views"),
    credentials: { apiKey: "the-key", apiSecret: "the-secret" },
    timeout: fault === "stall" ? "1 second" : "20 seconds",
    retry: false
  })
  return <output>{await told(client.ensure("orders", { workspaceId: 4, projectId: 4 }))}</output>
}
