/** Starts a TCP proxy in front of a database. The proxy can close its connections, or stop forwarding bytes. */
import { connect, createServer, type Socket } from "node:net"
import { Effect } from "effect"

export const make = (to: URL) =>
  Effect.gen(function* () {
    const sockets = new Set<Socket>()
    const silent = new WeakSet<Socket>()
    let isUp = true
    const server = createServer((socket) => {
      if (!isUp) {
        socket.destroy()
        return
      }
      const upstream = connect(Number(to.port === "" ? 5432 : to.port), to.hostname)
      for (const [each, other] of [
        [socket, upstream],
        [upstream, socket]
      ] as const) {
        sockets.add(each)
        each.on("data", (bytes: Buffer) => {
          if (silent.has(socket)) return
          // Ignore backpressure: the sender waits for a response, so few bytes are buffered.
          other.write(bytes)
        })
        each.on("end", () => other.end())
        each.on("error", () => other.destroy())
        each.on("close", () => {
          sockets.delete(each)
          other.destroy()
        })
      }
    })
    const cut = Effect.sync(() => {
      for (const socket of sockets) socket.destroy()
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.zipRight(
          cut,
          Effect.sync(() => server.close())
        )
    )
    const address = server.address()
    const url = new URL(to)
    url.hostname = "127.0.0.1"
    url.port = String(typeof address === "object" && address !== null ? address.port : 0)
    return {
      url: url.toString(),
      /** Closes every connection, and accepts no new one. */
      down: Effect.zipRight(
        Effect.sync(() => {
          isUp = false
        }),
        cut
      ),
      /** Drops all further bytes of the open connections, without closing them. */
      silence: Effect.sync(() => {
        for (const socket of sockets) silent.add(socket)
      }),
      up: Effect.sync(() => {
        isUp = true
      })
    }
  })
