/** An app that pushes a row without Effect, with `bundled/promise` of the package. */
import { makeClient } from "@mammoth-effect/client/bundled/promise"

void makeClient().addData("g7rHe3mUqUGPEpnc4XxeDWJa", { order: 1 }).then(console.log)
