import { expect, test } from 'vitest'
import { hasAmbientCredentials, isForeignWrite, type Sender } from './sites.ts'

const own = { method: 'POST', site: null, origin: null, hosts: ['notes.example.com'] }
const foreign = (about: Partial<Sender>): boolean => isForeignWrite({ ...own, ...about })

test('a program that is not a browser sends neither header and may write', () => {
  expect(foreign({})).toBe(false)
})

test('a browser may write only for a page of the same origin or for a direct action of its user', () => {
  const said = ['same-origin', 'none', 'same-site', 'cross-site', 'something-new', '']
  const refused = said.filter((site) => foreign({ site, origin: 'https://notes.example.com' }))
  expect(refused).toEqual(['same-site', 'cross-site', 'something-new', ''])
})

test('without Sec-Fetch-Site the origin must be the host, with its port', () => {
  const cases: [origin: string, host: string, isForeign: boolean][] = [
    ['https://notes.example.com', 'notes.example.com', false],
    ['http://notes.example.com', 'notes.example.com:80', false],
    ['https://notes.example.com', 'NOTES.example.com:443', false],
    ['http://10.0.0.5:4000', '10.0.0.5:4000', false],
    ['http://10.0.0.5:4001', '10.0.0.5:4000', true],
    ['http://10.0.0.5:4000', '10.0.0.5', true],
    ['https://evil.example', 'notes.example.com', true],
    ['https://notes.example.com.evil.example', 'notes.example.com', true],
    ['null', 'notes.example.com', true],
    ['null', 'null', true],
    ['', '', true],
    ['file://', '', true],
  ]
  for (const [origin, host, isForeign] of cases) {
    expect([origin, host, foreign({ origin, hosts: [host] })]).toEqual([origin, host, isForeign])
  }
})

test('a read is never refused', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    expect(foreign({ method, site: 'cross-site', origin: 'https://evil.example' })).toBe(false)
  }
  for (const method of ['PUT', 'PATCH', 'DELETE', 'QUERY', 'post']) {
    expect(foreign({ method, site: 'cross-site', origin: 'https://evil.example' })).toBe(true)
  }
})

test('a browser adds cookies and some authorization schemes by itself, but never a bearer token', () => {
  const added = (headers: Record<string, string>) => hasAmbientCredentials(new Headers(headers))
  expect(added({ cookie: 'session=1' })).toBe(true)
  for (const scheme of ['Basic', 'basic', 'Digest', 'Negotiate', 'NTLM']) {
    expect(added({ authorization: `${scheme} x` })).toBe(true)
  }
  expect(added({ authorization: 'Bearer x' })).toBe(false)
  expect(added({})).toBe(false)
})
