/**
 * The errors of an outbox, one for each cause.
 *
 * @since 0.1.0
 */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Schema from "effect/Schema"

/**
 * The database failed. An offer that fails with this error has stored no row, with two exceptions. The rows may be
 * stored if the connection to Postgres was lost or Postgres did not respond during the offer. The rows may also be
 * stored if the SQLite file was moved during the offer. In both cases, offer the rows again under the same ids.
 *
 * The values of `reason`:
 *
 * - `full`: the disk has no space left;
 * - `readonly`: the database cannot be written to;
 * - `busy`: another process or transaction held a lock for too long, or two transactions conflicted;
 * - `connection`: the connection was lost or refused, the database did not respond in time, no connection was free, or
 *   the client is closed;
 * - `storage`: the file cannot be opened, read or written, or was deleted, moved or replaced while it was open;
 * - `driver`: the package of the database's driver cannot be loaded;
 * - `schema`: the table does not exist, has an unusable name, or cannot be migrated;
 * - `data`: an id or the outbox's name has a character outside the database's encoding, or a row is too large;
 * - `other`: any other failure.
 *
 * @example
 * import type { OutboxError } from "@mammoth-effect/outbox"
 *
 * const mayPass = (error: OutboxError.StoreError) => error.reason === "busy" || error.reason === "connection"
 *
 * @since 0.1.0
 * @category errors
 */
export class StoreError extends Schema.TaggedError<StoreError>("@mammoth-effect/outbox/StoreError")(
  "MammothStoreError",
  {
    /** The operation that failed, such as `offer`. */
    operation: Schema.String,
    reason: Schema.Literal("full", "readonly", "busy", "connection", "storage", "driver", "schema", "data", "other"),
    /** The code of the database or the system, such as `SQLITE_FULL` or `ECONNREFUSED`, if there is one. */
    code: Schema.optional(Schema.String),
    /** The database's error message, cut to 500 characters. */
    description: Schema.String
  }
) {
  override get message(): string {
    // Detect a serialization failure (40001) or a deadlock (40P01) of Postgres.
    const isConflict = this.code === "40001" || this.code === "40P01"
    const check = {
      full: "Make room on the disk.",
      readonly: "Let this process write to the database.",
      busy: isConflict
        ? "This transaction conflicted with another transaction. Run this transaction again, and offer ids in the same order everywhere."
        : "Another process or transaction has held a lock for too long. End that process or transaction, or try again later.",
      connection:
        "Check that the database is running and reachable, has a free connection, and accepts this user. Postgres may still "
        + "have executed the statement. To be sure that rows are stored, offer them again under the same ids.",
      storage: "Check the path, the rights of this process on the file and its folder, and the disk.",
      driver: "Install @effect/sql-libsql to keep the outbox in a file, or @effect/sql-pg to keep it in Postgres.",
      schema: "Check the table's name. Open the outbox once as a user with the right to create and alter the table.",
      data: "Use ASCII characters in ids and outbox names, or a database in UTF-8. Offer fewer or smaller rows in one call.",
      other: "Look up the description in the documentation of the database."
    }[this.reason]
    const code = this.code === undefined || this.description.includes(this.code) ? "" : ` ${this.code}`
    return `The outbox's database failed during ${this.operation} (${this.reason}${code}: ${this.description}). ${check}`
  }
}

/**
 * An outbox with its own database was used within a transaction of another client. The outbox cannot take part in that
 * transaction: the row would be stored and sent even after a rollback. So the call stored nothing.
 *
 * @example
 * import { OutboxError } from "@mammoth-effect/outbox"
 *
 * console.log(new OutboxError.ForeignTransaction({ operation: "offer" }).message)
 *
 * @since 0.1.0
 * @category errors
 */
export class ForeignTransaction extends Schema.TaggedError<ForeignTransaction>(
  "@mammoth-effect/outbox/ForeignTransaction"
)("MammothForeignTransaction", { operation: Schema.String }) {
  override get message(): string {
    return (
      `${this.operation} was called within a transaction of another client. The outbox has its own database and cannot `
      + `take part, so nothing was stored. Use Outbox.layerSql over your SqlClient, or call ${this.operation} after the transaction`
    )
  }
}

/**
 * At least one option is not valid. `issues` lists each wrong option.
 *
 * @example
 * import { OutboxError } from "@mammoth-effect/outbox"
 *
 * const fields = (error: OutboxError.InvalidOptions) => error.issues.map((issue) => issue.path.join("."))
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidOptions extends Schema.TaggedError<InvalidOptions>("@mammoth-effect/outbox/InvalidOptions")(
  "MammothInvalidOptions",
  { issues: Schema.Array(Issue.Issue) }
) {
  override get message(): string {
    return `The outbox's options are not valid: ${Issue.formatAll({ issues: this.issues, omitted: 0 })}`
  }
}

/**
 * The outbox was closed before this call, or while the call waited. The call did not store or delete any row.
 *
 * @example
 * import { OutboxError } from "@mammoth-effect/outbox"
 *
 * const isClosed = (error: unknown) => error instanceof OutboxError.OutboxClosed
 *
 * @since 0.1.0
 * @category errors
 */
export class OutboxClosed extends Schema.TaggedError<OutboxClosed>("@mammoth-effect/outbox/OutboxClosed")(
  "MammothOutboxClosed",
  {}
) {
  override get message(): string {
    return "The outbox has been closed. Call close after all other calls have ended, or open a new outbox"
  }
}

/**
 * The outbox has no webhook, or the webhook's key is not available at the moment. The rows wait until a worker finds
 * the webhook.
 *
 * @example
 * import { OutboxError } from "@mammoth-effect/outbox"
 *
 * const locked = new OutboxError.WebhookUnresolved({ outbox: "orders", reason: "the vault is locked" })
 *
 * @since 0.1.0
 * @category errors
 */
export class WebhookUnresolved extends Schema.TaggedError<WebhookUnresolved>(
  "@mammoth-effect/outbox/WebhookUnresolved"
)("MammothWebhookUnresolved", {
  outbox: Schema.String,
  /** Says why the outbox has no usable webhook. Logs and the status show this reason, so it must not contain a secret. */
  reason: Schema.String,
  /** The error that caused this error, if there is one. The cause must not contain a secret. */
  cause: Schema.optional(Schema.Defect)
}) {
  override get message(): string {
    return `The outbox ${JSON.stringify(this.outbox)} has no usable webhook: ${this.reason}`
  }
}
