import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { RetryPolicy, Webhooks } from "../src/index.js"
import * as Script from "./support/Script.js"

const url = "http://127.0.0.1:40999/api/v2/webhooks/data/sesame?patient=Ada+Lovelace"

/**
 * One recorded failure: what happened, the expected reason and delivery, and the errors that the runtime threw. Each
 * error has the next error as its cause.
 */
type Recorded = readonly [what: string, told: string, ...errors: ReadonlyArray<object>]

const failed = { name: "TypeError", message: "fetch failed" }

/** The errors of Deno 2.9. */
const deno = (message: string) => [failed, { name: "Error", message }] as const
const connecting = (message: string) =>
  deno(`error sending request for url (${url}): client error (Connect): ${message}`)
const sending = (message: string) =>
  deno(
    `error sending request from 127.0.0.1:45238 for ${url} (127.0.0.1:40999): client error (SendRequest): ${message}`
  )

/** The errors of Bun 1.4. */
const bun = (code: string, message: string) => ({ name: "TypeError", message, code, path: url, errno: 0 })
/** The errors of Bun 1.1 to 1.3. */
const oldBun = (code: string, message: string) => ({ name: "Error", message, code, path: url, errno: 0 })
const unable = "Unable to connect. Is the computer able to access the url?"
const typo = "Was there a typo in the url or port?"
const closedUnexpectedly =
  "The socket connection was closed unexpectedly. For more information, pass `verbose: true` in the second argument to fetch()"

const ssl = (code: string, message: string) => ({
  name: "Error",
  message: `804C659AC47F0000:error:0A00042E:SSL routines:ssl3_read_bytes:${message}:../deps/openssl/openssl/ssl/record/rec_layer_s3.c:1601:`,
  code
})
const undici = (code: string, message: string) => ({ name: "UndiciError", message, code })

