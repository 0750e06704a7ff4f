/**
 * The server's transport over stdin and stdout. When the input ends, this transport waits some time for the requests in
 * flight. So the server can still respond to piped lines, and report the outcomes of rows in flight. The transport of
 * the MCP SDK would not wait.
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
import { ProtocolError } from "../shell/errors.js"

/** The longest time to wait for requests in flight after the input has ended. */
const grace = Duration.seconds(3)

/**
 * The maximum size of a message, in bytes. A larger message stops the server, because the server holds messages in
 * memory.
 */
export const longestMessage = 10_000_000

/** The transport of one connection. */
interface Wire {
  readonly transport: Transport
  /** Waits until the connection has closed. Fails if a message was too long. */
  readonly closed: Effect.Effect<void, ProtocolError>
}

const newline = 0x0a

/**
 * Makes a function that takes the chunks of a stream, and calls `onTooLong` when a line is too long. The length of the
 * current line is mutable, because chunks arrive in callbacks.
 */
const watchLines = (onTooLong: () => void) => {
  let length = 0
  return (chunk: Buffer): void => {
    const last = chunk.lastIndexOf(newline)
    const first = chunk.indexOf(newline)
    const longest = length + (first < 0 ? chunk.length : first)
    length = last < 0 ? longest : chunk.length - last - 1
    if (longest > longestMessage || length > longestMessage) onTooLong()
  }
}

/**
 * Tracks the requests in flight, and reports when no request is in flight. The sets are mutable, because the
 * transport's callbacks change them.
 */
const makeInFlight = () => {
  const ids = new Set<string | number>()
  const waiters = new Set<() => void>()
  const settle = (id: string | number | undefined) => {
    if (id !== undefined) ids.delete(id)
    if (ids.size === 0) for (const waiter of waiters) waiter()
  }
  return {
    received: (message: JSONRPCMessage) => {
      // Do not count a subscription as a request in flight, because it gets no response while the connection lasts.
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

/** Waits until a stream has ended. */
const ended = (stream: Readable): Effect.Effect<void> =>
  Effect.async((resume) => {
    const end = () => resume(Effect.void)
    if (stream.readableEnded || stream.destroyed) return end()
    stream.once("end", end).once("close", end)
    return Effect.sync(() => stream.off("end", end).off("close", end))
  })

/** Makes the transport. Stops reading the input when the scope ends. */
export const make = (stdin: Readable, stdout: Writable): Effect.Effect<Wire, never, Scope.Scope> =>
  Effect.gen(function* () {
    const closed = yield* Deferred.make<void, ProtocolError>()
    const watch = watchLines(() => {
      Deferred.unsafeDone(
        closed,
        Effect.fail(
          new ProtocolError({ message: `stdin: a message is longer than ${longestMessage.toLocaleString("en")} bytes` })
        )
      )
    })
    const inFlight = makeInFlight()
    const input = yield* Effect.acquireRelease(
      Effect.sync(() => new PassThrough()),
      (input) => Effect.sync(() => void stdin.off("data", watch).unpipe(input).pause())
    )
    // The transport of the MCP SDK ends silently when its buffer reaches the limit. So set the limit to twice the
    // maximum size of a message: the buffer can hold a message and a whole chunk after it. `watchLines` then reports a
    // message that is too large before the buffer reaches the limit.
    const stdio = new StdioServerTransport(input, stdout, { maxBufferSize: 2 * longestMessage })
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
        stdin.on("data", watch).pipe(input, { end: false })
        return stdio.start()
      },
      send: (message) => stdio.send(message).finally(() => inFlight.sent(message)),
      close: () => stdio.close()
    }
    yield* Effect.forkScoped(
      ended(stdin).pipe(
        // Wait for one turn of the event loop, because the transport may not have received the last lines yet.
        Effect.zipRight(Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))),
        Effect.zipRight(Effect.timeoutOption(inFlight.none, grace)),
        Effect.zipRight(Effect.sync(() => input.end()))
      )
    )
    return { transport, closed: Deferred.await(closed) }
  })
