import { describe, expect, test } from 'vitest'
import { documentPath, inspectorPath, routeOf } from './route.ts'

describe('routeOf', () => {
  test('finds the two pages', () => {
    expect(routeOf('/')).toEqual({ page: 'home' })
    expect(routeOf('/d/minutes-2026')).toEqual({ page: 'document', docId: 'minutes-2026' })
    expect(routeOf('/d/minutes-2026/')).toEqual({ page: 'document', docId: 'minutes-2026' })
  })

  test('knows a link to read from one to write', () => {
    const [pathname = '', search] = documentPath('minutes', 'view').split(/(?=\?)/)
    expect(routeOf(pathname, search)).toEqual({ page: 'document', docId: 'minutes', mode: 'view' })
    for (const other of ['', '?', '?mode=', '?mode=edit', '?utm_source=x']) {
      expect(routeOf(pathname, other)).toEqual({ page: 'document', docId: 'minutes' })
    }
  })

  test.each(['a', 'v1.2', 'team:notes', 'a~b_c', 'x'.repeat(200)])(
    'reads back the path of %s',
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
  ])('refuses %s as a document', (pathname) => {
    expect(routeOf(pathname)).toEqual({ page: 'bad-address' })
  })

  test.each(['minutes', 'team/notes 2026', 'ünï', 'x'.repeat(200)])(
    'looks into %s, whatever its name',
    (docId) => {
      expect(routeOf(inspectorPath(docId))).toEqual({ page: 'inspector', docId })
    },
  )

  test.each(['/inspect/', '/inspect/%'])('refuses to look into %s', (pathname) => {
    expect(routeOf(pathname)).toEqual({ page: 'bad-address' })
  })

  test.each(['/d', '/x', '/inspect', '/inspect/a/b', '/d/a/b', '//'])(
    'knows no page at %s',
    (pathname) => {
      expect(routeOf(pathname)).toEqual({ page: 'not-found' })
    },
  )
})
