// Streams as a real Electric and the proxies before it end them: the provider joins several short
// streams into a long one, polls where streaming does not work, and returns to streaming later.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import { freshDocId } from '../e2e/server.ts'
import {
  createStub,
  holdLive,
  laterBody,
  offsetOf,
  pollResponse,
  type StubServer,
  shapeResponse,
  silentBody,
  snapshotChunk,
  sseResponse,
  sseText,
  stateResponse,
  untilAborted,
} from './stub.ts'

let stub: StubServer
let ada: TestClient
let author: Y.Doc
const complaints = vi.spyOn(console, 'warn')

beforeEach(() => {
  complaints.mockReset().mockImplementation(() => {})
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  stub = createStub()
  author = new Y.Doc()
  author.on('update', stub.append)
})
afterEach(async () => {
  author.destroy()
  await ada.close()
  vi.useRealTimers()
})

const open = () => {
  ada = openClient({
    url: 'http://stub.test/api',
    docId: freshDocId(),
    fetch: stub.fetch,
    compaction: false,
  })
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const isLive = (url: URL) => url.searchParams.get('live') === 'true'
const isStream = (url: URL) => url.searchParams.get('live_sse') === 'true'
const write = () => author.getText('body').insert(0, 'x')
const arrived = () =>
  ada.doc.store.clients.get(author.clientID)?.reduce((sum, struct) => sum + struct.length, 0) ?? 0
const written = () => author.getText('body').length

const poll = async (url: URL, init: RequestInit): Promise<Response> => {
  if (!isLive(url)) return shapeResponse(stub.rows, offsetOf(url))
  await Promise.race([stub.news(offsetOf(url), init.signal), untilAborted(init.signal)])
  return pollResponse(stub.rows, offsetOf(url))
}

test('when Electric closes a stream that starts behind the log, the client opens the next one and does not poll', async () => {
  // Node warns of accumulating listeners, so no listener of the earlier streams may remain.
  const warnings: string[] = []
  const onWarning = ({ name }: Error) => warnings.push(name)
  process.on('warning', onWarning)
  stub.use('segment', async (url, init) => {
    if (!isLive(url)) return shapeResponse(stub.rows, offsetOf(url))
    const from = offsetOf(url)
    if (from < stub.rows.length) return sseResponse(sseText(stub.rows, from), stub.rows)
    await Promise.race([stub.news(from, init.signal), untilAborted(init.signal)])
    return sseResponse(sseText(stub.rows, from), stub.rows)
  })
  open()
  await pass(100)
  for (let i = 0; i < 50; i++) {
    write()
    await pass(7)
  }
  await pass(1_000)
  expect(arrived()).toBe(written())
  expect(ada.statuses).toEqual(['connecting', 'connected'])
  expect(stub.count('segment', 'live')).toBe(stub.count('segment', 'live_sse'))
  expect(stub.count('segment', 'live_sse')).toBeGreaterThan(10)
  process.off('warning', onWarning)
  expect(warnings).toEqual([])
})

describe('a proxy that holds streams back', () => {
  const proxies: [string, (url: URL, init: RequestInit) => Promise<Response>][] = [
    ['whole, with their headers', async (_url, init) => untilAborted(init.signal)],
    [
      'except for their headers',
      async (_u, init) => sseResponse(silentBody(init.signal), stub.rows),
    ],
    ['and ends them at once', async () => sseResponse('', stub.rows)],
    ['and ends them at once, with a comment', async () => sseResponse(': hi\n\n', stub.rows)],
  ]
  test.each(proxies)('%s: the reader polls, and streams again later', async (_name, stream) => {
    let healed = false
    stub.use('segment', async (url, init) => {
      if (!isLive(url) || !isStream(url)) return poll(url, init)
      if (!healed) return stream(url, init)
      const from = offsetOf(url)
      await Promise.race([stub.news(from, init.signal), untilAborted(init.signal)])
      return sseResponse(sseText(stub.rows, from), stub.rows)
    })
    open()
    await pass(1_000)
    write()
    await pass(60_000)
    expect(arrived()).toBe(written())
    // The reader has found out that only polling delivers rows at once.
    write()
    await pass(20_000)
    write()
    expect(stub.count('segment', 'live')).toBeGreaterThan(stub.count('segment', 'live_sse'))
    healed = true
    for (let i = 0; i < 30; i++) {
      write()
      await pass(5_000)
    }
    const before = stub.count('segment', 'live_sse')
    write()
    await pass(1_000)
    expect(arrived()).toBe(written())
    expect(stub.count('segment', 'live_sse')).toBeGreaterThan(before)
    expect(ada.provider.status).toBe('connected')
  })
})

describe('a stream that ends in the middle of an event', () => {
  const cuts: [string, (text: string) => string][] = [
    ['inside its JSON', (text) => text.slice(0, text.length - 60)],
    ['after one of its two line ends', (text) => text.slice(0, -1)],
    ['inside its first line', (text) => text.slice(0, 20)],
    ['before up-to-date', (text) => text.slice(0, text.lastIndexOf('data: '))],
  ]
  test.each(cuts)('loses nothing: %s', async (_name, cut) => {
    let cutsLeft = 3
    stub.use('segment', async (url, init) => {
      if (!isLive(url)) return shapeResponse(stub.rows, offsetOf(url))
      if (!isStream(url)) return poll(url, init)
      const from = offsetOf(url)
      const wait = Promise.race([stub.news(from, init.signal), untilAborted(init.signal)])
      const isCut = cutsLeft-- > 0
      const text = () => (isCut ? cut(sseText(stub.rows, from)) : sseText(stub.rows, from))
      return sseResponse(laterBody(wait, text, !isCut), stub.rows)
    })
    open()
    await pass(100)
    for (let i = 0; i < 6; i++) {
      write()
      await pass(20)
    }
    await pass(2_000)
    write()
    await pass(60_000)
    expect(arrived()).toBe(written())
    expect(ada.provider.status).toBe('connected')
  })

  test('loses and garbles nothing if it ends in the middle of a character', async () => {
    stub.use('segment', async (url, init) => {
      if (!isLive(url)) return shapeResponse(stub.rows, offsetOf(url))
      const from = offsetOf(url)
      await Promise.race([stub.news(from, init.signal), untilAborted(init.signal)])
      const bytes = new TextEncoder().encode(sseText(stub.rows, from))
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const byte of bytes) controller.enqueue(new Uint8Array([byte]))
          controller.close()
        },
      })
      return sseResponse(body, stub.rows)
    })
    open()
    await pass(100)
    author.getText('body').insert(0, 'ü日本')
    await pass(1_000)
    expect(arrived()).toBe(written())
  })
})

