/**
 * Decides which hosts a request may name. A page can point its own host name at this machine (DNS rebinding). The
 * browser then treats this server as the page's own origin. Only the host name in the request shows the difference.
 */
import type { IncomingMessage } from "node:http"
import * as Net from "node:net"

/** The address that the server listens on, and the hosts that it serves. */
export interface Address {
  readonly host: string
  /** Further hosts that the server serves, in addition to `host`. */
  readonly allowedHosts: ReadonlyArray<string>
  readonly port: number
}

export interface Hosts {
  /** Returns true if this server serves every host that the request names. */
  readonly include: (request: IncomingMessage) => boolean
  /** The names of the hosts that the server serves, for messages. */
  readonly description: string
}

const loopback = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Returns true if a server on this address accepts connections to every address of this machine. */
export const isAnyAddress = (address: string): boolean => address === "0.0.0.0" || address === "::"

/**
 * Returns the name or address in a `Host` header, in lower case and without its port. Returns `undefined` if the header
 * has no valid name.
 */
const nameOf = (host: string): string | undefined =>
  /^(\[[^\]]+\]|[^:]+?)\.?(:\d*)?$/.exec(host.trim().toLowerCase())?.[1]

/** Returns the authority of an absolute request target, which counts instead of the `Host` header. */
const authorityOf = (target: string): string | undefined => /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1]

/**
 * Lists the hosts that a request names, in its target and in every `Host` header. The list is empty if the request
 * names no host. HTTP/1.0 permits this, but browsers do not send HTTP/1.0.
 */
const named = ({ rawHeaders, url = "" }: IncomingMessage): ReadonlyArray<string> => {
  const target = url.startsWith("/") ? undefined : authorityOf(url)
  const hosts = target === undefined ? [] : [target]
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === "host") hosts.push(rawHeaders[i + 1] ?? "")
  }
  return hosts
}

const inUrl = (host: string): string => (Net.isIPv6(host) ? `[${host}]` : host).toLowerCase()

/**
 * Makes the check for allowed hosts. `address` is from the options, and `actual` is the IP address on which the server
 * listens.
 */
export const make = (address: Address, actual: string): Hosts => {
  const hosts = [address.host, actual, ...address.allowedHosts].filter((host) => !isAnyAddress(host))
  const names = new Set(hosts.map(inUrl))
  // If the server listens on every address, accept every IP address: DNS rebinding needs a name, not an IP address.
  const takesAddresses = isAnyAddress(actual)
  const includes = (host: string): boolean => {
    const name = nameOf(host)
    if (name === undefined) return false
    return (
      loopback.test(name) || names.has(name) || (takesAddresses && Net.isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0)
    )
  }
  const others = [...names].filter((name) => !loopback.test(name))
  return {
    include: (request) => named(request).every(includes),
    description: ["localhost", ...(takesAddresses ? ["IP addresses"] : []), ...others].join(", ")
  }
}
