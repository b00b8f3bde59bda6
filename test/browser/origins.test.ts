// A page of another origin attacks a server, in a real Chromium, because the outcome depends on
// what browsers send.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { RIGHT } from '../api/requests.ts'
import { ROLLS_AT_ONCE, writtenDocument } from '../api/world.ts'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { launchBrowser } from '../harness/browser.ts'
import { someOf } from '../harness/deep.ts'
import { countRows } from '../server/api.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'

const backend = useBackend()
let browser: Browser
let page: Page
/** Serves an empty page for every path, and the provider at `/page.js`. */
let foreign: Server
let foreignPort = 0

beforeAll(async () => {
  foreign = createServer(({ url }, response) => {
    const script = inject('labScripts')[url?.slice(1) ?? '']
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript')
    response.end(script ?? '<!doctype html><title>foreign</title>')
  })
  await new Promise<void>((resolve) => foreign.listen(0, '127.0.0.1', resolve))
  foreignPort = (foreign.address() as AddressInfo).port
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  foreign?.closeAllConnections()
  foreign?.close()
})
beforeEach(async () => {
  page = await (await browser.newContext()).newPage()
})
afterEach(() => page.context().close())

/** The requests of all routes that change something, in a form that a page can send. */
async function writesTo(server: TestServer) {
  const written = await writtenDocument(server)
  return Object.values(RIGHT)
    .map((make) => make(written))
    .filter(({ method }) => method !== 'GET')
    .map(({ method, path, headers = {}, body }) => ({
      method,
      path,
      headers: { ...headers },
      body: body === undefined ? null : typeof body === 'string' ? body : [...body],
    }))
}

interface Attempt {
  readonly what: string
  /** The parts of the response that the page can read. */
  readonly outcome: string
}

/** Runs in the page: sends these requests in every way that a page can. */
async function attack(
  page: Page,
  url: string,
  writes: Awaited<ReturnType<typeof writesTo>>,
): Promise<Attempt[]> {
  return page.evaluate(
    async ({ url, writes }) => {
      const attempts: { what: string; outcome: string }[] = []
      const note = async (what: string, sent: Promise<Response>) => {
        const outcome = await sent.then(
          async (response) =>
            response.type === 'opaque' ? 'opaque' : `${response.status} ${await response.text()}`,
          () => 'blocked',
        )
        attempts.push({ what, outcome })
      }
      for (const { method, path, headers, body } of writes) {
        const bytes = body === null || typeof body === 'string' ? body : new Uint8Array(body)
        const what = `${method} ${path.replace(/\/docs\/[^/?]+/, '')}`
        await note(
          `${what} in its proper form`,
          fetch(url + path, { method, headers, body: bytes, credentials: 'include' }),
        )
        if (method !== 'POST') continue
        const types = [null, 'text/plain', 'application/x-www-form-urlencoded']
        for (const type of types) {
          const sent = type === null ? {} : { headers: { 'content-type': type } }
          const own = type === null ? null : bytes
          await note(
            `${what} as ${type}`,
            fetch(url + path, { method, mode: 'no-cors', body: own, ...sent }),
          )
        }
        navigator.sendBeacon(url + path, body === null ? '' : new Blob([bytes as BlobPart]))
        // A form of the page, submitted into a separate frame.
        const frame = document.createElement('iframe')
        frame.name = `frame-${attempts.length}`
        const form = document.createElement('form')
        Object.assign(form, { action: url + path, method: 'post', target: frame.name })
        form.enctype = 'text/plain'
        document.body.append(frame, form)
        const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
        form.submit()
        await loaded
      }
      return attempts
    },
    { url, writes },
  )
}

/** Runs in the page: returns what it can read at these addresses. */
const read = (page: Page, addresses: readonly string[]): Promise<string[]> =>
  page.evaluate(
    (addresses) =>
      Promise.all(
        addresses.map(async (address) => {
          return fetch(address).then(
            async (response) => `${response.status} ${(await response.text()).slice(0, 200)}`,
            () => 'blocked',
          )
        }),
      ),
    addresses,
  )

