import { expect, test } from 'vitest'
import { clientAddress } from './client-address.ts'

test.each([
  ['the peer, without a proxy', undefined, '203.0.113.9', 0, '203.0.113.9'],
  ['the peer, when no proxy is trusted, whatever the header says', '1.1.1.1', '203.0.113.9', 0, '203.0.113.9'],
  ['what the one proxy appended', '203.0.113.9', '10.0.0.1', 1, '203.0.113.9'],
  ['the last entry, not what the client wrote before it', '1.1.1.1, 2.2.2.2,203.0.113.9', '10.0.0.1', 1, '203.0.113.9'],
  ['the entry before the last, behind two proxies', '1.1.1.1, 203.0.113.9, 10.0.0.2', '10.0.0.1', 2, '203.0.113.9'],
  ['the peer, when there are fewer entries than proxies', '1.1.1.1', '10.0.0.1', 2, '10.0.0.1'],
  ['the peer, when the last entry is empty', '1.1.1.1, ', '10.0.0.1', 1, '10.0.0.1'],
  ['the peer, when the header is empty', '', '10.0.0.1', 1, '10.0.0.1'],
  ['a word, when nothing is known', undefined, undefined, 1, 'unknown'],
  ['IPv4 inside of IPv6 as IPv4', undefined, '::ffff:203.0.113.9', 0, '203.0.113.9'],
  ['the first 64 bits of IPv6', '2001:db8:1:2:3:4:5:6', undefined, 1, '2001:db8:1:2::/64'],
  ['the same bits however they are written', '2001:0DB8:0001:0002::1', undefined, 1, '2001:db8:1:2::/64'],
  ['zeros that were left out', '2001:db8::7', undefined, 1, '2001:db8:0:0::/64'],
  ['the loopback', '::1', undefined, 1, '0:0:0:0::/64'],
])('a limit counts %s', (_, header, peer, hops, expected) => {
  expect(clientAddress(header, peer, hops)).toBe(expected)
})
