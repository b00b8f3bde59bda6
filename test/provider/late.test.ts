// The status of the provider while answers are late, and how it gets rows that do not arrive, in virtual
// time.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { newestComment } from 'y-electric/protocol'
import * as Y from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import { freshDocId } from '../e2e/server.ts'
import {
  createStub,
  holdLive,
  laterBody,
  offsetOf,
  type StubServer,
  shapeResponse,
  sseResponse,
  sseText,
  stateResponse,
  untilAborted,
} from './stub.ts'

let stub: StubServer
let ada: TestClient
let author: Y.Doc

beforeEach(() => {
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

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const write = () => author.getText('body').insert(0, 'x')
const arrived = () => ada.doc.getText('body').length
const isLive = (url: URL) => url.searchParams.get('live') === 'true'
const isStream = (url: URL) => url.searchParams.get('live_sse') === 'true'
const catchUp = async (url: URL) => shapeResponse(stub.rows, offsetOf(url))

/** A stream that delivers the new rows and ends. */
function streamOfNews(url: URL, { signal }: RequestInit): Response {
  const from = offsetOf(url)
  const news = async () => {
    while (stub.rows.length <= from && signal?.aborted !== true) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  return sseResponse(
    laterBody(news(), () => sseText(stub.rows, from), false),
    stub.rows,
  )
}

async function open(): Promise<void> {
  ada = openClient({
    url: 'http://stub.test/api',
    docId: freshDocId(),
    fetch: stub.fetch,
    compaction: false,
  })
  await pass(100)
}

describe('an answer that is late', () => {
  beforeEach(() => {
    stub.use('segment', async (url, init) =>
      isLive(url) ? holdLive(url, init, stub.rows) : catchUp(url),
    )
  })

  test('to a write makes the status connecting, with unsavedSince, until it arrives', async () => {
    await open()
    let answer = (): void => {}
    stub.use('updates', async () => {
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return Response.json({ seq: 1 }, { status: 201 })
    })
    const madeAt = Date.now()
    ada.type('a')
    await pass(2_400)
    expect([ada.provider.status, ada.provider.saved]).toEqual(['connected', false])
    await pass(200)
    expect(ada.provider.status).toBe('connecting')
    expect(ada.provider.unsavedSince).toBe(madeAt)
    await pass(10_000)
    expect(ada.provider.status).toBe('connecting')
    answer()
    await pass(1)
    expect(ada.provider.unsavedSince).toBeNull()
    expect([ada.provider.status, ada.provider.saved]).toEqual(['connected', true])
    expect(ada.statuses).toEqual(['connecting', 'connected', 'connecting', 'connected'])
  })

  test('to one of several writes is timed from when that write was sent', async () => {
    stub.use('segment', async (url, init) => (isLive(url) ? streamOfNews(url, init) : catchUp(url)))
    await open()
    stub.use('updates', async (_url, init) => {
      await new Promise((resolve) => setTimeout(resolve, 2_000))
      stub.append(init.body as Uint8Array)
      return Response.json({ seq: stub.rows.length }, { status: 201 })
    })
    for (let i = 0; i < 5; i++) {
      ada.type('a')
      await pass(1_500)
    }
    await pass(5_000)
    expect(ada.provider.saved).toBe(true)
    expect(ada.statuses).toEqual(['connecting', 'connected'])
  })

  test('to a request for a stream makes the status connecting until a poll replaces the stream', async () => {
    stub.use('segment', async (url, init) =>
      isLive(url) ? untilAborted(init.signal) : catchUp(url),
    )
    await open()
    await pass(2_300)
    expect(ada.provider.status).toBe('connected')
    await pass(400)
    expect(ada.provider.status).toBe('connecting')
    await pass(10_000)
    expect(ada.provider.status).toBe('connected')
    expect(ada.errors).toEqual([])
  })
})

describe('rows that a stream does not deliver', () => {
  const EVERY_MS = 5_000

  /** A stream that delivers only the server's announcements. */
  function announce(signal: AbortSignal | null | undefined): Response {
    let cancel: ReturnType<typeof setTimeout>
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const seqs = () => stub.rows.map(({ seq }) => seq).toReversed()
        const tell = () => {
          const comment = newestComment({ activeSegment: 0, seqs: seqs().slice(0, 8) })
          controller.enqueue(new TextEncoder().encode(comment))
          cancel = setTimeout(tell, EVERY_MS)
        }
        tell()
        signal?.addEventListener('abort', () => {
          clearTimeout(cancel)
          controller.error(signal.reason)
        })
      },
      cancel: () => clearTimeout(cancel),
    })
    return sseResponse(body, stub.rows)
  }

  test('are read by a poll, and the stream is tried again later', async () => {
    write()
    stub.use('segment', async (url, init) => {
      if (isStream(url)) return announce(init.signal)
      return isLive(url) ? untilAborted(init.signal) : catchUp(url)
    })
    await open()
    expect(arrived()).toBe(1)
    write()
    await pass(2 * EVERY_MS + 100)
    expect(arrived()).toBe(2)
    expect(ada.statuses).toEqual(['connecting', 'connected', 'connecting', 'connected'])
    const streams = stub.count('segment', 'live_sse')
    await pass(120_000)
    expect(stub.count('segment', 'live_sse')).toBeGreaterThan(streams)
    expect(stub.count('state')).toBe(1)
    expect(ada.errors).toEqual([])
  })

  test('are read with state if the shape service does not have them at all', async () => {
    write()
    const known = [...stub.rows]
    stub.use('segment', async (url, init) => {
      if (isStream(url)) return announce(init.signal)
      if (isLive(url)) return untilAborted(init.signal)
      return shapeResponse(known, offsetOf(url))
    })
    await open()
    write()
    await pass(2 * EVERY_MS + 100)
    // The shape service claims to be up to date, but the provider does not believe it.
    expect([arrived(), ada.provider.status, ada.provider.synced]).toEqual([1, 'connecting', false])
    await pass(10_000)
    expect([arrived(), ada.provider.status, ada.provider.synced]).toEqual([2, 'connected', true])
    expect(stub.count('state')).toBe(2)
    // A shape service that stays behind costs an occasional join, not one for each row.
    for (let i = 0; i < 120; i++) {
      write()
      await pass(5_000)
    }
    expect(stub.count('state')).toBeLessThan(16)
    expect(stub.count('segment')).toBeLessThan(200)
    await pass(90_000)
    expect(arrived()).toBe(stub.rows.length)
  })

  test('do not occur in a working stream, which stays open', async () => {
    stub.use('segment', async (url, init) => {
      if (!isLive(url)) return catchUp(url)
      const from = offsetOf(url)
      while (stub.rows.length <= from && init.signal?.aborted !== true) {
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      const seqs = stub.rows.map(({ seq }) => seq).toReversed()
      const comment = newestComment({ activeSegment: 0, seqs: seqs.slice(0, 8) })
      return sseResponse(comment + sseText(stub.rows, from) + comment, stub.rows)
    })
    await open()
    for (let i = 0; i < 50; i++) {
      if (i % 2 === 0) write()
      else ada.type('a')
      await pass(i % 7 === 0 ? 2_000 : 300)
    }
    await pass(30_000)
    expect(arrived()).toBe(50)
    expect(stub.count('state')).toBe(1)
    expect(stub.urls('segment').filter((url) => isLive(url) && !isStream(url))).toEqual([])
  })

  test('cause no endless retries if a cache serves old state', async () => {
    write()
    const old = [...stub.rows]
    stub.use('state', async () => stateResponse(old))
    stub.use('segment', async (url, init) =>
      isLive(url) ? holdLive(url, init, stub.rows) : catchUp(url),
    )
    await open()
    ada.type('a')
    await pass(6_000)
    expect(ada.provider.status).toBe('connected')
    expect(stub.count('state')).toBe(1)
  })
})
