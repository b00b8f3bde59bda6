import { afterEach, describe, expect, test, vi } from 'vitest'
import { ElectricProviderError } from '../errors.ts'
import { parseApiUrl } from './url.ts'

afterEach(() => vi.unstubAllGlobals())

const onPage = (href: string) => vi.stubGlobal('location', new URL(href))

test.each([
  ['https://a.test/api', 'https://a.test/api/docs/x'],
  ['https://a.test/api/', 'https://a.test/api/docs/x'],
  ['https://a.test/api//', 'https://a.test/api/docs/x'],
  ['https://a.test', 'https://a.test/docs/x'],
  ['https://a.test/', 'https://a.test/docs/x'],
  ['https://A.test:443/api', 'https://a.test/api/docs/x'],
  ['https://a.test/api?tenant=1', 'https://a.test/api/docs/x?tenant=1'],
  ['https://a.test/api/?tenant=1&key=a%2Fb', 'https://a.test/api/docs/x?tenant=1&key=a%2Fb'],
  ['https://a.test?tenant=1', 'https://a.test/docs/x?tenant=1'],
  ['https://a.test/api?', 'https://a.test/api/docs/x'],
  ['https://a.test/api?path=/', 'https://a.test/api/docs/x?path=/'],
  ['app://bundle/api', 'app://bundle/api/docs/x'],
])('below %s, a document is at %s', (url, expected) => {
  expect(parseApiUrl(url).at('/docs/x')).toBe(expected)
})

test.each([
  ['/api', 'https://a.test/api/docs/x'],
  ['/api?tenant=1', 'https://a.test/api/docs/x?tenant=1'],
  ['api', 'https://a.test/app/api/docs/x'],
  ['../api/', 'https://a.test/api/docs/x'],
  ['?tenant=1', 'https://a.test/app/page/docs/x?tenant=1'],
  ['//b.test/api', 'https://b.test/api/docs/x'],
])('on a page, %s is resolved against the address of the page', (url, expected) => {
  onPage('https://a.test/app/page?own=1#own')
  expect(parseApiUrl(url).at('/docs/x')).toBe(expected)
})

test('the query of a path is combined with the query of the url', () => {
  expect(parseApiUrl('https://a.test/api?tenant=1').at('/x?history=keep')).toBe(
    'https://a.test/api/x?history=keep&tenant=1',
  )
  expect(parseApiUrl('https://a.test/api').at('/x?history=keep')).toBe(
    'https://a.test/api/x?history=keep',
  )
})

test('equal mount points have equal names, and another query gives another name', () => {
  const names = ['/api', '/api/', 'https://a.test/api'].map((url) => {
    onPage('https://a.test/')
    return parseApiUrl(url).href
  })
  expect(new Set(names)).toEqual(new Set(['https://a.test/api']))
  expect(parseApiUrl('/api?tenant=1').href).toBe('https://a.test/api?tenant=1')
})

describe('a url that cannot work is refused with advice on what to do', () => {
  test.each([
    ['/api', 'no page'],
    ['', 'no page'],
    ['https://', 'no page'],
    ['localhost:4000/api', 'begins with http://'],
    ['file:///srv/api', 'begins with http://'],
    ['wss://a.test/api', 'http or https'],
    ['ws://a.test/api', 'http or https'],
    ['https://a.test/api#notes', 'leave it out'],
    ['https://ada:secret@a.test/api', 'authorization header'],
    ['https://a.test/api?offset=1', '"offset"'],
    ['https://a.test/api?live=true', '"live"'],
    ['https://a.test/api?snapshot=3', '"snapshot"'],
  ])('%s', (url, word) => {
    const refused = () => parseApiUrl(url)
    expect(refused).toThrow(ElectricProviderError)
    expect(refused).toThrow(word)
    expect(refused).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })
})
