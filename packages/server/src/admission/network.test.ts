import { expect, test } from 'vitest'
import { networkOf } from './network.ts'

test.each([
  ['::ffff:c000:0207', '192.0.2.7'],
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['', ''],
  ['no address', 'no address'],
])('%j counts as %j', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test.each([
  ['2001:db8:1:2:3:4:5:6', 56, '2001:db8:1:0::/56'],
  ['2001:db8:1:2ff:3:4:5:6', 56, '2001:db8:1:200::/56'],
  ['2001:db8:1:2::9', 48, '2001:db8:1::/48'],
  ['2001:db8:1:2::9', 128, '2001:db8:1:2:0:0:0:9/128'],
  ['2001:db8:1:2::9', 1_000, '2001:db8:1:2:0:0:0:9/128'],
  ['192.0.2.7', 1, '192.0.2.7'],
])('with a prefix of its own, %j and %i bits count as %j', (address, bits, network) => {
  expect(networkOf(address, bits)).toBe(network)
})
