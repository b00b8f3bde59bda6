import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BACKLOG_FIRST, BACKLOG_HEADER, BACKLOG_PARAM, backlogEvent } from '../protocol/backlog.ts'
import { backlogFirst } from './backlog-first.ts'
import { systemClock } from './clock.ts'
import type { Http } from './http.ts'
import { type FollowOptions, followShape, type StreamEnd } from './shape-reader.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterEach(() => vi.useRealTimers())

const upToDate = { headers: { control: 'up-to-date', global_last_seen_lsn: '9' } }
const row = (seq: number) => ({ headers: { operation: 'insert' }, value: { seq, data: '\\x' } })
const newest = ': y-electric segment=0 seq=12\n\n'
const backlog = backlogEvent({ offset: '9_0', messages: JSON.stringify([row(11), upToDate]) })
const shape = { 'electric-handle': 'stub-1', 'electric-offset': '7_0', 'electric-cursor': '5' }

const eventOf = (message: object): string => `data: ${JSON.stringify(message)}\n\n`

/** The answer with a stream that has sent these texts, and the controller of its body. */
function streamOf(
  texts: readonly string[],
  headers: Record<string, string>,
  signal?: AbortSignal | null,
) {
  const encoder = new TextEncoder()
  let send = (_text: string): void => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      send = (text) => controller.enqueue(encoder.encode(text))
      for (const text of texts) send(text)
      signal?.addEventListener('abort', () => controller.error(signal.reason))
    },
  })
  const all = { 'content-type': 'text/event-stream', ...shape, ...headers }
  return { response: new Response(body, { headers: all }), send: (text: string) => send(text) }
}

const catchUp = (): Response =>
  Response.json([row(11), upToDate], {
    headers: {
      ...shape,
      'electric-offset': '9_0',
      'electric-schema': '{}',
      'electric-up-to-date': '',
    },
  })

interface Asked {
  readonly query: URLSearchParams
  readonly signal: AbortSignal | null | undefined
}

function follow(answer: (asked: Asked) => Promise<Response>, options: Partial<FollowOptions> = {}) {
  const asked: Asked[] = []
  const seen: unknown[] = []
  const ends: StreamEnd[] = []
  const offsets: string[] = []
  const http: Http = {
    send(url, { signal }) {
      const one = { query: new URL(url).searchParams, signal }
      asked.push(one)
      return answer(one)
    },
    beacon: () => {},
  }
  const begin = () =>
    followShape({
      http,
      clock: systemClock,
      url: `http://stub.test/${Math.random()}`,
      live: 'sse',
      start: { offset: '7_0', handle: 'stub-1' },
      log: 'full',
      backlogFirst,
      onNewest: ({ seqs }) => seen.push(`announced ${seqs}`),
      onMessage: ({ headers, value }) =>
        seen.push('control' in headers ? headers.control : (value as { seq: number }).seq),
      onPosition: ({ offset }) => offsets.push(offset),
      onEnd: (end) => ends.push(end),
      ...options,
    })
  return { asked, seen, ends, offsets, begin, following: begin() }
}

const isStream = ({ query }: Asked): boolean => query.get('live_sse') === 'true'
const wantsBacklog = ({ query }: Asked): boolean => query.get(BACKLOG_PARAM) === BACKLOG_FIRST

