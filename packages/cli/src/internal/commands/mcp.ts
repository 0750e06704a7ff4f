/** The command `mcp`. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { serve } from "../mcp/server.js"
import * as Flags from "../settings/flags.js"
import { Project, provide } from "../settings/webhooks.js"
import { loaded } from "../shell/command.js"
import { version } from "../version.js"

const flags = {
  allowWrite: Options.boolean("allow-write").pipe(
    Options.withDescription("Offers the tools that create webhooks, change webhooks and push rows.")
  ),
  allowDestructive: Options.boolean("allow-destructive").pipe(
    Options.withDescription("Offers the tools that replace rows and delete webhooks. Each call first asks the user.")
  ),
  remarks: Flags.remarks,
  connection: Flags.connection
}

export const mcp = loaded(
  Command.make("mcp", flags, ({ allowDestructive, allowWrite, connection }) =>
    Effect.flatMap(Project, (project) => serve({ ...project, allowWrite, allowDestructive, version })).pipe(
      // If the settings have no deadline, set a deadline of 40 seconds for each API call. The time limit of a tool call is 45
      // seconds. So a slow API call can still fail with its own error, which shows the delivery.
      provide(connection, { readsStdin: true, deadline: Duration.seconds(40) })
    )
  )
)
