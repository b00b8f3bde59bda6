import { expect, test } from 'vitest'
import { linkAddressOf } from './linkAddress.ts'

test.each([
  ['https://example.org/a?b#c', 'https://example.org/a?b#c'],
  ['  example.org ', 'https://example.org'],
  ['example.org:8080/path', 'https://example.org:8080/path'],
  ['localhost:4000', 'https://localhost:4000'],
  ['ada@example.org', 'mailto:ada@example.org'],
  ['mailto:ada@example.org', 'mailto:ada@example.org'],
  ['tel:+4930123', 'tel:+4930123'],
])('%s becomes %s', (typed, address) => {
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
])('%j is no address', (typed) => {
  expect(linkAddressOf(typed)).toBeNull()
})
