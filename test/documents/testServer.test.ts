// The server for tests of apps: its faults, on a native Postgres, with and without a socket.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startTestServer, type TestServer } from '@y-electric/documents/testing'
import { afterAll, afterEach, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest'
import { statePath, UPDATE_MEDIA_TYPE, updatesPath } from 'y-electric/protocol'
import { openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId } from '../e2e/server.ts'
import { createDatabase, type TestDatabaseUrl } from '../harness/postgres.ts'

let created: TestDatabaseUrl
let server: TestServer
const clients: TestClient[] = []

beforeAll(async () => {
  created = await createDatabase(inject('databaseUrl'))
  server = await startTestServer({ databaseUrl: created.url })
})

afterEach(async () => {
  server.faults.none()
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await eventually(() => server.faults.openStreams === 0)
})

afterAll(async () => {
  await server.close()
  await created.drop()
})

const ways = ['through a socket', 'without a socket'] as const
type Way = (typeof ways)[number]

const fetchOf = (way: Way): typeof fetch => (way === 'through a socket' ? fetch : server.fetch)

function open(way: Way, docId: string): TestClient {
  const client = openClient({ url: server.url, docId, fetch: fetchOf(way) })
  clients.push(client)
  return client
}

for (const way of ways) {
  test(`two clients share a document ${way}`, async () => {
    const docId = freshDocId('shared')
    const [ada, bob] = [open(way, docId), open(way, docId)]
    await bob.provider.whenSynced()
    ada.type('Dear Bob')
    await ada.provider.whenSaved()
    await eventually(() => bob.text.toString() === 'Dear Bob')
    expect(server.errors).toEqual([])
  })

  test(`without a network, requests fail ${way}, and clients continue when it is back`, async () => {
    const docId = freshDocId('offline')
    const [ada, bob] = [open(way, docId), open(way, docId)]
    await eventually(() => ada.provider.status === 'connected')
    await eventually(() => bob.provider.status === 'connected')
    const back = server.faults.offline()
    ada.type('in a tunnel')
    await eventually(() => ada.provider.status === 'offline')
    await expect(fetchOf(way)(server.url + statePath(docId))).rejects.toThrow(TypeError)
    expect(ada.provider.saved).toBe(false)
    back()
    await eventually(() => bob.text.toString() === 'in a tunnel')
    await ada.provider.whenSaved()
  })

  test(`streams that are dropped ${way} are opened again, lose nothing, and print nothing`, async () => {
    const printed = vi.spyOn(console, 'error')
    onTestFinished(() => printed.mockRestore())
    const docId = freshDocId('dropped')
    const [ada, bob] = [open(way, docId), open(way, docId)]
    await eventually(() => ada.provider.status === 'connected')
    await eventually(() => bob.provider.status === 'connected')
    await eventually(() => server.faults.openStreams === 2)
    expect(server.faults.dropStreams()).toBe(2)
    expect(server.faults.openStreams).toBe(0)
    ada.type('after the break')
    await eventually(() => bob.text.toString() === 'after the break')
    expect(printed.mock.calls).toEqual([])
  })

  test(`a fault of writes leaves reads alone ${way}, and ends alone`, async () => {
    const send = fetchOf(way)
    const path = server.url + updatesPath(freshDocId('faults'))
    const headers = { 'content-type': UPDATE_MEDIA_TYPE }
    const write = () => send(path, { method: 'POST', headers, body: new Uint8Array([0, 0]) })
    const read = async () => (await send(server.url + statePath('faults'))).status
    const end = server.faults.unavailable({ only: 'writes', retryAfterSeconds: 7 })
    const away = await write()
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '7'])
    expect(await away.json()).toMatchObject({ error: { code: 'database_unavailable' } })
    expect(await read()).toBe(200)

    const allow = server.faults.refuse('forbidden', { only: 'writes' })
    expect((await write()).status).toBe(403)
    allow()
    expect((await write()).status).toBe(503)
    end()
    expect((await write()).status).toBe(400)
  })

  test(`a caller that gives up gets the reason of its signal ${way}`, async () => {
    server.faults.slow(1_000_000)
    const stop = new AbortController()
    const asked = fetchOf(way)(server.url + statePath('slow'), { signal: stop.signal })
    stop.abort(new Error('I gave up'))
    await expect(asked).rejects.toThrow('I gave up')
  })
}

test('a stream is a read, although the request that opens it is a POST', async () => {
  server.faults.refuse('forbidden', { only: 'reads' })
  const request = { method: 'POST', body: '{"documents":[]}' }
  expect((await server.fetch(`${server.url}/live`, request)).status).toBe(403)
})

test('an unknown error code and a negative delay are refused when the fault is switched on', () => {
  expect(() => server.faults.refuse('teapot' as 'forbidden')).toThrow(/no error code "teapot"/)
  expect(() => server.faults.slow(-1)).toThrow(RangeError)
})

test('options of the app reach it, and a closed server does not answer', async () => {
  const own = await startTestServer({
    databaseUrl: created.url,
    path: '/notes/api',
    authorize: ({ docId }) => (docId === 'open' ? 'allow' : 'forbidden'),
  })
  expect(new URL(own.url).pathname).toBe('/notes/api')
  expect((await fetch(own.url + statePath('open'))).status).toBe(200)
  expect((await own.fetch(own.url + statePath('secret'))).status).toBe(403)
  await own.close()
  await expect(fetch(own.url + statePath('open'))).rejects.toThrow(TypeError)
})

test('a port that is taken is an error, and the database is closed again', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as AddressInfo
  try {
    await expect(startTestServer({ databaseUrl: created.url, port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  } finally {
    taken.close()
  }
})
