/** Runs the probe in a runtime that has a process. */
import { argv } from "node:process"
import { probe } from "./probe.js"

const [server = "", nobody = "", leaving = ""] = argv.slice(2)
console.log(JSON.stringify(await probe({ server, nobody, leaving })))
