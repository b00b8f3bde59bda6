import { expect, test } from 'vitest'
import { isOwnHost } from './ownHost.ts'

test.each([
  'localhost',
  'LocalHost:3000',
  'localhost.',
  'shapes.localhost:3000',
  '127.0.0.1:3000',
  '192.168.1.7',
  '[::1]:3000',
  '2130706433',
])('"%s" is an address or a loopback name', (host) => {
  expect(isOwnHost(host)).toBe(true)
})

test.each([
  '',
  'evil.example',
  'evil.example:3000',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evil.example#localhost',
  'evil.example/localhost',
  'localhost@evil.example',
  'evil.example@localhost',
  'mylocalhost',
])('"%s" is neither an address nor a loopback name', (host) => {
  expect(isOwnHost(host)).toBe(false)
})
