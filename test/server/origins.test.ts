// Rights of pages of other origins, as the whole app decides them over HTTP. test/browser/origins.test.ts
// checks that browsers really send such requests.
import { allowAll, createApp } from '@y-electric/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOpenApi } from '../../tools/reference/openApi.ts'
import { type About, RIGHT, type Sending, send } from '../api/requests.ts'
import { ROLLS_AT_ONCE, writtenDocument } from '../api/world.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { countRows, expectError, rawRequest } from './api.ts'

const APP = 'https://app.example.com'
const EVIL = 'https://evil.example'
const CROSS_SITE = { 'sec-fetch-site': 'cross-site' }

const backend = useBackend()
const servers: TestServer[] = []
let plain: TestServer
let open: TestServer
let wild: TestServer
let written: About

const serve = async (options: Partial<Parameters<typeof createApp>[0]> = {}) => {
  const server = await serveApp({ backend: backend.current, ...ROLLS_AT_ONCE, ...options })
  servers.push(server)
  return server
}

beforeAll(async () => {
  plain = await serve()
  open = await serve({ cors: { origin: [APP], credentials: true } })
  wild = await serve({ cors: { origin: '*' } })
  written = await writtenDocument(plain)
})
afterAll(async () => {
  for (const server of servers) await server.close()
})

const { paths } = await readOpenApi()
const names = Object.values(paths).flatMap((methods) =>
  Object.values(methods).map(({ operationId }) => operationId),
)

function sendingOf(name: string, about: About): Sending {
  const make = RIGHT[name]
  if (make === undefined) throw new Error(`there is no request for ${name}`)
  return make(about)
}

const sendTo = (server: TestServer, name: string, headers: Record<string, string>) => {
  const sending = sendingOf(name, written)
  return send(server.url, { ...sending, headers: { ...sending.headers, ...headers } })
}

const corsHeadersOf = (response: Response): string[] =>
  [...response.headers.keys()].filter((name) => name.startsWith('access-control-'))

describe('without the option cors', () => {
  test.each(names)('%s refuses pages of another origin', async (name) => {
    const isRead = sendingOf(name, written).method === 'GET'
    const before = await countRows(backend.current)
    const response = await sendTo(plain, name, { ...CROSS_SITE, origin: EVIL })
    expect(corsHeadersOf(response)).toEqual([])
    expect(response.headers.get('timing-allow-origin')).toBeNull()
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
    if (isRead) expect(response.status).toBeLessThan(400)
    else await expectError(response, 403, 'cross_site_request')
    await response.body?.cancel().catch(() => {})
    expect(await countRows(backend.current)).toBe(before)
  })

  test('headers of the shape service outside its protocol are not passed on', async () => {
    const shapes = {
      url: backend.current.shapes.url,
      fetch: async (request: Request) => {
        const response = await (backend.current.shapes.fetch ?? fetch)(request)
        const headers = new Headers(response.headers)
        for (const [header, value] of [
          ['access-control-allow-origin', '*'],
          ['access-control-allow-credentials', 'true'],
          ['access-control-expose-headers', '*'],
          ['timing-allow-origin', '*'],
          ['cross-origin-resource-policy', 'cross-origin'],
          ['set-cookie', 'a=b'],
          ['clear-site-data', '"*"'],
          ['server', 'Electric'],
        ] as const) {
          headers.set(header, value)
        }
        return new Response(response.body, { status: response.status, headers })
      },
    }
    const server = await serve({ shapes })
    const paths = [
      `/docs/${written.docId}/segments/2?offset=-1`,
      `/docs/${written.docId}/awareness?offset=-1`,
      `/docs/${written.docId}/segments/2?offset=0_0&handle=gone`,
      `/docs/${written.docId}/segments/2?offset=wrong`,
    ]
    const statuses = []
    for (const path of paths) {
      const response = await fetch(server.url + path, { headers: { origin: EVIL } })
      statuses.push(response.status)
      expect(corsHeadersOf(response)).toEqual([])
      for (const name of ['timing-allow-origin', 'set-cookie', 'clear-site-data', 'server']) {
        expect([path, name, response.headers.get(name)]).toEqual([path, name, null])
      }
      expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin')
      if (response.ok) expect(response.headers.get('electric-handle')).not.toBeNull()
      await response.body?.cancel()
    }
    expect(statuses).toEqual([200, 200, 409, 400])
  })

  test('a preflight is refused, since no path accepts OPTIONS', async () => {
    const response = await fetch(`${plain.url}/docs/a/updates`, {
      method: 'OPTIONS',
      headers: { origin: EVIL, 'access-control-request-method': 'POST' },
    })
    expect(corsHeadersOf(response)).toEqual([])
    await expectError(response, 405, 'method_not_allowed')
  })

  test('pages of the same origin may write, whichever headers a browser uses to name it', async () => {
    const host = new URL(plain.url).host
    const ways: Record<string, string>[] = [
      { 'sec-fetch-site': 'same-origin', origin: `http://${host}` },
      { 'sec-fetch-site': 'none' },
      { origin: `http://${host}` },
      // A proxy that ends TLS, and one that also changes the host.
      { origin: `https://${host}` },
      { origin: 'https://notes.example.com', 'x-forwarded-host': 'notes.example.com' },
      {},
    ]
    for (const headers of ways) {
      const response = await sendTo(plain, 'putAwareness', headers)
      expect([headers, response.status]).toEqual([headers, 204])
    }
  })
})

