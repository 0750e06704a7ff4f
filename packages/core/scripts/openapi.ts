/** Writes `openapi.json` from the contract. */
import { writeFileSync } from "node:fs"
import { text } from "./document.js"

writeFileSync(new URL("../openapi.json", import.meta.url), text)
