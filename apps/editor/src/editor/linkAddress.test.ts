import { expect, test } from 'vitest'
import { isLinkAddress, linkAddressOf } from './linkAddress.ts'

test.each([
  ['https://example.org/a?b#c', 'https://example.org/a?b#c'],
  ['  example.org ', 'https://example.org'],
  ['example.org:8080/path', 'https://example.org:8080/path'],
  ['localhost:4000', 'https://localhost:4000'],
  ['ada@example.org', 'mailto:ada@example.org'],
  ['mailto:ada@example.org', 'mailto:ada@example.org'],
  ['tel:+4930123', 'tel:+4930123'],
])('the typed text %j becomes the address %s', (typed, address) => {
  expect(linkAddressOf(typed)).toBe(address)
})

test.each([
  '',
  'word',
  'two words.org',
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'file:///etc/passwd',
])('the typed text %j is not an address', (typed) => {
  expect(linkAddressOf(typed)).toBeNull()
})

test.each([
  'https://example.org/a',
  'Https://example.org/a',
  'MAILTO:ada@example.org',
  'Tel:+4930123',
  ' https://example.org/a',
  '\thttps://example.org/a\n',
  'ht\ntps://example.org/a b',
])('a link to %j in a document is allowed', (address) => {
  expect(isLinkAddress(address)).toBe(true)
})

test.each([
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'java\tscript:alert(1)',
  '\u0001javascript:alert(1)',
  ' \n vbscript:x',
  'data:text/html,x',
  'file:///etc/passwd',
])('a link to %j in a document is not allowed', (address) => {
  expect(isLinkAddress(address)).toBe(false)
})