describe('a body with a media type that HTML forms can send', () => {
  const writing = names.filter((name) => RIGHT[name]?.({ docId: 'a', seq: 0 }).method !== 'GET')
  test.each(writing)('is refused by %s', async (name) => {
    const types = ['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']
    // Only content may be plain text.
    const isContent = name === 'importDocument' || name === 'seedDocument'
    const before = await countRows(backend.current)
    for (const type of isContent ? types : [...types, 'text/plain', 'text/plain;charset=UTF-8']) {
      await expectError(
        await sendTo(plain, name, { 'content-type': type }),
        415,
        'unsupported_media_type',
      )
    }
    expect(await countRows(backend.current)).toBe(before)
  })
})

describe('with the option cors', () => {
  test('a preflight is answered for every method and header that clients use', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'GET']) {
      const response = await fetch(`${open.url}/docs/a/updates`, {
        method: 'OPTIONS',
        headers: {
          origin: APP,
          'access-control-request-method': method,
          'access-control-request-headers': 'authorization,content-type,idempotency-key',
        },
      })
      expect(response.status).toBe(204)
      expect(response.headers.get('access-control-allow-origin')).toBe(APP)
      expect(response.headers.get('access-control-allow-credentials')).toBe('true')
      expect(response.headers.get('access-control-allow-methods')?.split(',')).toContain(method)
      expect(response.headers.get('access-control-allow-headers')).toBe(
        'authorization,content-type,idempotency-key',
      )
      expect(response.headers.get('access-control-max-age')).toBe('600')
      expect(response.headers.get('vary')).toMatch(/origin/i)
    }
  })

  test('an app that lists the headers of its pages need not list those of the provider', async () => {
    const listed = await serve({ cors: { origin: [APP], allowHeaders: ['Authorization'] } })
    const response = await fetch(`${listed.url}/docs/a/updates`, {
      method: 'OPTIONS',
      headers: { origin: APP, 'access-control-request-method': 'POST' },
    })
    expect(response.headers.get('access-control-allow-headers')?.split(',')).toEqual([
      'Authorization',
      'content-type',
      'Idempotency-Key',
      'Y-Electric-Client',
      'Y-Electric-Name',
    ])
  })

  test('the origins of the list, and no other, may read answers and refusals', async () => {
    const doc = `/docs/${written.docId}`
    const requests = ['/state', '/segments/2?offset=-1', '/segments/0?offset=-1', '?format=none']
    for (const path of requests) {
      const own = await fetch(open.url + doc + path, { headers: { origin: APP } })
      expect([path, own.headers.get('access-control-allow-origin')]).toEqual([path, APP])
      expect(own.headers.get('access-control-expose-headers')).toMatch(
        /electric-handle.*electric-offset.*retry-after/,
      )
      expect(own.headers.get('vary')).toMatch(/origin/i)
      await own.body?.cancel()
      const other = await fetch(open.url + doc + path, { headers: { origin: EVIL } })
      expect([path, other.headers.get('access-control-allow-origin')]).toEqual([path, null])
      expect(other.headers.get('vary')).toMatch(/origin/i)
      await other.body?.cancel()
    }
  })

  test('the origins of the list, and no other, may write', async () => {
    const write = (headers: Record<string, string>) => sendTo(open, 'putAwareness', headers)
    expect((await write({ ...CROSS_SITE, origin: APP })).status).toBe(204)
    expect((await write({ origin: APP, cookie: 'session=1' })).status).toBe(204)
    for (const origin of [EVIL, 'null', `${APP}.evil.example`, 'http://app.example.com']) {
      await expectError(await write({ ...CROSS_SITE, origin }), 403, 'cross_site_request')
      await expectError(await write({ origin }), 403, 'cross_site_request')
    }
    await expectError(await write(CROSS_SITE), 403, 'cross_site_request')
  })

  test('a star allows every page, but no credentials that a browser adds by itself', async () => {
    const write = (headers: Record<string, string>) =>
      sendTo(wild, 'putAwareness', { ...CROSS_SITE, origin: EVIL, ...headers })
    expect((await write({})).status).toBe(204)
    expect((await write({ authorization: 'Bearer x' })).status).toBe(204)
    await expectError(await write({ cookie: 'session=1' }), 403, 'cross_site_request')
    await expectError(await write({ authorization: 'Basic eDp5' }), 403, 'cross_site_request')
  })
})

