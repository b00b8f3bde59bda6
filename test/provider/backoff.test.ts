// No hint that the server may be reachable again (typing, the network, an app that calls connect())
// makes a client send requests more often than its back-off allows, or earlier than the server asked for.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openClient, type TestClient } from '../e2e/client.ts'
import { freshDocId } from '../e2e/server.ts'
import { createStub, type StubServer } from './stub.ts'

/** The provider's default, which other tests shorten. */
const DEFAULT_RETRY = { baseMs: 300, maxMs: 5_000 }

let stub: StubServer
let ada: TestClient
let page: EventTarget

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
  stub = createStub()
  ada = openClient({
    url: 'http://stub.test/api',
    docId: freshDocId(),
    fetch: stub.fetch,
    retry: DEFAULT_RETRY,
    compaction: false,
    tabs: false,
    live: 'long-poll',
  })
})
afterEach(async () => {
  await ada.close()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const down = (headers: Record<string, string>) => async () =>
  Response.json(
    { error: { code: 'shape_service_unavailable', message: '' } },
    { status: 503, headers },
  )
const reads = () => stub.count('state') + stub.count('segment')
const writes = () => stub.count('updates')

const hints: [string, 'updates' | 'segment', () => void][] = [
  ['acks of writes', 'segment', () => ada.type('x')],
  ['the network coming back', 'segment', () => void page.dispatchEvent(new Event('online'))],
  ['an app that connects repeatedly', 'segment', () => ada.provider.connect()],
  ['the network coming back', 'updates', () => void page.dispatchEvent(new Event('online'))],
  ['an app that connects repeatedly', 'updates', () => ada.provider.connect()],
]

/** A route fails for a minute, with ten hints per second. */
async function outage(
  route: 'updates' | 'segment',
  hint: () => void,
  headers: Record<string, string>,
): Promise<{ tries: number; heal: () => void }> {
  const heal = stub.use(route, down(headers))
  if (route === 'updates') {
    await pass(100)
    ada.type('a')
  }
  const count = route === 'updates' ? writes : reads
  await pass(10)
  const before = count()
  for (let i = 0; i < 600; i++) {
    hint()
    await pass(100)
  }
  return { tries: count() - before, heal }
}

test.each(hints)(
  'hints (%s) cause no more requests to %s than the back-off allows',
  async (_n, route, hint) => {
    const { tries, heal } = await outage(route, hint, {})
    // Waits from 0 to 5 s cause about 24 tries in a minute; more than 60 would not be due to chance.
    expect(tries).toBeLessThan(60)
    heal()
    await pass(DEFAULT_RETRY.maxMs * 2)
    expect([ada.provider.status, ada.provider.saved]).toEqual(['connected', true])
  },
)

test.each(hints)(
  'hints (%s) cause no request to %s before Retry-After',
  async (_n, route, hint) => {
    const { tries, heal } = await outage(route, hint, { 'retry-after': '20' })
    expect(tries).toBeLessThanOrEqual(3)
    heal()
    await pass(40_000)
    expect([ada.provider.status, ada.provider.saved]).toEqual(['connected', true])
  },
)

test('the first hint takes effect at once, however long the rest of the wait is', async () => {
  const heal = stub.use('segment', down({}))
  await pass(60_000)
  expect(ada.provider.status).toBe('offline')
  heal()
  const before = reads()
  page.dispatchEvent(new Event('online'))
  await pass(5)
  expect(reads()).toBeGreaterThan(before)
  expect(ada.provider.status).toBe('connected')
})

test.each(['99999999999', 'Infinity'])(
  'Retry-After: %s causes no storm of requests',
  async (asked) => {
    const { tries } = await outage('segment', () => {}, { 'retry-after': asked })
    expect(tries).toBe(0)
  },
)

test('a Retry-After with a date counts from the date of the answer', async () => {
  const date = new Date('2020-01-01T00:00:00Z')
  const headers = {
    date: date.toUTCString(),
    'retry-after': new Date(date.getTime() + 20_000).toUTCString(),
  }
  const { tries } = await outage('segment', () => ada.type('x'), headers)
  expect(tries).toBeGreaterThan(0)
  expect(tries).toBeLessThanOrEqual(3)
})
