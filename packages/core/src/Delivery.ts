/**
 * Four levels of certainty that the server acted on a request.
 *
 * @since 0.1.0
 */
import * as Order from "effect/Order"
import * as Schema from "effect/Schema"

/**
 * A level of certainty that the server acted on a request. The levels, from the lowest to the highest:
 *
 * - `NotSent`: the server cannot have acted (invalid input, no credentials, unknown host name, refused connection, TLS
 *   failure).
 * - `Rejected`: the response says that the server did not act (a 4xx other than 408).
 * - `Unknown`: the server may have acted (a reset or timeout after sending, 408, 5xx, 3xx).
 * - `Accepted`: the server acted, but its response is unusable (a 2xx that is cut off or cannot be decoded).
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
 * Returns the greater of two deliveries, in the order of {@link Delivery}. Use this function to combine the deliveries
 * of a call's attempts: if the server may have acted on one attempt, later attempts cannot undo the action.
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
