/**
 * What is known about whether the server acted on a request.
 *
 * @since 0.1.0
 */
import * as Order from "effect/Order"
import * as Schema from "effect/Schema"

/**
 * What is known about whether the server acted, from least to most:
 *
 * - `NotSent`: it cannot have acted (invalid input, credentials, unknown name, refused connection, TLS failure);
 * - `Rejected`: it answered that it did not act (4xx but 408);
 * - `Unknown`: it may have acted (reset or timeout after sending, 408, 5xx, 3xx);
 * - `Accepted`: it acted, but its answer is unusable (a 2xx that is cut off or cannot be decoded).
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
 * One of the four things that can be known about whether the server acted.
 *
 * @since 0.1.0
 * @category models
 */
export type Delivery = typeof Delivery.Type

/**
 * What is known after two attempts: the greater of the two, since what may have happened cannot be taken back.
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
