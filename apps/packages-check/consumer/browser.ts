/** Runs the probe in a page of the server with the faults. The page's query names the other origins. */
import { probe } from "./probe.js"

const query = new URL(location.href).searchParams
const outcomes = await probe({
  server: location.origin,
  nobody: query.get("nobody") ?? "",
  leaving: query.get("leaving") ?? ""
})
document.title = JSON.stringify(outcomes)
