// Answers are compressed for clients that accept it, and have the same content in every coding.
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { segmentPath, statePath } from 'y-electric/protocol'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { postUpdate, rawRequest, someUpdate } from './api.ts'

const decoders: Readonly<Record<string, (data: Uint8Array) => Promise<Uint8Array>>> = {
  gzip: promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
}

const backend = useBackend()
let server: TestServer
const [tiny, small, large] = [freshDocId(), freshDocId(), freshDocId()]

beforeAll(async () => {
  server = await serveApp({ backend: backend.current })
  await postUpdate(server, tiny)
  for (let i = 0; i < 20; i++) {
    await postUpdate(server, small, { body: someUpdate('x'.repeat(500)) as BodyInit })
  }
  for (let i = 0; i < 3; i++) {
    const text = Array.from({ length: 80_000 }, (_, k) => `${i}${k} `).join('')
    await postUpdate(server, large, { body: someUpdate(text) as BodyInit })
  }
})
afterAll(() => server.close())

async function ask(path: string, accepted: string | undefined, method = 'GET') {
  const headers: Record<string, string> =
    accepted === undefined ? {} : { 'accept-encoding': accepted }
  const answer = await rawRequest(server, method, `/api${path}`, headers)
  expect(answer.status).toBe(200)
  const sent = new Uint8Array(await answer.arrayBuffer())
  const coding = answer.headers.get('content-encoding')
  const decode = coding === null ? undefined : decoders[coding]
  const content = decode === undefined ? sent : new Uint8Array(await decode(sent))
  return { headers: answer.headers, coding, sent, content }
}

const PATHS: [string, string][] = [
  ['state', statePath(small)],
  ['state for a client that joins', `${statePath(small)}?join=whole`],
  ['the log of a segment', `${segmentPath(small, 0)}?offset=-1`],
  ['a document as JSON', `/docs/${small}?format=json`],
  ['state of more than 1 MiB', statePath(large)],
]

describe.each(PATHS)('%s', (_, path) => {
  test.each([
    ['gzip', 'gzip'],
    ['gzip, deflate, br', 'gzip'],
    ['br;q=1, GZIP;q=0.5', 'gzip'],
    ['deflate', 'deflate'],
    ['gzip;q=0, deflate', 'deflate'],
    ['gzip;q=0.5, deflate', 'deflate'],
    ['*', 'gzip'],
    ['gzip;q=0', null],
    ['br', null],
    ['identity', null],
    [undefined, null],
  ])(
    'for a client that accepts %s, the coding is %s and the content is the same',
    async (accepted, coding) => {
      const plain = await ask(path, undefined)
      const answer = await ask(path, accepted)
      expect(answer.coding).toBe(coding)
      expect(Buffer.from(answer.content).equals(plain.content)).toBe(true)
      const opaque = (headers: Headers) => headers.get('etag')?.replace(/^W\//, '')
      expect(opaque(answer.headers)).toBe(opaque(plain.headers))
      // A cache must not send the compressed answer to a client that does not accept it.
      const vary = answer.headers
        .get('vary')
        ?.toLowerCase()
        .split(/\s*,\s*/)
      expect(vary?.filter((name) => name === 'accept-encoding')).toEqual(['accept-encoding'])
      expect(answer.headers.get('etag')?.startsWith('W/')).toBe(coding !== null)
      const length = answer.headers.get('content-length')
      if (length !== null) expect(Number(length)).toBe(answer.sent.byteLength)
      if (coding !== null) expect(answer.sent.byteLength).toBeLessThan(plain.sent.byteLength / 2)
    },
  )
})

test('readers that join at the same time get the same compressed state', async () => {
  const path = `${statePath(small)}?join=whole`
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(path, 'gzip')))
  const [first] = answers
  for (const { coding, sent } of answers) expect([coding, sent]).toEqual(['gzip', first?.sent])
})

test('an answer of a few bytes is not compressed', async () => {
  expect((await ask(statePath(tiny), 'gzip')).coding).toBeNull()
})

test('the answer to a HEAD request has no coding and the length of the uncompressed content', async () => {
  const plain = await ask(statePath(small), undefined)
  const { coding, headers } = await ask(statePath(small), 'gzip', 'HEAD')
  expect([coding, headers.get('content-length')]).toEqual([null, String(plain.sent.byteLength)])
})
