import { type BlockList, isIP, isIPv6, SocketAddress } from 'node:net'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import { isWithin } from './networks.ts'

/** More proxies than any deployment has: what comes behind them was written by the client. */
const proxiesMax = 16

/**
 * The address that a request came from. `X-Forwarded-For` is read from the right, for as long as the last address is one of our
 * proxies, since each of them appends its peer and everything to the left is the client's own. An entry that is no address ends
 * the walk. Undefined when the peer is unknown.
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

/** The address that a request to an app came from, past `trustedProxies`; undefined where there is no socket, as in a test. */
export function clientAddressOf(c: Context, trustedProxies: BlockList): string | undefined {
  return findClientAddress(c.req.header('x-forwarded-for'), peerAddress(c), trustedProxies)
}

/** Undefined when the app is called without a socket, as tests do. */
function peerAddress(c: Context): string | undefined {
  return 'incoming' in (c.env ?? {}) ? getConnInfo(c).remote.address : undefined
}

/** What a limit counts for an address: the address itself, and of IPv6 the first 64 bits, which one client owns as a whole. */
export function limitedNetworkOf(address: string | undefined): string {
  if (address === undefined) return 'unknown'
  return isIPv6(address) ? `${expandIpv6(address).slice(0, 4).join(':')}::/64` : address
}

/** One at a time, since a client may send 16 KiB. Empty entries of a list count for nothing (RFC 9110, 5.6.1.2). */
function* entriesFromTheRight(list: string): Generator<string> {
  for (let end = list.length; end > 0; ) {
    const comma = list.lastIndexOf(',', end - 1)
    const entry = list.slice(comma + 1, end).trim()
    if (entry !== '') yield entry
    end = comma
  }
}

/** In one spelling, without port and zone; IPv4 inside of IPv6 as IPv4. Undefined for what is no address. */
function parseAddress(text: string): string | undefined {
  // An ALB that is asked to keep the port writes "203.0.113.9:5000" and "[2001:db8::1]:5000".
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
