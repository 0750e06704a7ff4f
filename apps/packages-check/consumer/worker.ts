/** Runs the probe in a worker. The worker's bindings hold the addresses of the servers. */
import { type Origins, probe } from "./probe.js"

export default {
  fetch: async (_: Request, origins: Origins): Promise<Response> => Response.json(await probe(origins))
}
