import { isIPv6 } from 'node:net'

/**
 * The address that a limit is counted by. Only what the trusted proxies appended to `X-Forwarded-For` is believed: with one
 * hop the last entry. Of an IPv6 address the first 64 bits count, which one client owns as a whole.
 */
export function clientAddress(forwardedFor: string | undefined, peer: string | undefined, trustedHops: number): string {
  const entries = forwardedFor?.split(',').map((entry) => entry.trim()) ?? []
  const address = (trustedHops > 0 && entries.at(-trustedHops)) || peer || 'unknown'
  if (!isIPv6(address)) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped?.[1] ?? `${expandIpv6(address).slice(0, 4).join(':')}::/64`
}

function expandIpv6(address: string): string[] {
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  return [...left, ...Array<string>(zeros).fill('0'), ...right].map((group) =>
    group.toLowerCase().replace(/^0+(?=.)/, ''),
  )
}