const runtimes: Readonly<Record<string, ReadonlyArray<Recorded>>> = {
  Deno: [
    ["a refused connection", "connect NotSent", ...connecting("tcp connect error: Connection refused (os error 111)")],
    [
      "an unreachable network",
      "connect NotSent",
      ...connecting("tcp connect error: Network is unreachable (os error 101)")
    ],
    [
      "a blocked port",
      "connect NotSent",
      { name: "TypeError", message: "Fetch failed: Requests to port 6667 are blocked" }
    ],
    [
      "an unknown host name",
      "dns NotSent",
      ...connecting("dns error: failed to lookup address information: Name or service not known")
    ],
    [
      "an untrusted certificate",
      "tls NotSent",
      ...connecting("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))")
    ],
    ["a server without TLS", "tls NotSent", ...connecting("tls handshake eof")],
    ["a refused TLS version", "tls NotSent", ...connecting("received fatal alert: ProtocolVersion")],
    ["plain HTTP instead of TLS", "tls NotSent", ...connecting("received corrupt message of type InvalidContentType")],
    ["a reset during the handshake", "connect NotSent", ...connecting("Connection reset by peer (os error 104)")],
    ["a proxy that requires authentication", "connect NotSent 407", ...connecting("proxy authentication required")],
    ["a proxy that refuses to connect", "connect NotSent", ...connecting("unsuccessful tunnel")],
    ["a proxy that closes the connection", "connect NotSent", ...connecting("unexpected eof while tunneling")],
    ["a reset connection", "reset Unknown", ...deno("Connection reset by peer (os error 104)")],
    ["a broken pipe", "reset Unknown", ...deno("Broken pipe (os error 32)")],
    ["a closed connection", "closed Unknown", ...sending("connection closed before message completed")],
    ["a response that is not HTTP", "other Unknown", ...sending("invalid HTTP version parsed")],
    ["plain bytes in a TLS connection", "tls Unknown", ...deno("received corrupt message of type InvalidContentType")],
    [
      "a TLS connection that is closed without notice",
      "tls Unknown",
      ...deno("peer closed connection without sending TLS close_notify: https://docs.rs/rustls/#unexpected-eof")
    ]
  ],
  Bun: [
    ["a refused connection", "connect NotSent", bun("ECONNREFUSED", `ECONNREFUSED: ${unable}`)],
    ["an unreachable network", "connect NotSent", bun("ENETUNREACH", `ENETUNREACH: ${typo}`)],
    ["no route to the host", "connect NotSent", bun("EHOSTUNREACH", `EHOSTUNREACH: ${unable}`)],
    [
      "an unknown host name",
      "dns NotSent",
      { ...bun("ENOTFOUND", "getaddrinfo ENOTFOUND no-such-host.invalid"), syscall: "getaddrinfo" }
    ],
    ["an untrusted certificate", "tls NotSent", bun("DEPTH_ZERO_SELF_SIGNED_CERT", "self signed certificate")],
    // Expect Unknown: Bun reports this error for a failed handshake, but also for a connection that breaks much later.
    [
      "a failed handshake",
      "tls Unknown",
      bun("EPROTO", "EPROTO: The TLS handshake failed. Does the server speak TLS on this port?")
    ],
    [
      "a proxy that refuses to connect",
      "connect NotSent 403",
      { name: "Error", message: "Proxy refused to open a tunnel: 403 Nope", status: 403 }
    ],
    ["a reset connection", "reset Unknown", bun("ECONNRESET", `ECONNRESET: ${closedUnexpectedly}`)],
    ["an immediate reset", "reset Unknown", bun("ECONNRESET", `ECONNRESET: ${unable}`)],
    [
      "a response that is not HTTP",
      "other Unknown",
      bun("Malformed_HTTP_Response", `Malformed_HTTP_Response fetching "${url}". For more`)
    ]
  ],
  "Bun before 1.4": [
    ["a refused connection", "connect NotSent", oldBun("ConnectionRefused", unable)],
    ["an unreachable network", "connect NotSent", oldBun("FailedToOpenSocket", typo)],
    ["an untrusted certificate", "tls NotSent", oldBun("DEPTH_ZERO_SELF_SIGNED_CERT", "self signed certificate")],
    [
      "a server without TLS",
      "tls NotSent",
      oldBun("UNKNOWN_CERTIFICATE_VERIFICATION_ERROR", "unknown certificate verification error")
    ],
    ["a reset connection", "reset Unknown", oldBun("ConnectionClosed", closedUnexpectedly)]
  ],
  browsers: [
    ["any failure in Chromium", "other Unknown", { name: "TypeError", message: "Failed to fetch" }],
    [
      "any failure in Firefox",
      "other Unknown",
      { name: "TypeError", message: "NetworkError when attempting to fetch resource." }
    ],
    ["any failure in Safari", "other Unknown", { name: "TypeError", message: "Load failed" }]
  ],
  Workers: [["a closed connection", "closed Unknown", { name: "Error", message: "Network connection lost." }]],
  Node: [
    [
      "a server without TLS",
      "tls NotSent",
      { message: "Client network socket disconnected before secure TLS connection was established", code: "ECONNRESET" }
    ],
    ["an outdated TLS version", "tls NotSent", ssl("ERR_SSL_UNSUPPORTED_PROTOCOL", "unsupported protocol")],
    // Expect Unknown, because these errors can also come after the handshake, when the request may have been sent.
    ["plain bytes instead of TLS", "tls Unknown", ssl("ERR_SSL_WRONG_VERSION_NUMBER", "wrong version number")],
    ["a TLS record that is too long", "tls Unknown", ssl("ERR_SSL_PACKET_LENGTH_TOO_LONG", "packet length too long")],
    ["a TLS alert", "tls Unknown", ssl("ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "sslv3 alert handshake failure")],
    [
      "a missing client certificate",
      "tls Unknown",
      ssl("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "alert certificate required")
    ],
    ["a TCP timeout", "closed Unknown", { message: "read ETIMEDOUT", code: "ETIMEDOUT", syscall: "read" }],
    [
      "no free local port",
      "connect NotSent",
      { message: "connect EADDRNOTAVAIL", code: "EADDRNOTAVAIL", syscall: "connect" }
    ],
    ["a DNS server that fails", "dns NotSent", { message: "queryA ESERVFAIL", code: "ESERVFAIL", syscall: "queryA" }],
    [
      "a proxy that refuses to connect",
      "connect NotSent 407",
      {
        message:
          "Failed to establish tunnel to app.mammoth.io:443 via http://user:pass@127.0.0.1:3128/: HTTP/1.1 407 Proxy Authentication Required",
        code: "ERR_PROXY_TUNNEL",
        statusCode: 407
      }
    ],
    [
      "a proxy that closes the connection",
      "connect NotSent",
      { message: "Connection to establish proxy tunnel ended unexpectedly", code: "ERR_PROXY_TUNNEL" }
    ],
    [
      "a proxy that refuses a tunnelling agent",
      "connect NotSent 503",
      { message: "tunneling socket could not be established, statusCode=503", code: "ECONNRESET" }
    ],
    [
      "one address that refuses, and another address that may have received the request",
      "reset Unknown",
      {
        message: "",
        code: "ECONNREFUSED",
        errors: [
          { message: "connect ECONNREFUSED ::1:1", code: "ECONNREFUSED", syscall: "connect" },
          { message: "read ECONNRESET", code: "ECONNRESET", syscall: "read" }
        ]
      }
    ],
    [
      "one address that may have received the request, and another address that refuses",
      "connect Unknown",
      {
        message: "",
        code: "ECONNREFUSED",
        errors: [
          { message: "read ECONNRESET", code: "ECONNRESET", syscall: "read" },
          { message: "connect ECONNREFUSED ::1:1", code: "ECONNREFUSED", syscall: "connect" }
        ]
      }
    ]
  ],
  undici: [
    ["an invalid header", "other NotSent", failed, undici("UND_ERR_INVALID_ARG", "invalid transfer-encoding header")],
    [
      "a header that undici cannot send",
      "other NotSent",
      failed,
      undici("UND_ERR_NOT_SUPPORTED", "expect header not supported")
    ],
    ["a closed dispatcher", "other NotSent", undici("UND_ERR_CLOSED", "The client is closed")],
    ["a pool without servers", "other NotSent", undici("UND_ERR_BPL_MISSING_UPSTREAM", "No upstream has been added")],
    ["too many origins", "other NotSent", undici("UND_ERR_MAX_ORIGINS_REACHED", "Maximum allowed origins reached")],
    [
      "a proxy whose TLS connection fails",
      "connect NotSent",
      undici("UND_ERR_PRX_TLS", "Secure Proxy Connection failed")
    ],
    [
      "a SOCKS proxy that refuses the authentication",
      "connect NotSent",
      undici("UND_ERR_SOCKS5_AUTH_FAILED", "Authentication failed")
    ],
    [
      "a proxy that refuses to connect",
      "connect NotSent 502",
      failed,
      { name: "Error", message: "Request was cancelled." },
      undici("UND_ERR_ABORTED", "Proxy response (502) !== 200 when HTTP Tunneling")
    ],
    [
      "a proxy for plain HTTP that requires authentication",
      "connect NotSent 407",
      undici("UND_ERR_INVALID_ARG", "Proxy Authentication Required (407)")
    ],
    // Expect Unknown, because these errors can also come after the request was sent.
    [
      "a redirect that loops",
      "other Unknown",
      undici("UND_ERR_INVALID_ARG", "Redirect loop detected. Cannot redirect")
    ],
    ["a destroyed dispatcher", "closed Unknown", undici("UND_ERR_DESTROYED", "The client is destroyed")],
    ["an aborted request", "other Unknown", undici("UND_ERR_ABORTED", "Request aborted")],
    [
      "a body whose length is wrong",
      "other Unknown",
      undici("UND_ERR_REQ_CONTENT_LENGTH_MISMATCH", "Request body length")
    ],
    ["a closed connection", "closed Unknown", failed, undici("UND_ERR_SOCKET", "other side closed")]
  ]
}

const call = (errors: ReadonlyArray<object>, retry: RetryPolicy.Service) => {
  const error = errors.reduceRight((cause: object | undefined, each) =>
    cause === undefined ? each : { ...each, cause }
  )
  const attempts = Array.from({ length: 4 }, (): Script.Step => ({ error }))
  return Effect.flip(Webhooks.addDataUsingGet("sesame", { patient: "Ada Lovelace" })).pipe(
    Effect.provide(Script.layer(attempts, { retry }))
  )
}

for (const [runtime, recorded] of Object.entries(runtimes)) {
  describe(`An error of ${runtime}`, () => {
    for (const [what, told, ...errors] of recorded) {
      it.effect(`becomes a TransportError (${told}) that hides the address and the row: ${what}`, () =>
        Effect.gen(function* () {
          const error = yield* call(errors, RetryPolicy.none)
          assert.strictEqual(error._tag, "MammothTransportError")
          if (error._tag !== "MammothTransportError") return
          const status = error.proxyStatus === undefined ? "" : ` ${error.proxyStatus}`
          assert.strictEqual(`${error.reason} ${error.delivery}${status}`, told)
          assert.notStrictEqual(error.description, "")
          assert.notMatch(JSON.stringify(error) + error.message, /Lovelace|sesame|:\/\/|pass@/)
          if (error.proxyStatus !== undefined) {
            assert.include(
              error.message,
              `Check the proxy, which refused to connect to the server (${error.proxyStatus})`
            )
          }
        })
      )
    }
  })
}

describe("A call through a proxy that refuses to connect", () => {
  for (const [status, attempts] of [
    [407, 1],
    [403, 1],
    [429, 4],
    [502, 4]
  ] as const) {
    it.live(`makes ${attempts} ${attempts === 1 ? "attempt" : "attempts"} if the proxy responds with ${status}`, () =>
      Effect.gen(function* () {
        const refused = { message: `Proxy response (${status}) !== 200 when HTTP Tunneling`, code: "UND_ERR_ABORTED" }
        const error = yield* call([refused], RetryPolicy.make({ initialInterval: 1 }))
        assert.deepInclude(error, { attempts, delivery: "NotSent", proxyStatus: status })
      })
    )
  }
})

describe("A temporary failure of the resolver", () => {
  it.live("is retried on Deno, as on other runtimes", () =>
    Effect.gen(function* () {
      const away = "dns error: failed to lookup address information: Temporary failure in name resolution"
      const error = yield* call(connecting(away), RetryPolicy.make({ initialInterval: 1 }))
      assert.deepInclude(error, { attempts: 4, reason: "dns", code: "EAI_AGAIN" })
    })
  )
})