test('an answer that ends before its body is not taken for one without changes', async () => {
  write()
  let empty = 2
  stub.use('state', async () => stateResponse([]))
  stub.use('segment', async (url, init) => {
    if (isLive(url)) return holdLive(url, init, stub.rows)
    const whole = shapeResponse(stub.rows, offsetOf(url))
    return empty-- > 0 ? new Response('', { headers: whole.headers }) : whole
  })
  open()
  await pass(5_000)
  expect(arrived()).toBe(written())
  expect(ada.provider.status).toBe('connected')
})

describe('a seal that is not the last message', () => {
  // Neither Electric nor the embedded service orders the first rows of a shape. If rows were deleted
  // before, Postgres may list the seal first.
  const segment = (url: URL) => url.pathname.split('/').at(-1)
  const sealed = () => {
    write()
    write()
    const [first, second] = stub.rows
    if (first === undefined || second === undefined) throw new Error('two rows')
    return { seal: { seq: 3, segment: 0, data: new Uint8Array() }, first, second }
  }

  test('loses nothing if it is among the first rows of a segment', async () => {
    const { seal, first, second } = sealed()
    stub.use('state', async () => stateResponse([]))
    stub.use('segment', async (url, init) => {
      if (segment(url) === '0') return shapeResponse([seal, first, second])
      return isLive(url) ? holdLive(url, init, []) : shapeResponse([])
    })
    open()
    await pass(1_000)
    expect(arrived()).toBe(2)
    expect(ada.provider.status).toBe('connected')
    expect(stub.urls('segment').some((url) => segment(url) === '1')).toBe(true)
  })

  test('is not forgotten if it is in one answer and the next answer is cut off', async () => {
    const { seal, first, second } = sealed()
    let breaks = 2
    stub.use('state', async () => stateResponse([]))
    stub.use('segment', async (url, init) => {
      if (segment(url) === '1') return isLive(url) ? holdLive(url, init, []) : shapeResponse([])
      if (url.searchParams.get('offset') === '-1') return snapshotChunk([seal, first])
      if (breaks-- > 0) throw new TypeError('fetch failed')
      return shapeResponse([second])
    })
    open()
    await pass(5_000)
    expect(arrived()).toBe(2)
    expect(ada.provider.status).toBe('connected')
    expect(stub.urls('segment').some((url) => segment(url) === '1')).toBe(true)
  })
})

test('a stream that repeats the same offset does not cause a storm of requests', async () => {
  write()
  stub.use('segment', async (url, init) =>
    isStream(url) ? sseResponse(sseText(stub.rows, stub.rows.length), stub.rows) : poll(url, init),
  )
  open()
  await pass(10_000)
  expect(stub.count('segment')).toBeLessThan(60)
  expect(arrived()).toBe(written())
})

test('an event stream in answer to a long poll is not accepted', async () => {
  stub.use('segment', async (url, init) =>
    isLive(url) ? sseResponse(silentBody(init.signal), stub.rows) : shapeResponse(stub.rows),
  )
  ada = openClient({
    url: 'http://stub.test/api',
    docId: freshDocId(),
    fetch: stub.fetch,
    live: 'long-poll',
    compaction: false,
  })
  await pass(200_000)
  expect(stub.count('segment', 'live_sse')).toBe(0)
  expect(stub.count('segment', 'live')).toBeGreaterThan(1)
})
