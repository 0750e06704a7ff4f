/**
 * The transport over stdin and stdout. It differs from that of the SDK at the end of the input: requests in flight have
 * some time to end, so that the answers to piped lines are written, and rows in flight have a known end.
 */
import { PassThrough, type Readable, type Writable } from "node:stream"
import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type Transport
} from "@modelcontextprotocol/server"
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** The time that requests in flight have after the end of the input. */
const grace = Duration.seconds(3)

/** The transport, and the end of the connection. */
interface Wire {
  readonly transport: Transport
  readonly closed: Effect.Effect<void>
}

/** Tells when no request is in flight. It is mutable because the callbacks of the transport change it. */
const makeInFlight = () => {
  const ids = new Set<string | number>()
  const waiters = new Set<() => void>()
  const settle = (id: string | number | undefined) => {
    if (id !== undefined) ids.delete(id)
    if (ids.size === 0) for (const waiter of waiters) waiter()
  }
  return {
    received: (message: JSONRPCMessage) => {
      // a subscription has no answer while the connection lasts
      if (isJSONRPCRequest(message) && message.method !== "subscriptions/listen") ids.add(message.id)
      if (isJSONRPCNotification(message) && message.method === "notifications/cancelled") {
        const id = message.params?.["requestId"]
        if (typeof id === "string" || typeof id === "number") settle(id)
      }
    },
    sent: (message: JSONRPCMessage) => {
      if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) settle(message.id)
    },
    none: Effect.async<void>((resume) => {
      const waiter = () => resume(Effect.void)
      waiters.add(waiter)
      if (ids.size === 0) waiter()
      return Effect.sync(() => waiters.delete(waiter))
    })
  }
}

/** Waits for the end of a stream. */
const ended = (stream: Readable): Effect.Effect<void> =>
  Effect.async((resume) => {
    const end = () => resume(Effect.void)
    if (stream.readableEnded || stream.destroyed) return end()
    stream.once("end", end).once("close", end)
    return Effect.sync(() => stream.off("end", end).off("close", end))
  })

/** Makes the transport. When the scope ends, the input is no longer read. */
export const make = (stdin: Readable, stdout: Writable): Effect.Effect<Wire, never, Scope.Scope> =>
  Effect.gen(function* () {
    const closed = yield* Deferred.make<void>()
    const inFlight = makeInFlight()
    const input = yield* Effect.acquireRelease(
      Effect.sync(() => new PassThrough()),
      (input) => Effect.sync(() => void stdin.unpipe(input).pause())
    )
    const stdio = new StdioServerTransport(input, stdout)
    const listeners: Pick<Transport, "onmessage" | "onerror" | "onclose"> = {
      onmessage: (message) => {
        inFlight.received(message)
        transport.onmessage?.(message)
      },
      onerror: (error) => transport.onerror?.(error),
      onclose: () => {
        transport.onclose?.()
        Deferred.unsafeDone(closed, Effect.void)
      }
    }
    const transport: Transport = {
      start: () => {
        Object.assign(stdio, listeners)
        stdin.pipe(input, { end: false })
        return stdio.start()
      },
      send: (message) => stdio.send(message).finally(() => inFlight.sent(message)),
      close: () => stdio.close()
    }
    yield* Effect.forkScoped(
      ended(stdin).pipe(
        // the last lines may still be on their way through the input
        Effect.zipRight(Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))),
        Effect.zipRight(Effect.timeoutOption(inFlight.none, grace)),
        Effect.zipRight(Effect.sync(() => input.end()))
      )
    )
    return { transport, closed: Deferred.await(closed) }
  })
