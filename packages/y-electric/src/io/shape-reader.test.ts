import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ElectricProviderError } from '../errors.ts'
import { systemClock } from './clock.ts'
import type { Http } from './http.ts'
import { type FollowOptions, followShape } from './shape-reader.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterEach(() => vi.useRealTimers())

const headers = {
  'content-type': 'application/json',
  'electric-handle': 'stub-1',
  'electric-offset': '7_0',
  'electric-schema': '{"seq":{"type":"int8"}}',
  'electric-up-to-date': '',
}
const upToDate = () =>
  Response.json([{ headers: { control: 'up-to-date', global_last_seen_lsn: '7' } }], { headers })

/** Follows for a moment. @returns the requested URLs */
async function ask(options: Pick<FollowOptions, 'start' | 'log'>, answer: Http['send']) {
  const asked: URLSearchParams[] = []
  const http: Http = {
    send(url, init) {
      asked.push(new URL(url).searchParams)
      return answer(url, init)
    },
    beacon: () => {},
  }
  const { stop } = followShape({
    ...options,
    http,
    clock: systemClock,
    url: `http://stub.test/${Math.random()}`,
    live: 'sse',
    onMessage: () => {},
    onEnd: ({ error }) => expect(error).toBeNull(),
  })
  await vi.advanceTimersByTimeAsync(100)
  stop()
  return asked
}

const pollsOnly: Http['send'] = async (url) => {
  const params = new URL(url).searchParams
  if (params.get('live_sse') === 'true') throw new ElectricProviderError('timeout', 'held back')
  return params.get('live') === 'true' ? new Promise(() => {}) : upToDate()
}

test('a changes-only shape stays one when its stream is held back and it polls from its offset', async () => {
  const asked = await ask({ start: 'now', log: 'changes_only' }, pollsOnly)
  expect(asked.at(-1)?.get('live')).toBe('true')
  expect(asked.filter((params) => params.get('offset') === '7_0').length).toBeGreaterThan(1)
  expect(new Set(asked.map((params) => params.get('log')))).toEqual(new Set(['changes_only']))
})

test('a shape that resumes where another tab or page left off is the same shape', async () => {
  const position = { offset: '7_0', handle: 'stub-1' }
  for (const log of ['full', 'changes_only'] as const) {
    const asked = await ask({ start: position, log }, pollsOnly)
    expect(new Set(asked.map((params) => params.get('log')))).toEqual(new Set([log]))
  }
})

test.each([
  ['a stream', 200, 'text/event-stream', 1],
  ['a long poll', 200, 'application/json', 1],
  ['a server error', 500, 'application/json', 0],
])('a live request that is answered by %s: %i %s', async (_, status, type, expected) => {
  let answered = 0
  const ends: (number | undefined)[] = []
  const { stop } = followShape({
    http: {
      async send(url) {
        const isLive = new URL(url).searchParams.get('live') === 'true'
        if (!isLive) return upToDate()
        if (answered > 0) return new Promise(() => {})
        const body = type === 'application/json' ? await upToDate().text() : new ReadableStream()
        const live = { ...headers, 'electric-cursor': '1', 'content-type': type }
        return new Response(body, { status, headers: live })
      },
      beacon: () => {},
    },
    clock: systemClock,
    url: `http://stub.test/${Math.random()}`,
    live: type === 'application/json' ? 'long-poll' : 'sse',
    start: 'beginning',
    log: 'full',
    onMessage: () => {},
    onLive: () => {
      answered++
    },
    onEnd: ({ error }) => ends.push(error.status),
  })
  await expect.poll(() => [answered, ends]).toEqual([expected, expected === 0 ? [status] : []])
  stop()
})

