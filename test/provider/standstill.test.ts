// A process that was suspended for some seconds (a laptop that slept, a container that was paused, a
// long computation) continues to read. Electric's client notices the gap, and then sends a request
// that Electric refuses.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import { freshDocId } from '../e2e/server.ts'
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

let stub: StubServer
let ada: TestClient
let author: Y.Doc
const complaints = vi.spyOn(console, 'warn')

beforeEach(() => {
  complaints.mockReset().mockImplementation(() => {})
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
  })
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
const has = (url: URL, name: string) => url.searchParams.get(name) === 'true'

/** A stream that begins at once, and ends with the new rows. */
const streamOf = (arrived: Promise<unknown>, from: number): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async start(controller) {
      await arrived
      controller.enqueue(new TextEncoder().encode(sseText(stub.rows, from)))
      controller.close()
    },
  })

/** Answers like Electric, which refuses a stream that is not live. */
async function electric(url: URL, init: RequestInit): Promise<Response> {
  const [live, stream, from] = [has(url, 'live'), has(url, 'live_sse'), offsetOf(url)]
  if (stream && !live) {
    const errors = { live_sse: ["can't be true unless live is also true"] }
    return Response.json({ message: 'Invalid request', errors }, { status: 400 })
  }
  if (!live) return shapeResponse(stub.rows, from)
  const arrived = Promise.race([stub.news(from, init.signal), untilAborted(init.signal)])
  if (stream) return sseResponse(streamOf(arrived, from), stub.rows)
  await arrived
  return pollResponse(stub.rows, from)
}

describe.each(['sse', 'long-poll'] as const)('a client that reads by %s', (live) => {
  test.each([7, 60, 8 * 3_600])('continues after %i seconds of standstill', async (seconds) => {
    stub.use('segment', electric)
    ada = openClient({
      url: 'http://stub.test/api',
      docId: freshDocId(),
      fetch: stub.fetch,
      live,
      compaction: false,
    })
    await pass(3_000)
    expect(ada.provider.status).toBe('connected')
    for (let nap = 0; nap < 3; nap++) {
      vi.setSystemTime(Date.now() + seconds * 1_000)
      await pass(5_000)
      author.getText('body').insert(0, 'x')
      await pass(5_000)
      expect(ada.text.length).toBe(nap + 1)
    }
    const astray = stub.urls('segment').filter((url) => has(url, 'live_sse') && !has(url, 'live'))
    expect(astray).toEqual([])
    expect(ada.errors).toEqual([])
    expect(ada.provider.status).toBe('connected')
    expect(complaints).not.toHaveBeenCalled()
  })
})
