/**
 * The hosts that a request may name. A page can point a host name of its own at this machine (DNS rebinding), and its
 * browser then takes this server for the page's own origin. Only the name in the request tells the two apart.
 */
import type { IncomingMessage } from "node:http"
import * as Net from "node:net"

/** The address that the server listens on, and the hosts that it serves. */
export interface Address {
  readonly host: string
  /** Beside those of `host`. */
  readonly allowedHosts: ReadonlyArray<string>
  readonly port: number
}

export interface Hosts {
  /** Are all hosts that this request names hosts of this server? */
  readonly include: (request: IncomingMessage) => boolean
  /** Describes these hosts for people. */
  readonly description: string
}

const loopback = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Does a server that listens on this address take connections to any address of this machine? */
export const isAnyAddress = (address: string): boolean => address === "0.0.0.0" || address === "::"

/**
 * Returns the name or address in a `Host` header, in lower case and without its port; `undefined` if it holds neither.
 */
const nameOf = (host: string): string | undefined =>
  /^(\[[^\]]+\]|[^:]+?)\.?(:\d*)?$/.exec(host.trim().toLowerCase())?.[1]

/** The authority of a request target in absolute form, which counts instead of the `Host` header. */
const authorityOf = (target: string): string | undefined => /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1]

/**
 * Each host that a request names: in its target, and in every `Host` header. Without any the request is HTTP/1.0, which
 * no browser speaks.
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

/** The hosts of a server that was told to listen on `address`, and listens on `actual`. */
export const make = (address: Address, actual: string): Hosts => {
  const hosts = [address.host, actual, ...address.allowedHosts].filter((host) => !isAnyAddress(host))
  const names = new Set(hosts.map(inUrl))
  // nobody can point an address elsewhere, so a request may name any address of this machine
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
