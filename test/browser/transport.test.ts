// The browser shows no successful request of the provider as cancelled, and the provider reports a server
// whose responses the browser blocks.
import type { ConsoleMessage, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshDocId, serveApp, type TestServer } from '../e2e/server.ts'
import { eventually } from './eventually.ts'
import type {} from './lab.ts'
import { useLab } from './useLab.ts'

const site = useLab()
/** The same API at another origin, without CORS headers. */
let elsewhere: TestServer
let page: Page

beforeAll(async () => {
  elsewhere = await serveApp({ backend: site.backend })
})
afterAll(async () => {
  await elsewhere?.close()
})
beforeEach(async () => {
  page = await site.openTab(await site.newProfile())
})

interface Request {
  readonly method: string
  readonly url: string
  /** Set if the browser shows the request as failed or cancelled. */
  failure?: string
  isFinished?: boolean
}

/** Collects the requests that the network panel of the page shows from now on. */
async function watchNetwork(): Promise<readonly Request[]> {
  const cdp = await page.context().newCDPSession(page)
  const requests = new Map<string, Request>()
  cdp.on('Network.requestWillBeSent', ({ requestId, request }) => {
    requests.set(requestId, { method: request.method, url: request.url })
    listed.splice(0, listed.length, ...requests.values())
  })
  cdp.on('Network.loadingFailed', ({ requestId, errorText, canceled }) => {
    const request = requests.get(requestId)
    if (request !== undefined) request.failure = canceled ? `(canceled) ${errorText}` : errorText
  })
  cdp.on('Network.loadingFinished', ({ requestId }) => {
    const request = requests.get(requestId)
    if (request !== undefined) request.isFinished = true
  })
  const listed: Request[] = []
  await cdp.send('Network.enable')
  return listed
}

const isStream = ({ url }: Request): boolean => url.includes('live=true') || url.endsWith('/live')

test('the browser shows no answered request as cancelled', async () => {
  const requests = await watchNetwork()
  await page.evaluate(async (docId) => {
    const doc = new lab.Y.Doc()
    const awareness = new lab.Awareness(doc)
    awareness.setLocalState({ name: 'Ada' })
    const provider = new lab.ElectricProvider({ url: '/api', docId, doc, awareness })
    await provider.whenSynced()
    for (let i = 0; i < 10; i++) {
      doc.getText('body').insert(0, 'x'.repeat(i === 5 ? 40_000 : 1))
      awareness.setLocalState({ name: 'Ada', cursor: i })
      await provider.whenSaved()
    }
    awareness.setLocalState(null)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }, freshDocId())
  const ended = () => requests.filter((request) => !isStream(request))
  await eventually(() => ended().every(({ isFinished, failure }) => isFinished || failure))
  expect(ended().filter(({ failure }) => failure !== undefined)).toEqual([])
  const methods = ended().map(({ method }) => method)
  expect(new Set(methods)).toEqual(new Set(['GET', 'POST', 'PUT', 'DELETE']))
  expect(methods.filter((method) => method === 'POST').length).toBe(10)
})

test('if the browser blocks the answers of a server, an error and one warning say what to check', async () => {
  const warnings: string[] = []
  page.on('console', (message: ConsoleMessage) => {
    if (message.type() === 'warning') warnings.push(message.text())
  })
  const open = (url: string) =>
    page.evaluate(
      async ({ url, docId }) => {
        const doc = new lab.Y.Doc()
        doc.getText('body').insert(0, 'kept')
        const retry = { baseMs: 1, maxMs: 10 }
        const provider = new lab.ElectricProvider({ url, docId, doc, retry })
        return new Promise<{ code: string; message: string; suspectsUrl: boolean }>((resolve) => {
          let count = 0
          provider.on('error', ({ code, message, suspectsUrl }) => {
            count += 1
            if (count < 5) return
            void provider.destroy()
            resolve({ code, message, suspectsUrl })
          })
        })
      },
      { url, docId: freshDocId() },
    )
  const error = await open(elsewhere.url)
  expect(error).toMatchObject({ code: 'network', suspectsUrl: true })
  expect(error.message).toContain('CORS')
  expect(error.message).toContain(new URL(elsewhere.url).origin)
  const about = () => warnings.filter((text) => text.startsWith('y-electric'))
  expect(about()).toHaveLength(1)
  expect(about()[0]).toContain('CORS')

  // For a server at the page's own origin, the error does not mention CORS.
  await page.route('**/api/**', (route) => route.abort('connectionrefused'))
  const own = await open('/api')
  expect(own).toMatchObject({ code: 'network', suspectsUrl: false })
  expect(about()).toHaveLength(1)
  await page.unroute('**/api/**')
})
