// Writes that the server refuses: each has a reason, and none stores anything.
import { randomUUID } from 'node:crypto'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { decodeState, type ERROR_STATUS, updatesPath } from 'y-electric/protocol'
import * as Y from 'yjs'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { countRows, expectError, getState, postUpdate, rawRequest, someUpdate } from './api.ts'

/** Written by `@y/y` 14.0.0-rc.7: `doc.get('text').insert(0, 'hello')`, and a key of another type. */
const YJS_14 = Buffer.from(
  '0102ebc596f090aa9b0100040104746578740568656c6c6f2801016d016b0177017600',
  'hex',
)
/** Deletes the first letter of that text. */
const YJS_14_DELETE = Buffer.from('0001ebc596f090aa9b01010001', 'hex')

const backend = useBackend()
const maxUpdateBytes = 2_000
let server: TestServer

beforeAll(async () => {
  server = await serveApp({ backend: backend.current, maxUpdateBytes })
})
afterAll(() => server.close())

describe('a write that is refused', () => {
  let before = 0
  beforeEach(async () => {
    before = await countRows(server)
  })
  afterEach(async () => {
    expect(await countRows(server)).toBe(before)
    expect(server.errors).toEqual([])
  })

  const update = someUpdate('some text')
  const bodies: [string, Uint8Array, keyof typeof ERROR_STATUS][] = [
    ['no body', new Uint8Array(), 'empty_update'],
    ['an update without structs and deletes', new Uint8Array([0, 0]), 'empty_update'],
    ['an update that contains only gaps', new Uint8Array([1, 1, 5, 0, 10, 3, 0]), 'empty_update'],
    ['bytes that are not an update', new TextEncoder().encode('{"not":"yjs"}'), 'invalid_update'],
    ['random bytes', new Uint8Array([0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]), 'invalid_update'],
    ['an update that is cut off at the end', update.slice(0, -2), 'invalid_update'],
    ['an update that is cut off near its start', update.slice(0, 4), 'invalid_update'],
    ['an update with a byte after its end', new Uint8Array([...update, 0]), 'invalid_update'],
    ['two updates in a row', new Uint8Array([...update, ...update]), 'invalid_update'],
    ['a v2 update', v2(), 'invalid_update'],
    ['an update of Yjs 14', YJS_14, 'unsupported_yjs'],
    ['an update that deletes content of Yjs 14', YJS_14_DELETE, 'unsupported_yjs'],
  ]
  test.each(bodies)('%s', async (_name, body, code) => {
    await expectError(await postUpdate(server, freshDocId(), { body: body as BodyInit }), 400, code)
  })

  test('is larger than allowed according to its Content-Length', async () => {
    const body = someUpdate('x'.repeat(maxUpdateBytes)) as BodyInit
    await expectError(await postUpdate(server, freshDocId(), { body }), 413, 'update_too_large')
  })

  test('is larger than allowed and has no Content-Length', async () => {
    const chunks = Array.from({ length: 8 }, () => new Uint8Array(maxUpdateBytes).fill(1))
    const response = await rawRequest(
      server,
      'POST',
      `/api${updatesPath(freshDocId())}`,
      { 'content-type': 'application/octet-stream', 'idempotency-key': randomUUID() },
      chunks,
    )
    await expectError(response, 413, 'update_too_large')
  })

  test.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x', ''])(
    'has the media type %j',
    async (type) => {
      const response = await rawRequest(
        server,
        'POST',
        `/api${updatesPath(freshDocId())}`,
        {
          'idempotency-key': randomUUID(),
          'content-length': String(update.byteLength),
          ...(type === '' ? {} : { 'content-type': type }),
        },
        update,
      )
      await expectError(response, 415, 'unsupported_media_type')
    },
  )

  test.each(['', 'x', '123', 'not-a-uuid', `${randomUUID()}0`, `{${randomUUID()}}`])(
    'has the batch id %j',
    async (batchId) => {
      await expectError(
        await postUpdate(server, freshDocId(), { batchId }),
        400,
        'invalid_batch_id',
      )
    },
  )

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('is compressed with %s, and the answer says so', async (encoding, compress) => {
    const response = await postUpdate(server, freshDocId(), {
      headers: { 'content-encoding': encoding },
      body: compress(update) as BodyInit,
    })
    expect(await response.clone().text()).toContain(`content-encoding \\"${encoding}\\"`)
    await expectError(response, 400, 'invalid_update')
  })

  test('has no batch id', async () => {
    const response = await fetch(server.url + updatesPath(freshDocId()), {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: update as BodyInit,
    })
    await expectError(response, 400, 'invalid_batch_id')
  })

  const badIds: [string, string][] = [
    ['a control character', encodeURIComponent('a\u0000b')],
    ['a line end', 'a%0Ab'],
    ['DEL', 'a%7F'],
    ['201 characters', 'x'.repeat(201)],
    ['201 characters that are escaped', encodeURIComponent('é'.repeat(201))],
    ['nothing', ''],
    ['a dot', '.'],
    ['two dots', '..'],
    ['an escaped dot', '%2e'],
    ['two escaped dots', '%2E%2e'],
  ]
  test.each(badIds)('names a document id of %s', async (_name, id) => {
    const headers = {
      'content-type': 'application/octet-stream',
      'idempotency-key': randomUUID(),
      'content-length': String(update.byteLength),
    }
    const path = `/api/docs/${id}/updates`
    const response = await rawRequest(server, 'POST', path, headers, update)
    // A URL parser turns some of these paths into unknown paths, or into a document called "updates".
    if (response.status === 404) await expectError(response, 404, 'not_found')
    else if (response.status === 405) await expectError(response, 405, 'method_not_allowed')
    else await expectError(response, 400, 'invalid_doc_id')
    for (const route of ['state', 'segments/0']) {
      const read = await rawRequest(server, 'GET', `/api/docs/${id}/${route}`)
      if (read.status !== 404) await expectError(read, 400, 'invalid_doc_id')
    }
  })
})