describe('the host of a request', () => {
  const status = async (server: TestServer, host: string) =>
    (await rawRequest(server, 'GET', '/api/docs', { host })).status

  test('must be a known name if the server has no authorization', async () => {
    expect(await status(plain, `127.0.0.1:${plain.port}`)).toBe(200)
    expect(await status(plain, 'localhost')).toBe(200)
    expect(await status(plain, 'evil.example')).toBe(421)
    // A page under such a name could send any header, so forwarded hosts do not count.
    const forwarded = { host: 'evil.example', 'x-forwarded-host': 'localhost' }
    expect((await rawRequest(plain, 'GET', '/api/docs', forwarded)).status).toBe(421)
  })

  test('may be any name if the app has its own authorization and gives no list', async () => {
    const own = () => allowAll({ docId: '', action: 'read', request: new Request('http://a') })
    expect(await status(await serve({ authorize: own }), 'notes.example.com')).toBe(200)
    const listed = await serve({ authorize: own, allowedHosts: ['notes.example.com'] })
    expect(await status(listed, 'notes.example.com:8080')).toBe(200)
    expect(await status(listed, 'other.example.com')).toBe(421)
    expect(await status(await serve({ allowedHosts: '*' }), 'evil.example')).toBe(200)
  })

  test('cannot be configured as an invalid name: creating the app throws', () => {
    const { pool, shapes } = backend.current
    for (const entry of ['https://notes.example.com', 'notes.example.com:80', '*.example.com']) {
      expect(() => createApp({ pool, shapes, authorize: allowAll, allowedHosts: [entry] })).toThrow(
        RangeError,
      )
    }
  })

  test('is taken from the URL if a runtime gives no header', async () => {
    const { pool, shapes } = backend.current
    const app = createApp({ pool, shapes, authorize: allowAll })
    const path = `/docs/${freshDocId()}/state`
    expect((await app.request(`http://localhost${path}`)).status).toBe(200)
    expect((await app.request(`http://evil.example${path}`)).status).toBe(421)
  })
})
