// Reads documents over HTTP: formats, caching, and the headers that protect a browser from content
// that strangers wrote.
import { gunzipSync } from 'node:zlib'
import { inspectDocument } from '@y-electric/documents'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { expectError, postUpdate, rawRequest } from '../server/api.ts'
import { RIGHT, type Sending, send } from './requests.ts'
import { ROLLS_AT_ONCE, writtenDocument } from './world.ts'

const backend = useBackend('postgres')
let server: TestServer
let shared: TestServer

beforeAll(async () => {
  server = await serveApp({ backend: backend.current, ...ROLLS_AT_ONCE })
  shared = await serveApp({ backend: backend.current, publicCache: true })
})
afterAll(async () => {
  await server.close()
  await shared.close()
})

const get = (docId: string, query = '', headers: Record<string, string> = {}) =>
  fetch(`${server.url}/docs/${encodeURIComponent(docId)}${query}`, { headers })

function right(name: string, docId: string, seq = 0): Sending {
  const make = RIGHT[name]
  if (make === undefined) throw new Error(`there is no request for ${name}`)
  return make({ docId, seq })
}

async function seeded(
  markdown = '# Title\n\nwords',
  docId = freshDocId('seeded'),
): Promise<string> {
  const sending = { ...right('seedDocument', docId), body: markdown }
  expect((await send(server.url, sending)).status).toBe(201)
  return docId
}

describe('a document is returned', () => {
  const formats: [query: string, accept: string | null, mediaType: string, begins: string][] = [
    ['', null, 'application/json', '{"docId"'],
    ['', '*/*', 'application/json', '{"docId"'],
    ['', 'application/json', 'application/json', '{"docId"'],
    ['', 'text/html,application/xhtml+xml,*/*;q=0.8', 'text/html; charset=utf-8', '<h1>'],
    ['', 'text/markdown', 'text/markdown; charset=utf-8', '# Title'],
    ['', 'text/plain, text/markdown;q=0.9', 'text/plain; charset=utf-8', 'Title'],
    ['', 'application/vnd.prosemirror+json', 'application/vnd.prosemirror+json', '{"type":"doc"'],
    // The parameter `format` takes precedence over the header `Accept`.
    ['?format=markdown', 'text/html', 'text/markdown; charset=utf-8', '# Title'],
    ['?format=json', null, 'application/json', '{"default"'],
    ['?format=html&root=default&type=xml', 'image/png', 'text/html; charset=utf-8', '<h1>'],
  ]
  test('with a header that lists the losses of the body, if there are any', async () => {
    const docId = freshDocId('losses')
    const mark = { type: 'link', attrs: { href: 'javascript:alert(1)' } }
    const text = { type: 'text', text: 'go', marks: [mark] }
    const body = JSON.stringify({
      type: 'doc',
      content: [{ type: 'paragraph', content: [text] }],
    })
    const headers = { 'content-type': 'application/vnd.prosemirror+json' }
    const sending = { method: 'PUT', path: `/docs/${docId}`, headers, body } as const
    expect((await send(server.url, sending)).status).toBe(201)
    const html = await get(docId, '?format=html')
    expect(JSON.parse(html.headers.get('y-electric-losses') ?? '')).toEqual([
      { kind: 'address', name: 'link.href', count: 1 },
    ])
    const whole = await get(docId, '?format=prosemirror')
    expect(await whole.text()).toContain('javascript:alert(1)')
    expect(whole.headers.get('y-electric-losses')).toBeNull()
  })

  test('in the format that the request names, or else in the one that the client prefers', async () => {
    const docId = await seeded()
    for (const [query, accept, mediaType, begins] of formats) {
      const response = await get(docId, query, accept === null ? {} : { accept })
      const about = `${query} ${accept}`
      expect([about, response.status]).toEqual([about, 200])
      expect(response.headers.get('content-type')).toBe(mediaType)
      expect((await response.text()).slice(0, begins.length), about).toBe(begins)
    }
  })

  test('as the function of the same name returns it', async () => {
    const docId = await seeded()
    for (const format of ['stats', 'json', 'text', 'html', 'markdown', 'update'] as const) {
      const { mediaType, body } = await inspectDocument(server.pool, docId, { format })
      const response = await get(docId, `?format=${format}`)
      expect(response.headers.get('content-type')).toBe(mediaType)
      expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(body))
    }
  })

  test('compressed if it is large, unless it is bytes', async () => {
    const docId = await seeded('many words '.repeat(500))
    const path = `/api/docs/${docId}?format=`
    const ask = (format: string) =>
      rawRequest(server, 'GET', path + format, { 'accept-encoding': 'gzip' })
    const markdown = await ask('markdown')
    expect(markdown.headers.get('content-encoding')).toBe('gzip')
    expect(gunzipSync(await markdown.arrayBuffer()).toString()).toMatch(/^many words many/)
    expect((await ask('update')).headers.get('content-encoding')).toBeNull()
  })

  test('as an update that can be imported as another document with the same content', async () => {
    const { docId } = await writtenDocument(server)
    for (const format of ['update', 'update-v2']) {
      const got = await get(docId, `?format=${format}`)
      const type = got.headers.get('content-type') ?? ''
      const copyId = freshDocId('copy')
      const put: Sending = {
        method: 'PUT',
        path: `/docs/${copyId}`,
        headers: { 'content-type': type },
        body: new Uint8Array(await got.arrayBuffer()),
      }
      expect((await send(server.url, put)).status).toBe(201)
      const read = async (id: string) => {
        const doc = new Y.Doc({ gc: false })
        const bytes = new Uint8Array(await (await get(id, '?format=update')).arrayBuffer())
        Y.applyUpdate(doc, bytes)
        return [Y.encodeStateVector(doc), doc.getXmlFragment('default').toString()]
      }
      expect(await read(copyId)).toEqual(await read(docId))
    }
  })
})

