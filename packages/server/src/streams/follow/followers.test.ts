import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Feed } from '../feed.ts'
import { Followers, type StreamRequest } from './followers.ts'
import { at, change, namesIn, upToDate } from './testing/stream.ts'

const HEADERS = {
  'content-type': 'text/event-stream',
  'electric-handle': 'h-1',
  'electric-offset': '0_0',
  'electric-cursor': '40',
  etag: '"h-1:0_0:0_0"',
}

/** One request to the shape service, which the test answers. */
interface Requested {
  readonly offset: string | null
  readonly signal: AbortSignal
  open(): void
  answer(response: Response): void
  fail(): void
  send(...lsns: number[]): void
  end(): void
}

const of = { docId: 'd', segment: 3 }

function setup(maxUnreadBytes = 10_000) {
  const followers = new Followers({ maxUnreadBytes })
  const requests: Requested[] = []
  const request: StreamRequest['request'] = (place, signal) =>
    new Promise((resolve, reject) => {
      let controller: ReadableStreamDefaultController<Uint8Array>
      const body = new ReadableStream<Uint8Array>({
        start(given) {
          controller = given
        },
      })
      signal.addEventListener('abort', () => reject(signal.reason))
      requests.push({
        offset: place?.offset ?? null,
        signal,
        open: () => resolve(new Response(body, { headers: HEADERS })),
        answer: resolve,
        fail: () => reject(new Error('away')),
        send(...lsns) {
          for (const lsn of lsns) {
            controller.enqueue(change(lsn, 0).bytes)
            controller.enqueue(upToDate(lsn + 1).bytes)
          }
        },
        end: () => controller.close(),
      })
    })
  const open = (
    offset: string,
    signal = new AbortController().signal,
    cursor: string | null = null,
  ) => followers.open({ shape: 's', of, at: at(offset), cursor, request }, signal)
  return { followers, requests, open, last: () => requests.at(-1) as Requested }
}

/** Reads a feed as fast as it comes. */
function reading(feed: Feed) {
  const got: string[] = []
  const state = { got, isOver: false }
  feed.start({
    write(events) {
      got.push(...namesIn(events))
      queueMicrotask(() => feed.resume())
    },
    end() {
      state.isOver = true
    },
  })
  return state
}