describe('a reader that continues at an offset', () => {
  test('gets its backlog and then the stream with one request, whatever the pieces that arrive', async () => {
    const pieces = (newest + backlog + eventOf(row(12))).split('')
    let send = (_text: string): void => {}
    const { asked, seen, offsets, ends, following } = follow(async (one) => {
      const stream = streamOf(pieces, { [BACKLOG_HEADER]: BACKLOG_FIRST }, one.signal)
      send = stream.send
      return stream.response
    })
    await vi.advanceTimersByTimeAsync(100)
    expect(seen.slice(0, 3)).toEqual(['announced 12', 11, 'up-to-date'])
    expect(offsets).toEqual(['9_0'])
    send(eventOf({ headers: { ...upToDate.headers, global_last_seen_lsn: '14' } }))
    await vi.advanceTimersByTimeAsync(100)
    expect(seen.slice(3)).toEqual(['announced 12', 12, 'up-to-date'])
    expect(offsets).toEqual(['9_0', '14_0'])
    expect(asked.map(wantsBacklog)).toEqual([true])
    following.stop()
    expect(asked[0]?.signal?.aborted).toBe(true)
    expect(ends).toEqual([])
  })

  test('gets a refusal of the stream as it would get that of its backlog', async () => {
    const must = [{ headers: { control: 'must-refetch' } }]
    const { asked, seen, following } = follow(async (one) => {
      if (!wantsBacklog(one)) return new Promise(() => {})
      const headers = { ...shape, 'electric-handle': 'stub-2' }
      return Response.json(must, { status: 409, headers })
    })
    await vi.advanceTimersByTimeAsync(50)
    expect(asked.map(wantsBacklog)[0]).toBe(true)
    expect(seen[0]).toBe('must-refetch')
    following.stop()
  })

  test.each([
    ['does not know the parameter', {}, newest],
    ['has no backlog in its stream', { [BACKLOG_HEADER]: BACKLOG_FIRST }, null],
    ['waits for news instead of streaming', { 'content-type': 'application/json' }, null],
  ])(
    'requests its backlog on its own if the server %s, and asks only once',
    async (_, headers, text) => {
      const { asked, seen, begin, following } = follow(async (one) => {
        if (!isStream(one)) return catchUp()
        const { response } = streamOf([text ?? ': '], wantsBacklog(one) ? headers : {}, one.signal)
        return text === null && wantsBacklog(one) ? new Response('', response) : response
      })
      await vi.advanceTimersByTimeAsync(100)
      expect(seen.slice(0, 2)).toEqual([11, 'up-to-date'])
      expect(asked.map((one) => [isStream(one), wantsBacklog(one)])).toEqual([
        [true, true],
        [false, false],
        [true, false],
      ])
      expect(asked[0]?.signal?.aborted).toBe(true)
      following.stop()
      const before = asked.length
      const again = begin()
      await vi.advanceTimersByTimeAsync(100)
      expect(asked.slice(before).map(wantsBacklog)).toEqual([false, false])
      again.stop()
    },
  )

  test.each(['headers', 'body'])(
    'requests its backlog on its own if a proxy holds the %s of the stream back',
    async (held) => {
      const { asked, seen, following } = follow((one) => {
        if (!isStream(one)) return Promise.resolve(catchUp())
        if (wantsBacklog(one) && held === 'headers') {
          return new Promise((_, reject) => {
            one.signal?.addEventListener('abort', () => reject(one.signal?.reason))
          })
        }
        const headers = { [BACKLOG_HEADER]: BACKLOG_FIRST }
        return Promise.resolve(streamOf([], headers, one.signal).response)
      })
      await vi.advanceTimersByTimeAsync(1_900)
      expect([asked.length, seen]).toEqual([1, []])
      await vi.advanceTimersByTimeAsync(200)
      expect(seen).toEqual([11, 'up-to-date'])
      expect(asked[0]?.signal?.aborted).toBe(true)
      following.stop()
    },
  )

  test.each([
    ['polls', { live: 'long-poll' }],
    ['only catches up', { live: 'once' }],
    ['may stop before its stream', { backlogFirst: null }],
    ['begins with all rows', { start: 'beginning' }],
  ] as const)('requests its backlog on its own if it %s', async (_, options) => {
    const { asked, following } = follow(async (one) => {
      if (one.query.get('live') === 'true') return new Promise(() => {})
      return catchUp()
    }, options)
    await vi.advanceTimersByTimeAsync(100)
    expect(asked.filter(wantsBacklog)).toEqual([])
    following.stop()
  })
})
