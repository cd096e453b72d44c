import { type BlockList, isIP, isIPv6, SocketAddress } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { isWithin } from './networks.ts'

/** More proxies than any deployment has, so that a long header costs no more. */
const proxiesMax = 16

/**
 * The address that a request came from. `X-Forwarded-For` is read from the right while the address is in `trustedProxies`, since each
 * of our proxies appends its peer and the client wrote everything to the left of that. Reading stops at an entry that is no address,
 * and after 16 entries. Undefined when the peer is unknown.
 */
export function findClientAddress(
  forwardedFor: string | undefined,
  peer: string | undefined,
  trustedProxies: BlockList,
): string | undefined {
  let client = parseAddress(peer ?? '')
  let proxies = 0
  for (const entry of entriesFromTheRight(forwardedFor ?? '')) {
    if (client === undefined || !isWithin(trustedProxies, client)) break
    const next = parseAddress(entry)
    proxies += 1
    if (next === undefined || proxies > proxiesMax) break
    client = next
  }
  return client
}

/** `findClientAddress` for a request of an app; undefined when the app is called without a socket, as tests do. */
export function clientAddressOf(c: Context, trustedProxies: BlockList): string | undefined {
  return findClientAddress(c.req.header('x-forwarded-for'), peerAddress(c), trustedProxies)
}

/** Undefined when the app is called without a socket, as tests do. */
function peerAddress(c: Context): string | undefined {
  return 'incoming' in (c.env ?? {}) ? getConnInfo(c).remote.address : undefined
}

/** The key that a rate limit counts an address by: an IPv4 address, or the /64 network of an IPv6 one, which one client has whole. */
export function limitedNetworkOf(address: string | undefined): string {
  if (address === undefined) return 'unknown'
  return isIPv6(address) ? `${expandIpv6(address).slice(0, 4).join(':')}::/64` : address
}

/** One entry at a time, since a client may send a header of 16 KiB. Empty entries are skipped (RFC 9110, 5.6.1.2). */
function* entriesFromTheRight(list: string): Generator<string> {
  for (let end = list.length; end > 0; ) {
    const comma = list.lastIndexOf(',', end - 1)
    const entry = list.slice(comma + 1, end).trim()
    if (entry !== '') yield entry
    end = comma
  }
}

/** Normalizes an address: without port and zone, and IPv4-mapped IPv6 as IPv4. Undefined for any other text. */
function parseAddress(text: string): string | undefined {
  // An ALB that is configured to keep the port writes "203.0.113.9:5000" and "[2001:db8::1]:5000".
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d{1,5})?$/.exec(text) ?? []
  const address = (bracketed ?? dotted ?? text).replace(/%.*$/, '')
  if (isIP(address) !== 6) return isIP(address) === 4 && bracketed === undefined ? address : undefined
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(canonical)?.[1] ?? canonical
}

function expandIpv6(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array<string>(zeros).fill('0'), ...right]
}
