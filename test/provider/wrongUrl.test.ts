// With a wrong `url` the app gets an error code, the console gets one line, and the provider keeps
// trying, because the cause may be temporary.
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { ElectricProvider } from 'y-electric'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { freshDocId } from '../e2e/server.ts'
import { useProviderSetup } from './setup.ts'

const setup = useProviderSetup()
const warned = vi.spyOn(console, 'warn')

/** A server that is not y-electric, and that answers every request. */
let elsewhere: http.Server
let answer: http.RequestListener
let origin: string
const clients: TestClient[] = []

beforeAll(async () => {
  elsewhere = http.createServer((request, response) => {
    request.resume()
    request.on('end', () => answer(request, response))
  })
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
  return async () => {
    elsewhere.closeAllConnections()
    await new Promise((resolve) => elsewhere.close(resolve))
  }
})
beforeEach(() => {
  warned.mockReset().mockImplementation(() => {})
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})
afterAll(() => warned.mockRestore())

/** Its requests go to `url`, except while `elsewhere` stands in for the server. */
function open(url: string): { client: TestClient; heal: () => void; break: () => void } {
  let isBroken = true
  const fetchThere: typeof fetch = (input, init) => {
    const target = input instanceof Request ? input.url : String(input)
    return fetch(isBroken ? target : target.replace(url, setup.server.url), init)
  }
  const client = openClient({ url, docId: freshDocId(), fetch: fetchThere })
  clients.push(client)
  return {
    client,
    heal: () => {
      isBroken = false
    },
    break: () => {
      isBroken = true
    },
  }
}

const page = (status: number): http.RequestListener => {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/html' }).end('<!doctype html><p>Hello')
  }
}
const redirect =
  (status: number, to: (path: string) => string): http.RequestListener =>
  (request, response) => {
    if (request.url?.startsWith('/login')) page(200)(request, response)
    else response.writeHead(status, { location: to(request.url ?? '') }).end()
  }

const wrong: [string, http.RequestListener, string, RegExp][] = [
  ['a 404', page(404), 'wrong_url', /\/api\/docs\/.* answered 404/],
  [
    'a 405 to writes, and a 404',
    (request, response) => {
      page(request.method === 'POST' ? 405 : 404)(request, response)
    },
    'wrong_url',
    /answered 40[45]/,
  ],
  ['a page for every path', page(200), 'bad_response', /text\/html \(200\)/],
  [
    'JSON of another service',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"hello":"world"}')
    },
    'bad_response',
    /application\/json \(200\)/,
  ],
  ['a network that requires a login', page(511), 'bad_response', /511: this network requires/],
  [
    'a file server, which knows no POST',
    (request, response) => page(request.method === 'POST' ? 501 : 404)(request, response),
    'wrong_url',
    /answered (404|501)/,
  ],
  [
    'a redirect to a login page',
    redirect(302, () => '/login'),
    'bad_response',
    /redirected.*\/login/,
  ],
]

describe.each(wrong)('%s', (_name, listener, code, message) => {
  test('is reported by code with one warning, tried again, and causes a new warning after it has worked', async () => {
    answer = listener
    const { client, heal, break: breakAgain } = open(`${origin}/api`)
    client.type('kept')
    await eventually(() => client.errors.length > 8)
    expect(new Set(client.errors.map((error) => error.code))).toEqual(new Set([code]))
    expect(client.errors.every(({ suspectsUrl }) => suspectsUrl)).toBe(true)
    expect(client.provider.error?.message).toMatch(message)
    expect(client.provider.status).toBe('offline')
    expect(warned).toHaveBeenCalledOnce()
    expect(warned.mock.lastCall?.[0]).toContain(`(${code})`)
    expect(warned.mock.lastCall?.[0]).toMatch(message)

    heal()
    await client.provider.whenSaved()
    await eventually(() => client.provider.status === 'connected')
    expect(warned).toHaveBeenCalledOnce()
    breakAgain()
    client.type(', and this')
    const before = client.errors.length
    await eventually(() => client.errors.length > before + 3)
    expect(warned).toHaveBeenCalledTimes(2)
    heal()
    await client.provider.whenSaved()
    await setup.converged(client)
  })
})

test('a redirect that turns a write into a read is not a final answer of the server', async () => {
  answer = redirect(301, (path) => setup.server.url.replace(/\/api$/, '') + path)
  const { client, heal } = open(`${origin}/api`)
  client.type('kept')
  await eventually(() => client.errors.length > 3)
  expect(client.provider.error).toMatchObject({ code: 'bad_response' })
  expect(client.provider.error?.message).toContain(setup.server.url)
  expect(warned).toHaveBeenCalledOnce()
  heal()
  await client.provider.whenSaved()
})

test('an unreachable or failing server causes no warning', async () => {
  const { port } = await freePort()
  const away = open(`http://127.0.0.1:${port}/api`)
  await eventually(() => away.client.errors.length > 3)
  expect(away.client.provider.error).toMatchObject({ code: 'network', suspectsUrl: false })
  expect(away.client.provider.error?.message).toContain('ECONNREFUSED')
  for (const status of [500, 502, 503, 504, 429, 408, 400, 413, 431]) {
    answer = page(status)
    const { client } = open(`${origin}/api`)
    client.type('a')
    await eventually(() => client.errors.length > 3)
    expect(client.provider.error).toMatchObject({ code: 'bad_response', status })
  }
  expect(warned).not.toHaveBeenCalled()
})

async function freePort(): Promise<AddressInfo> {
  const server = http.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return address
}

describe('a url with a query', () => {
  test('keeps it on every request: reads, writes, streams, presence and folds', async () => {
    const asked: URL[] = []
    const doc = new Y.Doc()
    const awareness = new Awareness(doc)
    awareness.setLocalState({ name: 'Ada' })
    const client = openClient({
      url: `${setup.server.url}/?tenant=1&key=a%20b`,
      docId: freshDocId(),
      doc,
      awareness,
      compaction: { everyMs: 40, slotMs: 1, graceMs: 1, minRows: 1, minBytes: 1 },
      fetch: (input, init) => {
        asked.push(new URL(input instanceof Request ? input.url : input))
        return fetch(input, init)
      },
    })
    clients.push(client)
    let folds = 0
    client.provider.on('compaction', () => {
      folds += 1
    })
    await eventually(() => client.provider.status === 'connected')
    const bob = setup.open({ docId: client.provider.docId, compaction: false })
    await eventually(() => {
      bob.type('b')
      return folds > 0
    })
    client.type('a')
    await setup.converged(client, bob)
    await client.close()
    const kinds = asked.map(
      ({ pathname }) => pathname.replace(/.*\/docs\/[^/]+\//, '').split('/')[0],
    )
    expect(new Set(kinds)).toEqual(
      new Set(['state', 'segments', 'updates', 'awareness', 'folds', 'folds']),
    )
    for (const { searchParams } of asked) {
      expect([searchParams.getAll('tenant'), searchParams.getAll('key')]).toEqual([['1'], ['a b']])
    }
  })

  test.each(['#notes', '?live=true', '?offset=3'])('that cannot work is refused: %s', (end) => {
    const make = () =>
      new ElectricProvider({ url: `${setup.server.url}${end}`, docId: 'x', doc: new Y.Doc() })
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })
})