const readsOf = (docId: string): string[] => [
  '/docs',
  `/docs/${docId}`,
  `/docs/${docId}/state`,
  `/docs/${docId}/segments/2?offset=-1`,
  `/docs/${docId}/awareness?offset=-1`,
  `/docs/${docId}/awareness/rows`,
  `/docs/${docId}/snapshots`,
  '/health',
]

describe('a page of another origin', () => {
  // The cases are another site, another port of the same site, and a server without TLS on another
  // machine, to which browsers do not send `Sec-Fetch-Site`.
  const attackers = [
    ['another site', 'evil.test', '127.0.0.1'],
    ['the same site', '127.0.0.1', '127.0.0.1'],
    ['another site, without Sec-Fetch-Site', 'evil.test', 'notes.test'],
  ] as const
  test.each(someOf(attackers))('neither reads nor writes (%s)', async (_, attacker, victim) => {
    const server = await serveApp({
      backend: backend.current,
      ...ROLLS_AT_ONCE,
      allowedHosts: ['notes.test'],
    })
    try {
      const url = `http://${victim}:${server.port}/api`
      const writes = await writesTo(server)
      expect(writes.length).toBeGreaterThan(8)
      const before = await countRows(backend.current)
      await page.goto(`http://${attacker}:${foreignPort}/`)
      const statuses = new Set<number>()
      page.on('response', (response) => {
        if (response.url().startsWith(url)) statuses.add(response.status())
      })
      const attempts = await attack(page, url, writes)
      expect(attempts.filter(({ outcome }) => outcome !== 'blocked')).toEqual([])
      // Preflight requests, and requests without one.
      expect([...statuses].filter((status) => status !== 405)).toEqual([403])
      expect(await countRows(backend.current)).toBe(before)
      const { docId } = await writtenDocument(server)
      const reads = await read(
        page,
        readsOf(docId).map((path) => url + path),
      )
      expect(new Set(reads)).toEqual(new Set(['blocked']))

      // The same requests work from a page of the server's own origin.
      await page.goto(`${url}/health`)
      const [first] = await attack(page, url, await writesTo(server))
      expect(first?.outcome).toMatch(/^201 /)
    } finally {
      await server.close()
    }
  })

  test('neither reads nor writes if its host name resolves to the server', async () => {
    const server = await serveApp({ backend: backend.current, ...ROLLS_AT_ONCE })
    try {
      const { docId } = await writtenDocument(server)
      const writes = await writesTo(server)
      const before = await countRows(backend.current)
      const url = `http://evil.test:${server.port}/api`
      await page.goto(`${url}/docs`)
      const reads = await read(
        page,
        readsOf(docId).map((path) => url + path),
      )
      for (const answer of reads) expect(answer).toMatch(/^421 .*host_not_allowed/)
      const attempts = await attack(page, url, writes)
      const inTime = attempts.filter(({ outcome }) => outcome !== 'opaque')
      for (const { outcome } of inTime) expect(outcome).toMatch(/^421 .*host_not_allowed/)
      expect(await countRows(backend.current)).toBe(before)
    } finally {
      await server.close()
    }
  })

  test('can use the provider like a page of the same origin if the option cors lists it', async () => {
    const origin = `http://app.test:${foreignPort}`
    const server = await serveApp({
      backend: backend.current,
      cors: { origin: [origin] },
      allowedHosts: ['notes.test'],
    })
    try {
      // Both hosts: one with `Sec-Fetch-Site` and one without.
      for (const host of ['127.0.0.1', 'notes.test']) {
        await page.goto(`${origin}/`)
        await page.addScriptTag({ url: '/page.js', type: 'module' })
        await page.waitForFunction(() => typeof lab === 'object')
        const about = { url: `http://${host}:${server.port}/api`, docId: freshDocId('cors') }
        const said = await page.evaluate(async ({ url, docId }) => {
          const { Awareness, ElectricProvider, Y } = lab
          const codes: string[] = []
          const join = (name: string) => {
            const doc = new Y.Doc()
            const awareness = new Awareness(doc)
            awareness.setLocalState({ name })
            const headers = { authorization: 'Bearer x' }
            const provider = new ElectricProvider({
              url,
              docId,
              doc,
              awareness,
              headers,
              tabs: false,
            })
            provider.on('error', ({ code }) => codes.push(code))
            return { doc, provider, awareness }
          }
          const [ada, bob] = [join('Ada'), join('Bob')]
          await bob.provider.whenSynced()
          const got = new Promise<void>((resolve) => {
            bob.doc.on('update', () => {
              if (bob.doc.getText('body').toString() === 'Dear Bob') resolve()
            })
          })
          const seen = new Promise<void>((resolve) => {
            const look = () => {
              if (bob.awareness.getStates().size === 2) resolve()
            }
            bob.awareness.on('change', look)
            look()
          })
          ada.doc.getText('body').insert(0, 'Dear Bob')
          await Promise.all([ada.provider.whenSaved(), got, seen])
          await Promise.all([ada.provider.destroy(), bob.provider.destroy()])
          return codes
        }, about)
        expect(said).toEqual([])
      }
      await page.goto(`http://evil.test:${foreignPort}/`)
      const [answer] = await read(page, [`http://127.0.0.1:${server.port}/api/health`])
      expect(answer).toBe('blocked')
    } finally {
      await server.close()
    }
  })
})

