/** The routes: `POST /orders` accepts an order, and `GET /health` returns the counts of all orders. */
import { HttpRouter, HttpServerRequest, HttpServerResponse } from "@effect/platform"
import { Effect } from "effect"
import { Order, Orders } from "./Orders.js"

export const app = HttpRouter.empty.pipe(
  HttpRouter.post(
    "/orders",
    Effect.gen(function* () {
      const orders = yield* Orders
      const order = yield* HttpServerRequest.schemaBodyJson(Order)
      // Respond with 503 if the buffer is full, so that the caller can send the order again.
      const isTaken = yield* orders.tryOffer(order)
      return HttpServerResponse.empty({ status: isTaken ? 202 : 503 })
    }).pipe(
      Effect.catchTag("ParseError", () => HttpServerResponse.json({ error: "expected an order" }, { status: 400 })),
      Effect.catchTag("RequestError", () => HttpServerResponse.json({ error: "expected JSON" }, { status: 400 }))
    )
  ),
  HttpRouter.get(
    "/health",
    Effect.gen(function* () {
      const { accepted, dead, offered, pending, undelivered, unknown } = yield* Effect.flatMap(
        Orders,
        (orders) => orders.report
      )
      return yield* HttpServerResponse.json({
        offered,
        pending,
        accepted: accepted.rows,
        dead: dead.rows,
        unknown: unknown.rows,
        undelivered: undelivered.rows
      })
    })
  )
)
