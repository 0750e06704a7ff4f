/** Runs `probe.ts` in a web page. The server of the page produces the faults. The page's query holds `nobody` and `leaving`. */
import { probe } from "./probe.js"

const query = new URL(location.href).searchParams
const outcomes = await probe({
  server: location.origin,
  nobody: query.get("nobody") ?? "",
  leaving: query.get("leaving") ?? ""
})
document.title = JSON.stringify(outcomes)
