// After Electric was killed, it answers 409 without a handle for a while. The provider joins again.
// Electric's client, which would blame a broken proxy, writes nothing to the console.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import { freshDocId } from '../e2e/server.ts'
import { createPresenceStub } from '../presence/stub.ts'
import {
  createStub,
  offsetOf,
  pollResponse,
  type StubServer,
  shapeResponse,
  sseResponse,
  sseText,
  untilAborted,
} from './stub.ts'

let clients: TestClient[]
const spies = (['warn', 'error', 'log', 'info', 'debug'] as const).map((name) =>
  vi.spyOn(console, name),
)

beforeEach(() => {
  clients = []
  for (const spy of spies) spy.mockReset().mockImplementation(() => {})
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
})
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()))
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const said = () => spies.flatMap((spy) => spy.mock.calls)
const lost = () =>
  Response.json([{ headers: { control: 'must-refetch' } }], {
    status: 409,
    headers: { 'cache-control': 'no-store' },
  })

/** A live answer that ends by itself after a while, so that the next request gets the changed answer. */
async function live(stub: StubServer, url: URL, init: RequestInit): Promise<Response> {
  const from = offsetOf(url)
  const isStream = url.searchParams.get('live_sse') === 'true'
  const end = new Promise<void>((resolve) => setTimeout(resolve, isStream ? 60_000 : 20_000))
  const news = (async () => {
    while (stub.rows.length <= from && init.signal?.aborted !== true) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  await Promise.race([end, news, untilAborted(init.signal)])
  return isStream ? sseResponse(sseText(stub.rows, from), stub.rows) : pollResponse(stub.rows, from)
}

test.each(['sse', 'long-poll'] as const)(
  'a document that is followed by %s recovers from a lost log',
  async (mode) => {
    const stub = createStub()
    let isLost = false
    stub.use('segment', async (url, init) => {
      if (isLost) return lost()
      return url.searchParams.get('live') === 'true'
        ? live(stub, url, init)
        : shapeResponse(stub.rows, offsetOf(url))
    })
    const author = new Y.Doc()
    author.on('update', stub.append)
    const ada = openClient({
      url: 'http://stub.test/api',
      docId: freshDocId(),
      fetch: stub.fetch,
      live: mode,
      compaction: false,
    })
    clients.push(ada)
    await pass(1_000)
    for (let crash = 0; crash < 3; crash++) {
      expect(ada.provider.status).toBe('connected')
      const before = [stub.count('state'), stub.count('segment')] as const
      isLost = true
      // The edit ends the open request. The log is lost, so the next request is refused.
      author.getText('body').insert(0, 'x')
      await pass(500)
      expect(stub.count('state')).toBeGreaterThan(before[0])
      expect(stub.count('segment') - before[1]).toBeLessThan(1_000)
      isLost = false
      await pass(500)
      // The log has the same handle as before, and the client does not mistake it for a stale cached answer.
      author.getText('body').insert(0, 'y')
      await pass(100)
      expect(ada.text.length).toBe(2 * (crash + 1))
    }
    expect(ada.errors).toEqual([])
    expect(said()).toEqual([])
    author.destroy()
  },
)

test('presence is shown again after its log is lost', async () => {
  const stub = createPresenceStub()
  let isLost = false
  const open = (name: string): Awareness => {
    const doc = new Y.Doc()
    const awareness = new Awareness(doc)
    awareness.setLocalState({ name })
    const fetchThere: typeof fetch = async (input, init) => {
      const { pathname } = new URL(input instanceof Request ? input.url : input)
      return isLost && pathname.endsWith('/awareness') ? lost() : stub.fetch(input, init)
    }
    const docId = 'lost-log'
    clients.push(
      openClient({ url: 'http://stub.test/api', docId, doc, awareness, fetch: fetchThere }),
    )
    return awareness
  }
  const [ada, bob] = [open('Ada'), open('Bob')]
  await pass(1_000)
  isLost = true
  // A change ends the polls.
  bob.setLocalStateField('cursor', 1)
  await pass(2_000)
  isLost = false
  bob.setLocalStateField('cursor', 2)
  await pass(2_000)
  expect(ada.getStates().get(bob.clientID)).toEqual({ name: 'Bob', cursor: 2 })
  expect(said()).toEqual([])
})

test.each(['sse', 'long-poll'] as const)(
  'live reads by %s without a log cause no storm while catching up works',
  async (mode) => {
    const stub = createStub()
    stub.use('segment', async (url) =>
      url.searchParams.get('live') === 'true' ? lost() : shapeResponse(stub.rows, offsetOf(url)),
    )
    const retry = { baseMs: 300, maxMs: 5_000 }
    const docId = freshDocId()
    const url = 'http://stub.test/api'
    clients.push(
      openClient({ url, docId, fetch: stub.fetch, live: mode, compaction: false, retry }),
    )
    await pass(30_000)
    expect(stub.count('state')).toBeGreaterThan(10)
    expect(stub.count('state')).toBeLessThan(400)
    expect(said()).toEqual([])
  },
)
