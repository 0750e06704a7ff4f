/** Runs the probe in a server component. Next.js must render the component for each request, without a setting for this. */
import type { ReactNode } from "react"
import { probe } from "../../../probe.js"
import { origins } from "../../origins.js"

export default async function Page(): Promise<ReactNode> {
  return <output>{JSON.stringify(await probe(origins()))}</output>
}
