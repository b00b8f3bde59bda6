import { describe, expect, test } from 'vitest'
import { addressKind, runsAsAddress } from './addresses.ts'

describe('an address of a link', () => {
  test.each([
    'https://a.example/x',
    'Https://a.example/x',
    'HTTP://a.example/x',
    'MAILTO:a@b.example',
    'Tel:+49123',
    ' https://a.example/x',
    '\thttps://a.example/x\n',
    'ht\ntps://a.example/x',
    '\u0001https://a.example/x',
    '/relative',
    '#anchor',
    '?q=a:b',
    './a:b',
    '',
    'http://not a host/',
  ])('%j is safe', (address) => {
    expect(addressKind(address, 'link')).toBe('safe')
  })

  test.each([
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' javascript:alert(1)',
    'java\tscript:alert(1)',
    'java\r\nscript:alert(1)',
    '\u0000\u001fjavascript:alert(1)',
    'javascript\n:alert(1)',
    'VBScript:x',
    'data:text/html,<script>1</script>',
    ' DATA:Text/HTML;charset=utf-8,x',
    'data:application/xhtml+xml,x',
  ])('%j could run a script', (address) => {
    expect(addressKind(address, 'link')).toBe('script')
    expect(runsAsAddress(address)).toBe(true)
  })

  test.each(['obsidian://open?a', 'geo:1,2', 'file:///etc/passwd', 'data:image/png;base64,AA'])(
    '%j is kept as data that no browser follows',
    (address) => {
      expect(addressKind(address, 'link')).toBe('inert')
    },
  )
})

test.each([
  ['https://a.example/i.png', 'safe'],
  ['DATA:image/png;base64,AA', 'safe'],
  ['blob:https://a.example/1', 'safe'],
  ['upload://1', 'inert'],
  ['javascript:alert(1)', 'script'],
] as const)('an image at %j is %s', (address, kind) => {
  expect(addressKind(address, 'media')).toBe(kind)
})

test.each(['10:30', 'Note: this', 'a:b', 'https://a.example', 'urn:uuid:1', 'data: 5'])(
  'the value %j is not an address that could run a script',
  (value) => {
    expect(runsAsAddress(value)).toBe(false)
  },
)
