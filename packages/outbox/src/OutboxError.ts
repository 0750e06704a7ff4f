/**
 * The errors of an outbox, one for each cause.
 *
 * @since 0.1.0
 */
import * as Issue from "@mammoth-effect/core/Issue"
import * as Schema from "effect/Schema"

/**
 * The database did not do what it was asked to. Rows of an offer that fails so are not stored, except that nobody knows it
 * when the connection to Postgres was lost or silent. Offer them again under the same ids.
 *
 * `reason` is one of
 *
 * - `full`: no space is left;
 * - `readonly`;
 * - `busy`: locked by another for too long;
 * - `connection`: lost, refused, silent for too long, none left, or the client is closed;
 * - `storage`: the file cannot be opened, read or written, or is not the file that was opened;
 * - `driver`: the package of the database's driver cannot be loaded;
 * - `schema`: there is no such table, or it cannot be migrated;
 * - `data`: the database cannot hold an id or the outbox's name, as its encoding lacks a character, or a row is too large;
 * - `other`.
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
    /** The database's or the system's code, such as `SQLITE_FULL` or `ECONNREFUSED`, if there is one. */
    code: Schema.optional(Schema.String),
    /** The words of the database, at most 500 characters. */
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
        ? "Another transaction was in the way of this one: run this one again, and offer ids in the same order everywhere."
        : "Another holds the database for long: end its transaction.",
      connection:
        "Check that the database is up, can be reached, has a connection left, and lets this user in. Postgres may have "
        + "carried the statement out all the same: an offer of the same ids tells.",
      storage: "Check the file, its folder and the disk.",
      driver: "Install @effect/sql-libsql to keep the outbox in a file, or @effect/sql-pg to keep it in Postgres.",
      schema: "Check the table's name, and let the layer create or change the table with a user that may.",
      data: "Use ids and outbox names of ASCII characters, or a database in UTF8, and offer less at once.",
      other: "The database tells no more."
    }[this.reason]
    const code = this.code === undefined || this.description.includes(this.code) ? "" : ` ${this.code}`
    return `The outbox's database failed in ${this.operation} (${this.reason}${code}: ${this.description}). ${check}`
  }
}

/**
 * An outbox with a database of its own was used within a transaction of another client, which it cannot take part in:
 * what is rolled back there would be sent all the same. Nothing was stored.
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
      `The outbox has a database of its own, and cannot take part in the transaction around ${this.operation}: `
      + "nothing was stored. Use Outbox.layerSql, which is over your SqlClient, or call it after the transaction"
    )
  }
}

/**
 * Options that cannot be used, by field.
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
 * The outbox was closed before this call or while it waited. A call that was to store or delete rows did not do so.
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
    return "The outbox has been closed: open another, or close it later"
  }
}

/**
 * There is no webhook for an outbox's name, or its key cannot be had at the moment. Rows wait until there is.
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
  /** Why, in words; put no secret here. */
  reason: Schema.String
}) {
  override get message(): string {
    return `No webhook for the outbox ${JSON.stringify(this.outbox)}: ${this.reason}`
  }
}
