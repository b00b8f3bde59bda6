// A client that sends the ETag of an unchanged answer gets 304, even if a proxy compressed the answer.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { segmentPath, statePath } from 'y-electric/protocol'
import {
  DOCUMENT_BACKENDS,
  freshDocId,
  serveApp,
  type TestBackend,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { postUpdate, rawRequest, someUpdate } from './api.ts'
import { createUpstream } from './upstream.ts'

/**
 * Electric compares tags byte by byte and supports neither weak tags nor `*` (see
 * test/data/electric-transcripts/etag.json). The embedded service is less strict.
 */
function strict({ shapes }: TestBackend): TestBackend['shapes'] {
  const { fetch } = shapes
  if (fetch === undefined) return shapes
  return {
    ...shapes,
    fetch: async (request) => {
      const known = request.headers.get('if-none-match')?.split(',') ?? []
      const headers = new Headers(request.headers)
      headers.delete('if-none-match')
      const response = await fetch(new Request(request, { headers }))
      const etag = response.headers.get('etag') ?? ''
      if (!known.some((tag) => tag.trim() === etag)) return response
      await response.body?.cancel()
      return new Response(null, { status: 304, headers: response.headers })
    },
  }
}

/** The forms in which clients and compressing proxies send a tag, and the tag that the client keeps. */
const FORMS: [string, (opaque: string) => { sent: string; kept: string }][] = [
  ['strong', (opaque) => both(`"${opaque}"`)],
  ['weak', (opaque) => both(`W/"${opaque}"`)],
  ['with the suffix of Apache', (opaque) => both(`"${opaque}-gzip"`)],
  ['weak, with the suffix of Brotli', (opaque) => both(`W/"${opaque}-br"`)],
  ['in a list', (opaque) => ({ sent: `"a, b",W/"${opaque}" , "c"`, kept: `W/"${opaque}"` })],
  ['any', (opaque) => ({ sent: '*', kept: `"${opaque}"` })],
]
const both = (tag: string) => ({ sent: tag, kept: tag })

const CODINGS = ['gzip, deflate, br', 'br', 'deflate', 'identity', undefined]

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  let server: TestServer
  const docId = freshDocId()
  beforeAll(async () => {
    server = await serveApp({
      backend: { pool: backend.current.pool, shapes: strict(backend.current) },
    })
    // Large enough to be compressed.
    for (let i = 0; i < 20; i++) {
      await postUpdate(server, docId, { body: someUpdate('x'.repeat(500)) as BodyInit })
    }
  })
  afterAll(() => server.close())

  const ask = (path: string, coding: string | undefined, headers: Record<string, string> = {}) =>
    rawRequest(server, 'GET', `/api${path}`, {
      ...(coding !== undefined && { 'accept-encoding': coding }),
      ...headers,
    })

  const PATHS: [string, string][] = [
    ['the log of a segment', `${segmentPath(docId, 0)}?offset=-1`],
    ['the state of a document', statePath(docId)],
    ['the content of a document', `/docs/${docId}?format=update`],
    ['the content of a document as JSON', `/docs/${docId}?format=json`],
  ]

  test.each(PATHS)('%s is answered with 304 and the tag that the client has', async (_, path) => {
    const codings = new Set<string | null>()
    for (const coding of CODINGS) {
      const first = await ask(path, coding)
      expect(first.status).toBe(200)
      codings.add(first.headers.get('content-encoding'))
      const etag = first.headers.get('etag') ?? ''
      const opaque = etag.replace(/^W\//, '').replaceAll('"', '')
      expect(opaque).not.toBe('')
      const again = await ask(path, coding, { 'if-none-match': etag })
      expect([again.status, again.headers.get('etag')]).toEqual([304, etag])
      for (const [form, of] of FORMS) {
        const { sent, kept } = of(opaque)
        const answer = await ask(path, coding, { 'if-none-match': sent })
        expect([form, answer.status, answer.headers.get('etag')]).toEqual([form, 304, kept])
        expect(await answer.text()).toBe('')
      }
      for (const other of ['"other"', `"${opaque}x"`, 'W/"other", "more"']) {
        expect((await ask(path, coding, { 'if-none-match': other })).status).toBe(200)
      }
    }
    if (!path.includes('format=update')) expect(codings).toEqual(new Set(['gzip', 'deflate', null]))
  })

  test('after a new row the same tag is answered with 200 and the new content', async () => {
    const id = freshDocId()
    await postUpdate(server, id)
    for (const path of [`${segmentPath(id, 0)}?offset=-1`, statePath(id), `/docs/${id}`]) {
      const etag = (await ask(path, 'gzip')).headers.get('etag') ?? ''
      await postUpdate(server, id)
      if (path.includes('/segments/')) {
        // The first part of the log has not changed; the new row follows it.
        expect((await ask(path, 'gzip', { 'if-none-match': etag })).status).toBe(304)
      } else {
        expect((await ask(path, 'gzip', { 'if-none-match': etag })).status).toBe(200)
      }
    }
  })
})

describe('requests to Electric', () => {
  const backend = useBackend('pglite')

  test('carry tags as Electric issued them, and a stream never becomes a 304', async () => {
    const upstream = createUpstream()
    const server = await serveApp({
      backend: { pool: backend.current.pool, shapes: upstream.source },
    })
    const path = `/api${segmentPath(freshDocId(), 0)}?offset=-1`
    await rawRequest(server, 'GET', path, { 'if-none-match': 'W/"h-1:-1:0_0", "x-gzip", *' })
    expect(upstream.requests.at(-1)?.headers.get('if-none-match')).toBe(
      '"h-1:-1:0_0", "x-gzip", "x"',
    )
    await rawRequest(server, 'GET', path, { 'if-none-match': '*' })
    expect(upstream.requests.at(-1)?.headers.get('if-none-match')).toBeNull()
    upstream.next(
      () =>
        new Response('data: []\n\n', {
          headers: { 'content-type': 'text/event-stream', etag: '"h-1:-1:0_0"' },
        }),
    )
    const stream = await rawRequest(server, 'GET', path, { 'if-none-match': '"h-1:-1:0_0"' })
    expect([stream.status, await stream.text()]).toEqual([200, 'data: []\n\n'])
    await server.close()
  })
})
