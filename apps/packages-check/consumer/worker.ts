/** Runs the probe in a worker, whose bindings say where. */
import { probe } from "./probe.js"

export default {
  fetch: async (
    _: Request,
    { nobody, server }: { readonly server: string; readonly nobody: string }
  ): Promise<Response> => Response.json(await probe(server, nobody))
}
