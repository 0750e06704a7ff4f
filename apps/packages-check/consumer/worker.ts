/** Runs the probe in a worker. Its bindings name the origins. */
import { type Origins, probe } from "./probe.js"

export default {
  fetch: async (_: Request, origins: Origins): Promise<Response> => Response.json(await probe(origins))
}
