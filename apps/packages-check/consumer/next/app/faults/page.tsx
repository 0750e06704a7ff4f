/** Runs the probe in a server component. The page does not set `dynamic`, but Next.js must render the page for each request. */
import type { ReactNode } from "react"
import { probe } from "../../../probe.js"
import { origins } from "../../origins.js"

export default async function Page(): Promise<ReactNode> {
  return <output>{JSON.stringify(await probe(origins()))}</output>
}