describe('document ids of every other kind name separate documents', () => {
  const ids = [
    'a/b',
    'a%2Fb',
    '../../etc/passwd',
    'a b',
    'a+b',
    'a%20b',
    '%',
    '%zz',
    '?x=1',
    '#hash',
    'ü',
    'u\u0308',
    '日本語',
    '👩‍👩‍👧',
    "'; DROP TABLE ydoc_update; --",
    '$1',
    '...',
    ':docId',
    '*',
    'state',
    'x'.repeat(200),
    '語'.repeat(200),
  ]
  test.each(ids)('%j', async (id) => {
    const doc = new Y.Doc()
    doc.getText('body').insert(0, id)
    const body = Y.encodeStateAsUpdate(doc) as BodyInit
    expect((await postUpdate(server, id, { body })).status).toBe(201)
    const { rows } = await server.pool.query('SELECT data FROM ydoc_update WHERE doc_id = $1', [id])
    expect(rows).toHaveLength(1)
    const state = decodeState(new Uint8Array(await (await getState(server, id)).arrayBuffer()))
    expect(state.rows).toHaveLength(1)
    const shape = await fetch(`${server.url}/docs/${encodeURIComponent(id)}/segments/0?offset=-1`)
    expect(shape.status).toBe(200)
    const messages = (await shape.json()) as { value?: unknown }[]
    expect(messages.filter(({ value }) => value !== undefined)).toHaveLength(1)
  })
})

test('an update as large as allowed is stored, with or without Content-Length', async () => {
  const overhead = someUpdate('x'.repeat(1_000)).byteLength - 1_000
  let update = someUpdate('x'.repeat(maxUpdateBytes - overhead))
  // A random client id takes four or five bytes.
  while (update.byteLength !== maxUpdateBytes) {
    update = someUpdate('x'.repeat(maxUpdateBytes - overhead))
  }
  const docId = freshDocId()
  const chunked = new Blob([update as BlobPart]).stream()
  expect((await postUpdate(server, docId, { body: update as BodyInit })).status).toBe(201)
  expect((await postUpdate(server, docId, { body: chunked })).status).toBe(201)
})

test('the media type may have parameters and capital letters', async () => {
  const headers = { 'content-type': 'Application/Octet-Stream; charset=binary' }
  expect((await postUpdate(server, freshDocId(), { headers })).status).toBe(201)
})

test('a batch may consist of deletions alone', async () => {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, 'abc')
  const before = Y.encodeStateVector(doc)
  doc.getText('body').delete(0, 1)
  const body = Y.encodeStateAsUpdate(doc, before) as BodyInit
  expect((await postUpdate(server, freshDocId(), { body })).status).toBe(201)
})

describe('paths and methods', () => {
  const docPath = `/docs/${freshDocId()}`
  test.each([
    ['PUT', `${docPath}/updates`],
    ['PATCH', `${docPath}/updates`],
    ['DELETE', `${docPath}/updates`],
    ['POST', `${docPath}/state`],
    ['DELETE', `${docPath}/segments/0`],
    ['POST', `${docPath}/segments/0`],
    ['POST', '/health'],
  ])('%s %s is 405', async (method, path) => {
    await expectError(await fetch(server.url + path, { method }), 405, 'method_not_allowed')
  })

  test.each(['', '/', '/docs/', '/docs/a/b', '/docs/a/updates/', '/v1/shape', '/docs/a/states'])(
    '%j is 404',
    async (path) => {
      await expectError(await fetch(server.url + path), 404, 'not_found')
    },
  )

  test.each(['-1', '1.5', 'x', '99999999999', '2147483648', '0x1', '00', '%30%20', ' '])(
    'segment %j is 400',
    async (segment) => {
      const response = await fetch(`${server.url}${docPath}/segments/${segment}?offset=-1`)
      await expectError(response, 400, 'invalid_request')
    },
  )

  test.each(['x', '-1', '1e3', '', '9'.repeat(16)])('?snapshot=%s is 400', async (snapshot) => {
    const response = await getState(server, freshDocId(), `?snapshot=${snapshot}`)
    await expectError(response, 400, 'invalid_request')
  })
})

function v2(): Uint8Array {
  const doc = new Y.Doc()
  doc.getText('body').insert(0, 'some text')
  doc.getMap('map').set('key', 1)
  return Y.encodeStateAsUpdateV2(doc)
}
