import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isAllowedHost, isHostEntry } from './hosts.ts'

describe('without a list', () => {
  test.each([
    'localhost',
    'LOCALHOST:4000',
    'localhost.',
    'notes.localhost:4000',
    '127.0.0.1',
    '127.0.0.1:4000',
    '127.1',
    '192.168.1.7:80',
    '0.0.0.0:4000',
    '[::1]:4000',
    '[fe80::1]',
  ])('%s is allowed: nobody can change where it points', (host) => {
    expect(isAllowedHost(host, [])).toBe(true)
  })

  test.each([
    '',
    'evil.example',
    'evil.example:4000',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil-localhost',
    'localhost@evil.example',
    'evil.example@localhost',
    'evil.example/@localhost',
    'evil.example\\@localhost',
    'evil.example?localhost',
    'evil.example#localhost',
    'localhost/evil.example',
    'localhost:4000:1',
    'a b',
    '1.2.3.4.5',
    'server',
  ])('"%s" is refused', (host) => {
    expect(isAllowedHost(host, [])).toBe(false)
  })
})

test('a name is allowed with any port and in any case; names below it only if its entry begins with a dot', () => {
  const allowed = ['notes.example.com', '.example.org', 'server', 'bücher.example']
  for (const host of [
    'notes.example.com',
    'Notes.Example.Com:8443',
    'notes.example.com.',
    'example.org',
    'a.b.example.org:1',
    'server:4000',
    'xn--bcher-kva.example',
  ]) {
    expect([host, isAllowedHost(host, allowed)]).toEqual([host, true])
  }
  for (const host of ['example.com', 'x.notes.example.com', 'notexample.org', 'example.org.evil']) {
    expect([host, isAllowedHost(host, allowed)]).toEqual([host, false])
  }
  expect(isAllowedHost('anything.example', '*')).toBe(true)
})

test('an entry is a name without scheme, port and wildcard', () => {
  for (const entry of ['notes.example.com', '.example.org', 'server', 'bücher.example']) {
    expect([entry, isHostEntry(entry)]).toEqual([entry, true])
  }
  for (const entry of ['', '.', '*', '*.example.org', 'https://a.example', 'a.example:80', 'a b']) {
    expect([entry, isHostEntry(entry)]).toEqual([entry, false])
  }
})

test('any text in a Host header is allowed only if a browser would go to an address or to a listed name', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), (host) => {
      if (!isAllowedHost(host, ['notes.example.com'])) return
      const { hostname } = new URL(`http://${host}/`)
      expect(hostname.replace(/\.$/, '')).toMatch(
        /^(notes\.example\.com|(.+\.)?localhost|\d+(\.\d+){3}|\[.+\])$/,
      )
    }),
    { numRuns: 2_000, examples: [['0 '], [' localhost'], ['localhost\t']] },
  )
})
