// The client reads every answer to its end, so that one connection serves all saves and no request looks
// cancelled.
import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { allowAll, createApp } from '@y-electric/server'
import { Hono } from 'hono'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId, useBackend } from '../e2e/server.ts'
import { openPerson } from '../presence/people.ts'

const backend = useBackend()

interface Seen {
  readonly method: string
  readonly path: string
  readonly socket: Socket
  /** False if the client disconnected before it had the whole answer. */
  isWhole: boolean
}

let server: http.Server
let origin: string
let seen: Seen[]
/** Answers a request in place of the app, unless it returns false. */
let instead: (request: http.IncomingMessage, response: http.ServerResponse) => boolean
const clients: TestClient[] = []

beforeEach(async () => {
  seen = []
  instead = () => false
  const { pool, shapes } = backend.current
  const api = createApp({ pool, shapes, authorize: allowAll, onError: () => {} })
  const listener = getRequestListener(new Hono().route('/api', api).fetch)
  server = http.createServer((request, response) => {
    const { method = '', url = '', socket } = request
    const entry: Seen = { method, path: url, socket, isWhole: false }
    seen.push(entry)
    response.on('finish', () => {
      entry.isWhole = true
    })
    if (!instead(request, response)) void listener(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const isStream = ({ path }: Seen): boolean => path.includes('live=true')
const sockets = (of: readonly Seen[]): number => new Set(of.map(({ socket }) => socket)).size

/** Sends a body in two pieces, the second one late, which reveals a client that does not wait for it. */
function inPieces(response: http.ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, { 'content-type': type })
  response.write(text.slice(0, 1))
  setTimeout(() => response.end(text.slice(1)), 20)
}

test('any number of saves use one connection', async () => {
  const ada = openClient({ url: `${origin}/api`, docId: freshDocId(), compaction: false })
  clients.push(ada)
  // The stream occupies one connection.
  await eventually(() => seen.some(isStream))
  for (let i = 0; i < 50; i++) {
    ada.type('x')
    await ada.provider.whenSaved()
    // Node's client handles the end of a body in a later task. Until then the connection counts as busy.
    await new Promise((resolve) => setImmediate(resolve))
  }
  const saves = seen.filter(({ path }) => path.endsWith('/updates'))
  expect(saves.length).toBe(50)
  expect(saves.filter(({ isWhole }) => !isWhole)).toEqual([])
  expect(sockets(saves)).toBe(1)
})

test('every answer to reads, saves, presence and folds is read to its end', async () => {
  const ada = openPerson({
    name: 'Ada',
    url: `${origin}/api`,
    docId: freshDocId(),
    compaction: { everyMs: 100, slotMs: 1, graceMs: 1, minRows: 5, minBytes: 1 },
  })
  clients.push(ada)
  let folds = 0
  ada.provider.on('compaction', () => {
    folds += 1
  })
  await eventually(() => ada.provider.status === 'connected')
  for (let i = 0; i < 30; i++) {
    ada.type('x')
    ada.move(i)
    await ada.provider.whenSaved()
  }
  await eventually(() => ada.puts().length > 1 && folds > 0)
  // Closing aborts requests that are still in flight, perhaps a fold, so only earlier answers count.
  const wanted = seen.filter((one) => !isStream(one))
  await eventually(() => expect(wanted.filter(({ isWhole }) => !isWhole)).toEqual([]))
  await ada.close()
  await eventually(() => {
    const leaving = seen.filter(({ method }) => method === 'DELETE')
    expect(leaving.map(({ isWhole }) => isWhole)).toEqual([true])
  })
})

test.each([
  [401, 'text/html', '<h1>Sign in</h1>'],
  [404, 'text/html', '<h1>Not Found</h1>'],
  [503, 'application/json', '{"error":{"code":"internal","message":"x"}}'],
  [200, 'text/html', '<h1>Hello</h1>'],
  [409, 'application/json', '[]'],
])('an unneeded answer is read to its end: %i %s', async (status, type, text) => {
  instead = (_request, response) => {
    inPieces(response, status, type, text)
    return true
  }
  const ada = openPerson({
    name: 'Ada',
    url: `${origin}/api`,
    docId: freshDocId(),
    headers: () => ({ authorization: 'x' }),
    retry: { baseMs: 100, maxMs: 100 },
  })
  clients.push(ada)
  ada.type('x')
  await eventually(() => ada.errors.length > (status === 401 ? 1 : 4))
  await new Promise((resolve) => setTimeout(resolve, 200))
  instead = () => false
  const answered = seen.slice()
  await eventually(() => expect(answered.filter(({ isWhole }) => !isWhole)).toEqual([]))
})

test('an answer without an end is not read forever', async () => {
  let sent = 0
  instead = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    const piece = Buffer.alloc(64 * 1024)
    const more = () => {
      if (response.destroyed) return
      sent += piece.byteLength
      response.write(piece, more)
    }
    more()
    return true
  }
  const ada = openClient({ url: `${origin}/api`, docId: freshDocId() })
  clients.push(ada)
  await eventually(() => ada.errors.length > 0)
  expect(sent).toBeLessThan(16 * 1024 * 1024)
})
