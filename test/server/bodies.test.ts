// Request bodies that arrive slowly, or too many at once.
import { randomUUID } from 'node:crypto'
import type { Limits } from '@y-electric/server'
import { afterEach, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { connectRaw, headOf, parseAnswer, type RawConnection } from './rawHttp.ts'

const backend = useBackend()
const servers: TestServer[] = []
const connections: RawConnection[] = []
afterEach(async () => {
  for (const { socket } of connections.splice(0)) socket.destroy()
  for (const server of servers.splice(0)) await server.close()
})

async function serve(limits: Partial<Limits>): Promise<TestServer> {
  const server = await serveApp({ backend: backend.current, ...limits })
  servers.push(server)
  return server
}

const MIB = 1024 * 1024

/** Begins to import a text file, in chunks if `length` is undefined. */
async function beginImport(
  server: TestServer,
  length?: number,
): Promise<RawConnection & { sendBody(bytes: number): void }> {
  const connection = await connectRaw(server.url)
  connections.push(connection)
  const url = `${server.url}/docs/${freshDocId('import')}?format=text&root=notes&type=text`
  const size =
    length === undefined ? { 'transfer-encoding': 'chunked' } : { 'content-length': length }
  connection.send(headOf('PUT', url, { 'content-type': 'text/plain', ...size }))
  const sendBody = (bytes: number): void => {
    const data = Buffer.alloc(bytes, 'words ')
    if (length === undefined) connection.send(`${bytes.toString(16)}\r\n`)
    connection.send(data)
    if (length === undefined) connection.send('\r\n')
  }
  return { ...connection, sendBody }
}

const anUpdate = (): Uint8Array => {
  const doc = new Y.Doc()
  doc.getText('notes').insert(0, 'honest')
  return Y.encodeStateAsUpdate(doc)
}

const append = (server: TestServer): Promise<Response> =>
  fetch(`${server.url}/docs/${freshDocId('honest')}/updates`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', 'idempotency-key': randomUUID() },
    body: anUpdate() as BodyInit,
  })

async function expectRefused(
  { closed }: RawConnection,
  status: number,
  code: string,
): Promise<string> {
  const answer = parseAnswer(await closed)
  expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(`"${code}"`)])
  return answer.head
}

describe('a slow body', () => {
  const slow = { bodyStallMs: 100, minBodyBytesPerSecond: 1_000 }

  test.each([
    ['small', 100, 10],
    ['large', 10 * MIB, MIB],
    ['chunked', undefined, 10],
    ['large body without a byte', 10 * MIB, 0],
  ])(
    'that stops arriving is answered with 408 and its connection is closed: %s',
    async (_, length, sent) => {
      const server = await serve(slow)
      const upload = await beginImport(server, length)
      if (sent > 0) upload.sendBody(sent)
      await expectRefused(upload, 408, 'request_timeout')
      expect(server.errors).toEqual([])
    },
  )

  test('that trickles is answered with 408', async () => {
    const server = await serve(slow)
    const upload = await beginImport(server, 10 * MIB)
    const trickle = setInterval(() => upload.sendBody(1), 10)
    await expectRefused(upload, 408, 'request_timeout')
    clearInterval(trickle)
  })

  test('that makes progress is answered with 408 when all of it takes too long', async () => {
    const server = await serve({ ...slow, bodyTimeoutMs: 400 })
    const upload = await beginImport(server, 10 * MIB)
    const stream = setInterval(() => upload.sendBody(1_000), 10)
    await expectRefused(upload, 408, 'request_timeout')
    clearInterval(stream)
  })

  test('that makes progress is accepted, however many intervals it takes', async () => {
    const server = await serve({ bodyStallMs: 250, minBodyBytesPerSecond: 1 })
    const upload = await beginImport(server, 50_000)
    let left = 50
    const stream = setInterval(() => {
      if (left-- > 0) upload.sendBody(1_000)
    }, 10)
    let answer = ''
    upload.socket.on('data', (chunk) => {
      answer += chunk
    })
    await eventually(() => expect(answer).toMatch(/^HTTP\/1\.1 201 /))
    clearInterval(stream)
  })
})

describe('all bodies together', () => {
  test('hold at most maxBodiesBytes: another large body is answered with 503, and small ones are served', async () => {
    const server = await serve({ maxBodiesBytes: 8 * MIB, bodyStallMs: 60_000 })
    const uploads = await Promise.all([1, 2, 3, 4].map(() => beginImport(server, 20 * MIB)))
    let refused = 0
    const refusals = uploads.map(async (upload) => {
      const head = await expectRefused(upload, 503, 'server_busy')
      expect(head.toLowerCase()).toContain('\r\nretry-after: 1')
      refused++
    })
    for (const upload of uploads) upload.sendBody(4 * MIB)
    // The first body to arrive is received, and leaves no room for a second one.
    await Promise.race([eventually(() => expect(refused).toBe(3)), Promise.all(refusals)])
    expect((await append(server)).status).toBe(201)
    expect(refused).toBe(3)

    // The memory of a body is free again when its request has ended.
    for (const { socket } of uploads) socket.destroy()
    await Promise.allSettled(refusals)
    await eventually(async () => {
      const next = await beginImport(server, 5 * MIB)
      next.sendBody(5 * MIB)
      let answer = ''
      next.socket.on('data', (chunk) => {
        answer += chunk
      })
      await eventually(() => expect(answer).toMatch(/^HTTP\/1\.1 /))
      expect(answer).toMatch(/^HTTP\/1\.1 201 /)
    })
  }, 30_000)

  test('count with the bytes that have arrived, not with their declared length', async () => {
    const server = await serve({ maxBodiesBytes: 2 * MIB })
    for (let i = 0; i < 20; i++) await beginImport(server, 60 * MIB)
    expect((await append(server)).status).toBe(201)
  })

  test('do not prevent a single body as large as its own limit', async () => {
    const server = await serve({ maxBodiesBytes: MIB })
    const response = await fetch(
      `${server.url}/docs/${freshDocId('large')}?format=text&type=text`,
      {
        method: 'PUT',
        headers: { 'content-type': 'text/plain' },
        body: 'x'.repeat(3 * MIB),
      },
    )
    expect([response.status, await response.text()]).toEqual([201, expect.any(String)])
  })
})
