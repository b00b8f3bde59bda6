// Every request has a deadline for its first byte, and for the time between two bytes. The test controls
// time, so the server is a stub without sockets.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openClient, type TestClient } from '../e2e/client.ts'
import type { Route } from '../e2e/gate.ts'
import { freshDocId } from '../e2e/server.ts'
import { ownTimers } from './ownTimers.ts'
import {
  createStub,
  offsetOf,
  pollResponse,
  type StubServer,
  shapeResponse,
  silentBody,
  sseResponse,
  sseText,
  stateResponse,
  untilAborted,
} from './stub.ts'

let stub: StubServer
let timers: ReturnType<typeof ownTimers>
let ada: TestClient
// Electric's client remembers a shape's URL from one stream to the next.
let docId: string

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  timers = ownTimers(globalThis)
  stub = createStub()
  docId = freshDocId()
})
afterEach(async () => {
  await ada.close()
  await pass(0)
  expect(timers.pending()).toEqual([])
  timers.restore()
  vi.useRealTimers()
})

const open = (options = {}) => {
  ada = openClient({ url: 'http://stub.test/api', docId, fetch: stub.fetch, ...options })
  return ada
}
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const live = (url: URL) => url.searchParams.get('live') === 'true'

test('the stub works as a server', async () => {
  open()
  await pass(10)
  expect(ada.provider.status).toBe('connected')
  ada.type('a')
  await pass(10)
  expect(ada.provider.saved).toBe(true)
  expect(stub.rows).toHaveLength(1)
})

const silent = (status: number, type: string) => async (_url: URL, init: RequestInit) =>
  new Response(silentBody(init.signal), {
    status,
    headers: { ...Object.fromEntries(shapeResponse([]).headers), 'content-type': type },
  })

const hangs: [string, Route, (url: URL, init: RequestInit) => Promise<Response>][] = [
  ['a write without an answer', 'updates', (_url, init) => untilAborted(init.signal)],
  ['an ack whose body never arrives', 'updates', silent(201, 'application/json')],
  ['a refusal whose body never arrives', 'updates', silent(503, 'application/json')],
  ['a read of state without an answer', 'state', (_url, init) => untilAborted(init.signal)],
  ['a state that stops arriving', 'state', silent(200, 'application/vnd.y-electric.state')],
  ['an error of state that stops arriving', 'state', silent(503, 'application/json')],
  ['a segment without an answer', 'segment', (_url, init) => untilAborted(init.signal)],
  ['a segment that stops arriving', 'segment', silent(200, 'application/json')],
]
test.each(hangs)('%s is given up and tried again', async (_name, route, rule) => {
  const heal = stub.use(route, rule)
  open()
  ada.type('a')
  await pass(1_000)
  // The answers before it are read in real time.
  while (stub.count(route) === 0) await new Promise((resolve) => setImmediate(resolve))
  const tries = stub.count(route)
  await pass(60_000)
  expect(stub.count(route)).toBeGreaterThan(tries)
  expect(ada.provider.status === 'connected' && ada.provider.saved).toBe(false)
  heal()
  await pass(60_000)
  expect(ada.provider.status).toBe('connected')
  expect(ada.provider.saved).toBe(true)
})

test('headers that never arrive are given up and asked for again, and every edit is kept', async () => {
  let answers = false
  let asked = 0
  open({
    headers: () => {
      asked += 1
      return answers ? {} : new Promise<never>(() => {})
    },
  })
  ada.type('a')
  await pass(1_000)
  const before = asked
  expect(before).toBeGreaterThan(0)
  await pass(29_500)
  expect(ada.errors.map(({ code }) => code)).toContain('bad_headers')
  expect(ada.provider.status).toBe('offline')
  await pass(30_000)
  expect(asked).toBeGreaterThan(before)
  expect([stub.count('updates'), ada.provider.saved]).toEqual([0, false])
  answers = true
  await pass(60_000)
  expect([ada.provider.status, ada.provider.saved]).toEqual(['connected', true])
})

test('disconnecting does not wait for headers', async () => {
  open({ headers: () => new Promise<never>(() => {}) })
  ada.type('a')
  await pass(1_000)
  ada.provider.disconnect()
  await pass(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('a slow state that keeps arriving is not given up', async () => {
  const whole = new Uint8Array(await stateResponse([]).arrayBuffer())
  stub.use('state', async (_url, init) => {
    let at = 0
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 20_000))
        if (init.signal?.aborted) return
        if (at === whole.length) controller.close()
        else controller.enqueue(whole.slice(at, ++at))
      },
    })
    return new Response(body, { headers: { 'content-type': 'application/vnd.y-electric.state' } })
  })
  open()
  await pass(20_000 * (whole.length + 1) + 1_000)
  expect(ada.provider.synced).toBe(true)
  expect(stub.count('state')).toBe(1)
})

test.each(['sse', 'long-poll'] as const)(
  'a live request whose connection died is replaced (%s)',
  async (mode) => {
    let answers = false
    stub.use('segment', async (url, init) => {
      if (!live(url)) return shapeResponse(stub.rows)
      if (!answers) return untilAborted(init.signal)
      if (mode === 'long-poll') {
        return offsetOf(url) < stub.rows.length
          ? pollResponse(stub.rows, offsetOf(url))
          : untilAborted(init.signal)
      }
      return sseResponse(silentBody(init.signal, sseText(stub.rows, offsetOf(url))), stub.rows)
    })
    open({ live: mode })
    await pass(1_000)
    expect(ada.provider.status).toBe('connected')
    const writer = openClient({ url: 'http://stub.test/api', docId, fetch: stub.fetch })
    writer.type('news')
    await pass(10)
    await writer.close()
    answers = true
    await pass(120_000)
    expect(ada.text.toString()).toBe('news')
    expect(ada.provider.status).toBe('connected')
  },
)

test('a silent stream is replaced from its offset', async () => {
  let streams = 0
  stub.use('segment', async (url, init) => {
    if (!live(url)) return shapeResponse(stub.rows)
    streams += 1
    return sseResponse(silentBody(init.signal, sseText(stub.rows, offsetOf(url))), stub.rows)
  })
  open()
  await pass(1_000)
  expect(streams).toBe(1)
  const writer = openClient({ url: 'http://stub.test/api', docId, fetch: stub.fetch })
  writer.type('news')
  await pass(10)
  await writer.close()
  await pass(60_000)
  expect(streams).toBeGreaterThan(1)
  expect(ada.text.toString()).toBe('news')
})
