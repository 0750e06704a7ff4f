/**
 * Remembers how each client runs its calls, for functions that are not methods of the client. These functions are in
 * separate modules, so that only programs that use the functions load their code. A client does not hold this in
 * a property. The property would be part of the client's type, and a stub in a test would need it, too.
 */
import * as Issue from "@mammoth-effect/core/Issue"
import type { WebhookPush } from "../../Webhooks.js"
import type { Calls } from "./calls.js"
import { toPlain } from "./errors.js"
import { refuse } from "./ingestion.js"

type Run = Calls<WebhookPush>["run"]

const runs = new WeakMap<object, Run>()

/** Remembers how a client runs its calls. */
export const remember = <Client extends object>(client: Client, run: Run): Client => {
  runs.set(client, run)
  return client
}

/** Returns the function that runs the calls of a client. For any other object, returns a function that rejects. */
export const runOf = (client: object): Run =>
  runs.get(client)
  ?? (({ named, trace }) => {
    const issue = { path: ["client"], expected: "a client that makeClient made", received: Issue.shape(client) }
    return Promise.reject(toPlain(refuse(named, issue), trace))
  })