test.each([
  ['announces its newest rows at once', true, 6_000],
  ['announces nothing', false, 45_000],
])(
  'a stream whose headers come and whose body is held back is polled instead, if the server %s',
  async (_, announces, after) => {
    const live: string[] = []
    const { stop } = followShape({
      http: {
        async send(url) {
          const params = new URL(url).searchParams
          if (params.get('live') !== 'true') return upToDate()
          live.push(params.get('live_sse') === 'true' ? 'stream' : 'poll')
          if (live.at(-1) === 'poll') return new Promise(() => {})
          const begun = { ...headers, 'electric-cursor': '1', 'content-type': 'text/event-stream' }
          return new Response(new ReadableStream(), { headers: begun })
        },
        beacon: () => {},
      },
      clock: systemClock,
      url: `http://stub.test/${Math.random()}`,
      live: 'sse',
      start: 'beginning',
      log: 'full',
      onMessage: () => {},
      ...(announces && { onNewest: () => {} }),
      onEnd: ({ error }) => expect(error).toBeNull(),
    })
    await vi.advanceTimersByTimeAsync(after - 100)
    expect(live).toEqual(['stream'])
    await vi.advanceTimersByTimeAsync(300)
    expect(live).toEqual(['stream', 'poll'])
    stop()
  },
)

test('no stream is requested where answers have no readable body stream', async () => {
  const whole = (response: Response) =>
    Object.defineProperty(response, 'body', { value: undefined })
  const http: Http['send'] = async (url) =>
    new URL(url).searchParams.get('live') === 'true' ? new Promise(() => {}) : whole(upToDate())
  const asked = await ask({ start: 'beginning', log: 'full' }, http)
  expect(asked.at(-1)?.get('live')).toBe('true')
  expect(asked.some((params) => params.has('live_sse'))).toBe(false)
})

test('stopping at any time leaves no request open and starts none afterwards', async () => {
  // The client prefetches the next chunk while it delivers the first. At some of these moments
  // its own signals are not aborted yet although the stream has ended.
  for (let ticks = 0; ticks < 60; ticks++) {
    const open = new Set<AbortSignal>()
    let isAnswered = false
    const http: Http = {
      send(url, init) {
        if (new URL(url).searchParams.get('offset') === '-1') {
          isAnswered = true
          const row = { key: '1', value: { seq: '1' }, headers: { operation: 'insert' } }
          const { 'electric-up-to-date': _, ...first } = headers
          return Promise.resolve(
            Response.json([row], { headers: { ...first, 'electric-offset': '0_0' } }),
          )
        }
        const { signal } = init
        return new Promise((_resolve, reject) => {
          if (!signal) throw new Error('a request without a signal')
          open.add(signal)
          signal.addEventListener('abort', () => reject(signal.reason))
        })
      },
      beacon: () => {},
    }
    const { stop } = followShape({
      http,
      clock: systemClock,
      url: `http://stub.test/${Math.random()}`,
      start: 'beginning',
      log: 'full',
      live: 'sse',
      onMessage: () => {},
      onEnd: ({ error }) => expect(error).toBeNull(),
    })
    while (!isAnswered) await Promise.resolve()
    for (let i = 0; i < ticks; i++) await Promise.resolve()
    stop()
    await vi.advanceTimersByTimeAsync(100)
    expect([ticks, [...open].filter(({ aborted }) => !aborted).length]).toEqual([ticks, 0])
  }
})

// Electric's client itself refuses all of these except null, and then delivers nothing.
test.each([
  ['null', null],
  ['a number', 7],
  ['a row without headers', { key: '1', value: { seq: '1' } }],
  ['a row whose headers are null', { key: '1', value: { seq: '1' }, headers: null }],
])(
  'a shape that holds %s instead of a message ends with an error, and nothing after it is delivered',
  async (_name, entry) => {
    const row = { key: '1', value: { seq: '1' }, headers: { operation: 'insert' } }
    const later = { key: '2', value: { seq: '2' }, headers: { operation: 'insert' } }
    const control = { headers: { control: 'up-to-date', global_last_seen_lsn: '7' } }
    const delivered: unknown[] = []
    const ends: unknown[] = []
    const { stop } = followShape({
      http: {
        send: async () => Response.json([row, entry, later, control], { headers }),
        beacon: () => {},
      },
      clock: systemClock,
      url: `http://stub.test/${Math.random()}`,
      start: 'beginning',
      log: 'full',
      live: 'long-poll',
      onMessage: (message) => delivered.push(message),
      onPosition: (position) => delivered.push(position),
      onEnd: (end) => ends.push(end),
    })
    await vi.advanceTimersByTimeAsync(100)
    stop()
    expect(delivered).toEqual(entry === null ? [row] : [])
    expect(ends).toMatchObject([
      { error: { code: 'bad_response' }, transient: true, position: null },
    ])
  },
)
