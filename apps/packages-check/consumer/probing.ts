/** Runs the probe in a process of Node, Bun or Deno. */
import { argv } from "node:process"
import { probe } from "./probe.js"

const [server = "", nobody = "", leaving = ""] = argv.slice(2)
console.log(JSON.stringify(await probe({ server, nobody, leaving })))
