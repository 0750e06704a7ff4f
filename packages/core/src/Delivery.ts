/**
 * Levels of certainty about whether the server acted on a request.
 *
 * @since 0.1.0
 */
import * as Order from "effect/Order"
import * as Schema from "effect/Schema"

/**
 * The certainty that the server acted, from least to most:
 *
 * - `NotSent`: it cannot have acted (invalid input, credentials, unknown name, refused connection, TLS failure);
 * - `Rejected`: its response says that it did not act (4xx but 408);
 * - `Unknown`: it may have acted (reset or timeout after sending, 408, 5xx, 3xx);
 * - `Accepted`: it acted, but its response is unusable (a 2xx that is cut off or cannot be decoded).
 *
 * @example
 * import type { Delivery } from "@mammoth-effect/core"
 *
 * const maySendAgain = (delivery: Delivery.Delivery) => delivery === "NotSent" || delivery === "Rejected"
 *
 * @since 0.1.0
 * @category schemas
 */
export const Delivery: Schema.Literal<["NotSent", "Rejected", "Unknown", "Accepted"]> = Schema.Literal(
  "NotSent",
  "Rejected",
  "Unknown",
  "Accepted"
)

/**
 * One of the four levels of certainty that the server acted.
 *
 * @since 0.1.0
 * @category models
 */
export type Delivery = typeof Delivery.Type

/**
 * Returns the greater of two deliveries. An attempt that may have acted stays so, whatever happens to the next one.
 *
 * @example
 * import { Delivery } from "@mammoth-effect/core"
 *
 * console.log(Delivery.max("Unknown", "Rejected")) // Unknown
 *
 * @since 0.1.0
 * @category combining
 */
export const max: (self: Delivery, that: Delivery) => Delivery = Order.max(
  Order.mapInput(Order.number, (delivery: Delivery) => Delivery.literals.indexOf(delivery))
)