describe('a cache', () => {
  const etagOf = async (docId: string, query = '', headers = {}) => {
    const response = await get(docId, query, headers)
    await response.arrayBuffer()
    expect(response.status).toBe(200)
    // Compression makes the ETag weak, because the bytes differ while the content is the same.
    return (response.headers.get('etag') ?? '').replace(/^W\//, '')
  }

  test('keeps nothing without revalidation, and only for its own client unless everybody may read', async () => {
    const docId = await seeded()
    const [own, all] = [
      await get(docId, '?format=text'),
      await fetch(`${shared.url}/docs/${docId}?format=text`),
    ]
    expect(own.headers.get('cache-control')).toBe('private, no-cache')
    expect(own.headers.get('vary')).toMatch(/accept, authorization, cookie/)
    expect(all.headers.get('cache-control')).toBe('public, no-cache')
    expect(all.headers.get('vary')).toMatch(/^accept\b/)
  })

  test('gets 304 until something changes, and never afterwards', async () => {
    const { docId, seq } = await writtenDocument(server)
    const changes: [string, () => Promise<unknown>][] = [
      ['an edit', () => postUpdate(server, docId)],
      ['a kept version', () => send(server.url, right('keepVersion', docId))],
      ['a name', () => send(server.url, right('labelSnapshot', docId, seq))],
      ['a roll', () => send(server.url, { ...right('rollSegment', docId), body: '{"active":2}' })],
    ]
    for (const [what, change] of changes) {
      const etag = await etagOf(docId)
      const known = { 'if-none-match': etag }
      for (const [header, tag] of [
        [etag, etag],
        [`W/${etag}`, `W/${etag}`],
        [`"other", ${etag}`, etag],
      ] as const) {
        const same = await get(docId, '', { 'if-none-match': header })
        expect([same.status, await same.text()]).toEqual([304, ''])
        expect(same.headers.get('etag')).toBe(tag)
      }
      await change()
      expect((await get(docId, '', known)).status, what).toBe(200)
    }
  })

  test('gets a different ETag for another format, root or version', async () => {
    const { docId, seq } = await writtenDocument(server)
    const queries = ['', '?format=json', '?format=json&root=default', `?format=json&at=${seq}`]
    const etags = await Promise.all(queries.map((query) => etagOf(docId, query)))
    const html = await etagOf(docId, '?root=default', { accept: 'text/html' })
    expect(new Set([...etags, html]).size).toBe(queries.length + 1)
    const other = await writtenDocument(server)
    expect(etags).not.toContain(await etagOf(other.docId))
  })

  test('gets a 304 for one statement, whatever the size of the document', async () => {
    const { docId } = await writtenDocument(server)
    const etag = await etagOf(docId, '?format=html&root=default')
    const statements: string[] = []
    const { pool } = server
    const query = pool.query.bind(pool)
    const spied = ((...args: Parameters<typeof query>) => {
      const [first] = args as unknown as [string | { text: string }]
      statements.push(typeof first === 'string' ? first : first.text)
      return query(...args)
    }) as typeof pool.query
    pool.query = spied
    try {
      expect(
        (await get(docId, '?format=html&root=default', { 'if-none-match': etag })).status,
      ).toBe(304)
    } finally {
      pool.query = query
    }
    expect(statements).toEqual([expect.not.stringMatching(/\bdata\b/)])
  })

  test('learns nothing from an ETag after a deletion', async () => {
    const { docId, seq } = await writtenDocument(server)
    const etag = await etagOf(docId)
    expect((await send(server.url, right('deleteDocument', docId, seq))).status).toBe(200)
    await expectError(await get(docId, '', { 'if-none-match': etag }), 410, 'deleted')
    await expectError(await get(docId, '', { 'if-none-match': '*' }), 410, 'deleted')
  })
})

describe("a browser that shows a stranger's document", () => {
  test('runs no script, guesses no type, and saves bytes', async () => {
    const docId = await seeded('# Title', freshDocId('a/b "ü\'*'))
    for (const format of ['stats', 'json', 'text', 'html', 'markdown', 'prosemirror', 'update']) {
      const { headers } = await get(docId, `?format=${format}`)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none';/)
      expect(headers.get('content-security-policy')).not.toMatch(/script|unsafe|allow/)
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      const disposition = headers.get('content-disposition')
      if (format !== 'update') expect(disposition).toBeNull()
      else {
        expect(disposition).toMatch(/^attachment; filename\*=UTF-8''[\w.%-]+\.update$/)
        expect(decodeURIComponent(disposition?.split("''")[1] ?? '')).toBe(`${docId}.update`)
      }
    }
  })

  test('gets no script from the API, however it was stored', async () => {
    const docId = freshDocId('hostile')
    const body =
      '<p onclick="alert(1)">a<script>alert(1)</script><img src=x onerror=alert(1)>' +
      '<a href="javascript:alert(1)">b</a></p>'
    const put = {
      ...right('importDocument', docId),
      headers: { 'content-type': 'text/html' },
      body,
    }
    expect((await send(server.url, put)).status).toBe(201)
    const html = await (await get(docId, '?format=html')).text()
    expect(html).toContain('<p>')
    expect(html).not.toMatch(/script|onclick|onerror/i)
  })
})
