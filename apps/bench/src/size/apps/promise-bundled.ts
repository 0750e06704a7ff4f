/** Pushing a row without Effect, from the bundle that the package has. */
import { makeClient } from "@mammoth-effect/client/bundled/promise"

void makeClient().addData("g7rHe3mUqUGPEpnc4XxeDWJa", { order: 1 }).then(console.log)