async function stream(opening: ReturnType<ReturnType<typeof setup>['open']>) {
  const answer = await opening
  if (answer.type !== 'stream') throw new Error('refused')
  return { ...reading(answer.feed), headers: answer.headers, feed: answer.feed }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('opening', () => {
  test('readers that come together share one request and its answer', async () => {
    const { followers, requests, open, last } = setup()
    const opening = [open('0_0'), open('0_0'), open('0_0')]
    last().open()
    await Promise.all(opening)
    expect(requests).toHaveLength(1)
    expect(followers.size).toBe(1)
  })

  test('each reader gets a refusal, and no follower stays', async () => {
    const { followers, open, last } = setup()
    const opening = [open('0_0'), open('0_0')]
    last().answer(new Response('[]', { status: 409 }))
    for (const answer of await Promise.all(opening)) {
      expect(answer).toMatchObject({ type: 'refused', refusal: { status: 409 } })
    }
    expect(followers.size).toBe(0)
  })

  test('each reader gets a failure, and the next one asks again', async () => {
    const { followers, requests, open, last } = setup()
    const opening = [open('0_0'), open('0_0')]
    last().fail()
    for (const one of opening) await expect(one).rejects.toThrow('away')
    expect(followers.size).toBe(0)
    void open('0_0')
    expect(requests).toHaveLength(2)
  })

  test('the request is aborted when all readers that wait for it have left', async () => {
    const { followers, open, last } = setup()
    const leave = [new AbortController(), new AbortController()]
    const opening = leave.map(({ signal }) => open('0_0', signal))
    leave[0]?.abort(new Error('left'))
    await expect(opening[0]).rejects.toThrow('left')
    expect(last().signal.aborted).toBe(false)
    leave[1]?.abort(new Error('left'))
    await expect(opening[1]).rejects.toThrow('left')
    expect(last().signal.aborted).toBe(true)
    expect(followers.size).toBe(0)
  })

  test('a later reader gets headers for its own offset, and a cursor other than its previous one', async () => {
    const { open, last } = setup()
    const opening = open('0_0')
    last().open()
    await stream(opening)
    last().send(5)
    await settled()
    const { headers } = await stream(open('6_0', undefined, '40'))
    expect(headers.get('electric-offset')).toBe('6_0')
    expect(headers.get('etag')).toBe('"h-1:6_0:6_0"')
    expect(headers.get('electric-cursor')).toBe('41')
  })
})

describe('a stream that ends', () => {
  test('is requested again from its last row', async () => {
    const { requests, open, last } = setup()
    const opening = open('0_0')
    last().open()
    const reader = await stream(opening)
    last().send(5)
    await settled()
    last().end()
    await settled()
    expect(requests.map(({ offset }) => offset)).toEqual([null, '6_0'])
    last().open()
    last().send(5, 8)
    await settled()
    expect(reader.got).toEqual(['5.0', 'up-to-date', '8.0', 'up-to-date'])
  })

  test('is requested again after a quiet minute', async () => {
    const { requests, open, last } = setup()
    const opening = open('0_0')
    last().open()
    await opening
    await settled()
    vi.advanceTimersByTime(50_000)
    last().end()
    await settled()
    expect(requests).toHaveLength(2)
  })

  test('at once and without a row ends its readers, because the next request would end in the same way', async () => {
    const { followers, requests, open, last } = setup()
    const opening = [open('0_0'), open('0_0')]
    last().open()
    const readers = await Promise.all(
      opening.map(async (one) => {
        const answer = await one
        return answer.type === 'stream' ? reading(answer.feed) : null
      }),
    )
    last().end()
    await settled()
    expect(readers.map((reader) => reader?.isOver)).toEqual([true, true])
    expect(requests).toHaveLength(1)
    expect(followers.size).toBe(0)
  })

  test('and cannot be opened again ends its readers', async () => {
    const { followers, open, last } = setup()
    const opening = open('0_0')
    last().open()
    const answer = await opening
    const reader = answer.type === 'stream' ? reading(answer.feed) : null
    last().send(5)
    await settled()
    last().end()
    await settled()
    last().answer(new Response('[]', { status: 409 }))
    await settled()
    expect(reader?.isOver).toBe(true)
    expect(followers.size).toBe(0)
  })
})

describe('readers', () => {
  test('end after a minute, like those of Electric, and others stay', async () => {
    const { followers, open, last } = setup()
    const opening = open('0_0')
    last().open()
    const first = await opening
    const one = first.type === 'stream' ? reading(first.feed) : null
    last().send(5)
    await settled()
    vi.advanceTimersByTime(30_000)
    const second = await open('6_0')
    const other = second.type === 'stream' ? reading(second.feed) : null
    vi.advanceTimersByTime(30_000)
    expect([one?.isOver, other?.isOver]).toEqual([true, false])
    last().send(8)
    await settled()
    expect(one?.got).toEqual(['5.0', 'up-to-date'])
    expect(other?.got).toEqual(['8.0', 'up-to-date'])
    vi.advanceTimersByTime(30_000)
    expect(other?.isOver).toBe(true)
    expect(followers.size).toBe(0)
    expect(last().signal.aborted).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('behind the log have a request of their own until they have caught up', async () => {
    const { followers, requests, open } = setup(300)
    const opening = open('0_0')
    requests[0]?.open()
    const early = await stream(opening)
    requests[0]?.send(...Array.from({ length: 20 }, (_, i) => 10 + i * 2))
    await settled()
    const lateOpening = open('0_0')
    expect(requests).toHaveLength(2)
    requests[1]?.open()
    const late = await stream(lateOpening)
    requests[1]?.send(...Array.from({ length: 20 }, (_, i) => 10 + i * 2))
    await settled()
    expect(late.got).toEqual(early.got)
    expect(followers.size).toBe(1)
    expect(requests[1]?.signal.aborted).toBe(true)
    requests[0]?.send(70)
    await settled()
    expect(late.got.slice(-2)).toEqual(['70.0', 'up-to-date'])
    expect(early.got).toEqual(late.got)
  })

  test('ahead of the log have a request of their own until the log has reached them', async () => {
    const { followers, requests, open } = setup()
    const opening = open('0_0')
    requests[0]?.open()
    await stream(opening)
    const aheadOpening = open('11_0')
    requests[1]?.open()
    const ahead = await stream(aheadOpening)
    expect(followers.size).toBe(2)
    requests[0]?.send(10)
    await settled()
    expect(followers.size).toBe(1)
    requests[0]?.send(12)
    await settled()
    expect(ahead.got).toEqual(['12.0', 'up-to-date'])
  })

  test('that leave before they have read anything leave nothing behind', async () => {
    const { followers, open, last } = setup()
    const aborter = new AbortController()
    const opening = open('0_0', aborter.signal)
    last().open()
    await opening
    aborter.abort()
    expect(followers.size).toBe(0)
    expect(last().signal.aborted).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the ends of a document', () => {
  test('are where its followers have read to, and none of another document', async () => {
    const { followers, open, last } = setup()
    const opening = open('0_inf')
    expect(followers.endsOf('d')).toEqual([])
    last().open()
    await stream(opening)
    const endAt = (offset: string) => [{ segment: 3, follow: { handle: 'h-1', offset } }]
    expect(followers.endsOf('d')).toEqual(endAt('0_inf'))
    last().send(5)
    await settled()
    expect(followers.endsOf('d')).toEqual(endAt('6_0'))
    expect(followers.endsOf('other')).toEqual([])
  })

  test('are those of the follower that has read the most, whichever came first', async () => {
    const { followers, requests, open } = setup(300)
    const opening = open('0_0')
    requests[0]?.open()
    await stream(opening)
    requests[0]?.send(...Array.from({ length: 20 }, (_, i) => 10 + i * 2))
    await settled()
    const late = open('0_0')
    requests[1]?.open()
    await stream(late)
    expect(followers.size).toBe(2)
    expect(followers.endsOf('d')).toMatchObject([{ follow: { offset: '49_0' } }])
  })

  test('are gone with the last reader', async () => {
    const { followers, open, last } = setup()
    const aborter = new AbortController()
    const opening = open('0_0', aborter.signal)
    last().open()
    await opening
    aborter.abort()
    expect(followers.endsOf('d')).toEqual([])
  })

  test('are not returned any more if their handle was refused, and their readers stay', async () => {
    const { followers, open, last } = setup()
    const opening = open('0_0')
    last().open()
    const reader = await stream(opening)
    followers.refused({ docId: 'd', segment: 2 }, 'h-1')
    followers.refused({ docId: 'd', segment: 3 }, 'h-2')
    expect(followers.endsOf('d')).toHaveLength(1)
    followers.refused({ docId: 'd', segment: 3 }, 'h-1')
    expect(followers.endsOf('d')).toEqual([])
    last().send(5)
    await settled()
    expect(reader.got).toEqual(['5.0', 'up-to-date'])
  })
})
