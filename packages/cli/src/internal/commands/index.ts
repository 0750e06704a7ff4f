/** All commands, in the order in which the help lists them. */
import { command, group, reading } from "../shell/entries.js"
import type { Entry } from "../shell/entry.js"

export const commands: ReadonlyArray<Entry> = [
  reading("list", "Lists the webhooks of a project.", () => import("./list.js").then((module) => module.list)),
  reading("get", "Shows one webhook.", () => import("./get.js").then((module) => module.get)),
  command("create", "Creates a webhook and its dataset.", () => import("./create.js").then((module) => module.create)),
  command("update", "Changes the mode, the origins or the security of a webhook.", () =>
    import("./update.js").then((module) => module.update)
  ),
  command("delete", "Deletes a webhook, after a confirmation.", () =>
    import("./delete.js").then((module) => module.delete)
  ),
  command(
    "send",
    "Pushes one JSON document to a webhook. The server only confirms that it accepted the document.",
    () => import("./send.js").then((module) => module.send)
  ),
  command(
    "ensure",
    "Creates or changes webhooks so that they have the wanted settings. Shows the changes first.",
    () => import("./ensure.js").then((module) => module.ensure),
    (words) => words.includes("--check")
  ),
  command("ingest", "Appends rows to a webhook, from a file or stdin: NDJSON, CSV or a JSON array.", () =>
    import("./ingest.js").then((module) => module.ingest)
  ),
  command("replay", "Sends the rows in a file of dead letters again.", () =>
    import("./replay.js").then((module) => module.replay)
  ),
  reading(
    "emulator",
    "Runs a local server that behaves like Mammoth's webhooks. Use it for tests and first steps.",
    () => import("./emulator.js").then((module) => module.emulator)
  ),
  group("outbox", "Manages an outbox: the rows that a program has stored for delivery.", [
    reading("status", "Counts the rows of an outbox, and shows the error that delays rows.", () =>
      import("./outbox/status.js").then((module) => module.status)
    ),
    command(
      "retry",
      "Makes dead rows pending, so that a worker sends them again. Dead rows are rows that the server refused.",
      () => import("./outbox/retry.js").then((module) => module.retry)
    ),
    command("purge", "Deletes rows that the server refused, after a confirmation.", () =>
      import("./outbox/purge.js").then((module) => module.purge)
    )
  ]),
  reading("mcp", "Lets an assistant use webhooks, over the Model Context Protocol on stdin and stdout.", () =>
    import("./mcp.js").then((module) => module.mcp)
  ),
  reading("doctor", "Checks the configuration, the server, the keys and the clock, and says what to do.", () =>
    import("./doctor.js").then((module) => module.doctor)
  ),
  reading("completions", "Prints a script that completes commands and flags in a shell.", () =>
    import("./completions.js").then((module) => module.completions)
  )
]