describe('the editor', () => {
  test('cannot be framed, runs no script from a document, and reveals nothing to other sites', async () => {
    const url = inject('editorUrl')
    const docId = freshDocId('framed')
    const answer = await page.goto(`${url}/d/${docId}`)
    await page.waitForSelector('[data-testid=badge][data-state=saved]')
    const policy = answer?.headers()['content-security-policy'] ?? ''
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("frame-ancestors 'none'")
    expect(answer?.headers()['x-content-type-options']).toBe('nosniff')
    expect(answer?.headers()['referrer-policy']).toBe('same-origin')
    const violated = await page.evaluate(async () => {
      const heard: string[] = []
      document.addEventListener('securitypolicyviolation', (event) => {
        heard.push(event.effectiveDirective)
      })
      const script = document.createElement('script')
      script.textContent = 'window.ran = true'
      document.body.append(script)
      const link = document.createElement('a')
      link.setAttribute('onclick', 'window.ran = true')
      document.body.append(link)
      link.click()
      const remote = document.createElement('script')
      remote.src = 'http://evil.test/x.js'
      document.body.append(remote)
      await fetch('http://evil.test/').catch(() => {})
      await new Promise((resolve) => setTimeout(resolve))
      return { heard: [...new Set(heard)].sort(), ran: Reflect.get(window, 'ran') }
    })
    expect(violated).toEqual({
      heard: ['connect-src', 'script-src-attr', 'script-src-elem'],
      ran: undefined,
    })
    for (const path of ['/', `/inspect/${docId}`, '/no/such/page', '/favicon.svg', '/sw.js']) {
      const headers = (await fetch(url + path)).headers
      expect([path, headers.get('content-security-policy')]).toEqual([path, policy])
      expect([path, headers.get('x-content-type-options')]).toEqual([path, 'nosniff'])
    }

    await page.goto(`http://evil.test:${foreignPort}/`)
    await page.evaluate((src) => {
      const frame = document.createElement('iframe')
      frame.src = src
      document.body.append(frame)
    }, `${url}/d/${docId}`)
    await eventually(() => page.frames().some((frame) => frame.url().startsWith('chrome-error://')))
    expect(page.frames().some((frame) => frame.url().startsWith(url))).toBe(false)
  })
})
