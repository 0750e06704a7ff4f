/**
 * Runs `probe.ts` in a web page. The server of the page produces the faults. The query parameters `nobody` and `leaving` hold
 * the other two addresses that the probe calls.
 */
import { probe } from "./probe.js"

const query = new URL(location.href).searchParams
const outcomes = await probe({
  server: location.origin,
  nobody: query.get("nobody") ?? "",
  leaving: query.get("leaving") ?? ""
})
document.title = JSON.stringify(outcomes)
