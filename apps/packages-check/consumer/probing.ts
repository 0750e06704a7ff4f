/** Runs the probe as a process, such as Node, Bun or Deno. */
import { argv } from "node:process"
import { probe } from "./probe.js"

const [server = "", nobody = "", leaving = ""] = argv.slice(2)
console.log(JSON.stringify(await probe({ server, nobody, leaving })))
