import { expect, test } from 'vitest'
import { imageAddressOf } from './imageAddress.ts'

const base = 'https://example.org/d/a'

test.each([
  'https://example.org/a.png',
  'http://example.org/a.png',
  '/a.png',
  'a.png',
  '//example.org/a.png',
  'data:image/png;base64,AAAA',
  ' DATA:image/png;base64,AAAA',
  'Https://example.org/a.png',
  '\n\thttps://example.org/a.png',
])('an image at %j is shown', (source) => {
  expect(imageAddressOf(source, base)).toBe(source)
})

test.each([
  'javascript:alert(1)',
  ' JavaScript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  ' data:text/html,data:image/png;,x',
  'data:image/svg+xml,x',
  'file:///etc/passwd',
  'blob:https://example.org/1',
  'http://',
  '',
  null,
  7,
  { toString: () => 'https://example.org' },
])('an image at %j is not shown', (source) => {
  expect(imageAddressOf(source, base)).toBeNull()
})
