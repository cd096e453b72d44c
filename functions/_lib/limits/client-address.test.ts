import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { findClientAddress, limitedNetworkOf } from './client-address.ts'
import { networksOf, trustedProxies } from './networks.ts'

const trusted = networksOf(trustedProxies)

test.each([
  ['the peer, without a header', undefined, '203.0.113.9', '203.0.113.9'],
  ['the peer that is no proxy of ours, with any header', '1.1.1.1', '203.0.113.9', '203.0.113.9'],
  ['what the load balancer appended', '203.0.113.9', '10.0.1.7', '203.0.113.9'],
  ['the client behind load balancer and gateway', '203.0.113.9, 10.0.1.7', '192.168.4.4', '203.0.113.9'],
  ['the client behind the activator too', '203.0.113.9, 10.0.1.7, 192.168.4.4', '127.0.0.1', '203.0.113.9'],
  ['nothing of what the client wrote before it', '1.1.1.1, 10.0.0.1, 203.0.113.9, 10.0.1.7', '::1', '203.0.113.9'],
  ['a client that claims to be one of our proxies', '10.0.0.1, 127.0.0.1, 203.0.113.9', '10.0.1.7', '203.0.113.9'],
  ['a client of a private network as it came to us', '1.1.1.1, 172.16.0.9', '10.0.1.7', '172.16.0.9'],
  ['a client in the VPC, when every entry is trusted', '10.0.2.2, 10.0.1.7', '192.168.4.4', '10.0.2.2'],
  ['IPv4 inside of IPv6 as IPv4', '::ffff:203.0.113.9', '::ffff:10.0.1.7', '203.0.113.9'],
  ['IPv4 inside of IPv6 in hexadecimal too', '203.0.113.9, ::FFFF:A00:107', '::ffff:c0a8:404', '203.0.113.9'],
  ['an IPv4 address without its port', '203.0.113.9:51234', '10.0.1.7', '203.0.113.9'],
  ['an IPv6 address without brackets and port', '[2001:0DB8::0001]:443', '10.0.1.7', '2001:db8::1'],
  ['an IPv6 address without brackets', '[2001:db8::1]', '10.0.1.7', '2001:db8::1'],
  ['a peer without its zone', undefined, 'fe80::1%eth0', 'fe80::1'],
  ['entries around empty ones', ' , 203.0.113.9,, ,10.0.1.7 , ', '192.168.4.4', '203.0.113.9'],
  ['the peer, when the header is empty', '', '10.0.1.7', '10.0.1.7'],
  ['the peer, when the header is only commas', ', ,,', '10.0.1.7', '10.0.1.7'],
  ['nothing, when the peer is unknown', '203.0.113.9', undefined, undefined],
])('the address is that of %s', (_, header, peer, expected) => {
  expect(findClientAddress(header, peer, trusted)).toBe(expected)
})

test.each([
  'unknown',
  '_hidden',
  '203.0.113.256',
  '203.0.113.09',
  '203.0.113.9:port',
  '203.0.113.9:1:2',
  '[203.0.113.9]',
  '[2001:db8::1',
  '2001:db8::1]:443',
  '203.0.113.0/24',
  '::ffff:203.0.113.256',
  '"203.0.113.9"',
  '203.0.113.9;10.0.0.1',
  '%',
])('the entry %j ends the walk at the proxy that passed it on', (garbage) => {
  expect(findClientAddress(`1.1.1.1, ${garbage}, 10.0.2.2`, '10.0.1.7', trusted)).toBe('10.0.2.2')
  expect(findClientAddress(garbage, '10.0.1.7', trusted)).toBe('10.0.1.7')
})

test('no peer is trusted when no proxies are configured', () => {
  expect(findClientAddress('203.0.113.9', '127.0.0.1', networksOf([]))).toBe('127.0.0.1')
})

test('reading ends after 16 proxies in a header of any length', () => {
  const chain = Array.from({ length: 30 }, (_, index) => `10.0.3.${index}`)
  expect(findClientAddress(chain.join(', '), '10.0.1.7', trusted)).toBe('10.0.3.14')
})

test.each([',', ' ,', '1.1.1.1, ', '%', '10.0.0.1,', '[', '1.', '::'])(
  'a header of 16 KiB of %j is read within 20 ms',
  (filling) => {
    const header = `${filling.repeat(16_384 / filling.length)}, 203.0.113.9`
    const onlyFilling = header.slice(0, -', 203.0.113.9'.length)
    const readMs = () => {
      const startedMs = performance.now()
      for (const peer of ['10.0.1.7', '203.0.113.1']) findClientAddress(header, peer, trusted)
      findClientAddress(onlyFilling, '10.0.1.7', trusted)
      return performance.now() - startedMs
    }
    // The best of five, since a busy machine may interrupt any one of them.
    expect(Math.min(...Array.from({ length: 5 }, readMs))).toBeLessThan(20)
  },
)

test('a header that comes twice is one list, as Node joins it', async () => {
  const server = createServer((incoming, outgoing) => outgoing.end(String(incoming.headers['x-forwarded-for'])))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const joined = await new Promise<string>((resolve, reject) => {
    const headers = { 'x-forwarded-for': ['1.1.1.1', '203.0.113.9'] }
    request({ port, host: '127.0.0.1', headers }, (response) => {
      response.setEncoding('utf8').once('data', resolve)
    })
      .once('error', reject)
      .end()
  })
  server.close()
  expect(findClientAddress(joined, '10.0.1.7', trusted)).toBe('203.0.113.9')
})

test.each([
  ['an IPv4 address', '203.0.113.9', '203.0.113.9'],
  ['the first 64 bits of an IPv6 address', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['the zeros that were left out', '2001:db8::7', '2001:db8:0:0::/64'],
  ['what comes after zeros that were left out', '2001::4:5:6:7:8', '2001:0:0:4::/64'],
  ['the loopback', '::1', '0:0:0:0::/64'],
  ['one word for all whose address is unknown', undefined, 'unknown'],
])('a limit counts %s', (_, address, expected) => {
  expect(limitedNetworkOf(address)).toBe(expected)
})
