import { describe, expect, test } from 'vitest'
import { documentPath, inspectorPath, routeOf } from './route.ts'

describe('routeOf', () => {
  test('returns the home page and the page of a document', () => {
    expect(routeOf('/')).toEqual({ page: 'home' })
    expect(routeOf('/d/minutes-2026')).toEqual({ page: 'document', docId: 'minutes-2026' })
    expect(routeOf('/d/minutes-2026/')).toEqual({ page: 'document', docId: 'minutes-2026' })
  })

  test('distinguishes a link to read from a link to write', () => {
    const [pathname = '', search] = documentPath('minutes', 'view').split(/(?=\?)/)
    expect(routeOf(pathname, search)).toEqual({ page: 'document', docId: 'minutes', mode: 'view' })
    for (const other of ['', '?', '?mode=', '?mode=edit', '?utm_source=x']) {
      expect(routeOf(pathname, other)).toEqual({ page: 'document', docId: 'minutes' })
    }
  })

  test.each(['a', 'v1.2', 'team:notes', 'a~b_c', 'x'.repeat(200)])(
    'parses the path of document %s',
    (docId) => {
      expect(routeOf(documentPath(docId))).toEqual({ page: 'document', docId })
    },
  )

  test.each([
    '/d/',
    '/d/%',
    '/d/%E0%A4%A',
    '/d/-starts-with-a-dash',
    '/d/two%20words',
    '/d/..%2Fsecret',
    `/d/${'x'.repeat(201)}`,
  ])('rejects the document path %s', (pathname) => {
    expect(routeOf(pathname)).toEqual({ page: 'bad-address' })
  })

  test.each(['minutes', 'team/notes 2026', 'ünï', 'x'.repeat(200)])(
    'parses the inspector path of document %s',
    (docId) => {
      expect(routeOf(inspectorPath(docId))).toEqual({ page: 'inspector', docId })
    },
  )

  test.each(['/inspect/', '/inspect/%'])('rejects the inspector path %s', (pathname) => {
    expect(routeOf(pathname)).toEqual({ page: 'bad-address' })
  })

  test.each(['/d', '/x', '/inspect', '/inspect/a/b', '/d/a/b', '//'])(
    'returns not-found for %s',
    (pathname) => {
      expect(routeOf(pathname)).toEqual({ page: 'not-found' })
    },
  )
})
