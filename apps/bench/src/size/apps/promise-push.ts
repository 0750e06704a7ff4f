/** An app that pushes a row without Effect. */
import { makeClient } from "@mammoth-effect/client/promise"

void makeClient().addData("g7rHe3mUqUGPEpnc4XxeDWJa", { order: 1 }).then(console.log)
