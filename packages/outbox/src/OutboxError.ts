/**
 * The errors of an outbox, one for each cause.
 *
 * @since 0.1.0
 */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Schema from "effect/Schema"

/**
 * Says that the database failed. An offer that fails with this has stored no row, with two exceptions. The rows may be
 * stored if the connection to Postgres was lost or silent, or if the file was moved during the offer. In each case, offer
 * the rows again under the same ids.
 *
 * The values of `reason`:
 *
 * - `full`: the disk has no space left;
 * - `readonly`: the database cannot be written to;
 * - `busy`: another process or transaction held a lock for too long, or the transaction conflicted with another one;
 * - `connection`: the connection was lost, refused, or silent for too long, or none was free, or the client is closed;
 * - `storage`: the file cannot be opened, read or written, or is not the file that was opened;
 * - `driver`: the package of the database's driver cannot be loaded;
 * - `schema`: the table does not exist, has an unusable name, or cannot be migrated;
 * - `data`: an id or the outbox's name has a character that the database's encoding lacks, or a row is too large;
 * - `other`: none of these.
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
    /** The message of the database, at most 500 characters. */
    description: Schema.String
  }
) {
  override get message(): string {
    // a serialization failure or a deadlock of Postgres
    const isConflict = this.code === "40001" || this.code === "40P01"
    const check = {
      full: "Make room on the disk.",
      readonly: "Let this process write to the database.",
      busy: isConflict
        ? "This transaction conflicted with another one. Run it again, and offer ids in the same order everywhere."
        : "Another process or transaction has held a lock for too long. End it, or try again later.",
      connection:
        "Check that the database is running and reachable, has a free connection, and accepts this user. Postgres may have "
        + "executed the statement anyway. To be sure that rows are stored, offer them again under the same ids.",
      storage: "Check the file, its folder and the disk.",
      driver: "Install @effect/sql-libsql to keep the outbox in a file, or @effect/sql-pg to keep it in Postgres.",
      schema: "Check the table's name. Open the outbox once as a user that may create and change the table.",
      data: "Use ASCII characters in ids and outbox names, or a database in UTF-8. Offer fewer or smaller rows at once.",
      other: "Look up the description in the documentation of the database."
    }[this.reason]
    const code = this.code === undefined || this.description.includes(this.code) ? "" : ` ${this.code}`
    return `The outbox's database failed in ${this.operation} (${this.reason}${code}: ${this.description}). ${check}`
  }
}

/**
 * Says that an outbox with its own database was used within a transaction of another client. It cannot take part in that
 * transaction: a row would be sent even after a rollback. So nothing was stored.
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
      + "take part, so nothing was stored. Use Outbox.layerSql over your SqlClient, or call it after the transaction"
    )
  }
}

/**
 * Lists the options that cannot be used, by field.
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
 * Says that the outbox was closed before this call, or while the call waited. The call stored and deleted no row.
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
    return "The outbox has been closed. Open another one, or close this one later"
  }
}

/**
 * Says that an outbox has no webhook, or that its key is not available at the moment. Its rows wait until
 * the webhook can be found.
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
  /** The reason, for people. Put no secret here. */
  reason: Schema.String
}) {
  override get message(): string {
    return `The outbox ${JSON.stringify(this.outbox)} has no usable webhook: ${this.reason}`
  }
}
