import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Clock } from '../io/clock.ts'
import { Follows } from './follows.ts'
import type { UnsignedTabMessage } from './messages.ts'

let now: number
let isLeader: boolean
let posted: UnsignedTabMessage['type'][]
let follows: Follows
let end: () => void
let heard: unknown[]

const clock: Clock = {
  now: () => now,
  random: () => 0,
  uuid: () => 'id',
  after: () => () => {},
}

beforeEach(() => {
  now = 0
  isLeader = false
  posted = []
  heard = []
  follows = new Follows({
    clock,
    isLeader: () => isLeader,
    post: ({ type }) => posted.push(type),
  })
  ;({ stop: end } = follows.add({
    http: { send: () => new Promise(() => {}), beacon: () => {} },
    clock,
    url: 'http://follows.test/shape',
    start: 'beginning',
    live: 'long-poll',
    log: 'full',
    onMessage: () => {},
    onNewest: (newest) => heard.push(newest),
    onAsking: (isAsking) => heard.push(isAsking),
    onLive: () => heard.push('live'),
    onEnd: ({ transient, error }) => heard.push({ transient, status: error.status }),
  }))
})
afterEach(() => end())

const beat = (...urls: string[]) => follows.hear({ type: 'beat', tab: 'leader', urls })

test('a tab uses its own stream while its leader follows something else, and no longer', () => {
  expect(posted).toEqual(['recent'])
  for (now = 0; now <= 2_000; now += 300) beat('http://follows.test/another')
  expect(follows.ledUrls()).toEqual([])
  for (; now <= 3_000; now += 300) beat('http://follows.test/another')
  expect(follows.ledUrls()).toEqual(['http://follows.test/shape'])
  beat('http://follows.test/another')
  expect(posted).toEqual(['recent', 'leading'])
  beat('http://follows.test/shape', 'http://follows.test/another')
  expect(follows.ledUrls()).toEqual([])
  expect(posted).toEqual(['recent', 'leading', 'recent'])
})

test('the leader continues even if another tab claims to lead', () => {
  isLeader = true
  follows.lead()
  beat('http://follows.test/shape')
  expect(follows.ledUrls()).toEqual(['http://follows.test/shape'])
})

test('a follower catches up once more when another stream begins', () => {
  follows.hear({ type: 'leading', tab: 'leader', url: 'http://follows.test/another' })
  expect(posted).toEqual(['recent'])
  follows.hear({ type: 'leading', tab: 'leader', url: 'http://follows.test/shape' })
  expect(posted).toEqual(['recent', 'recent'])
})

test('a leader announces to its followers which rows the server has and whether an answer is late', async () => {
  const url = 'http://follows.test/shape'
  const newest = { activeSegment: 2, seqs: [9, 8] }
  await new Promise<void>((resolve) => setImmediate(resolve))
  // Its own catch-up also waits for an answer, for ever in this test.
  expect(heard).toEqual([true])
  follows.hear({ type: 'newest', tab: 'leader', url, newest })
  follows.hear({ type: 'newest', tab: 'leader', url: 'http://follows.test/another', newest })
  expect(heard).toEqual([true, newest])
  follows.hear({ type: 'asking', tab: 'leader', url, isAsking: false })
  expect(heard.at(-1)).toBe(true)
})

test('a follower learns that the live request of its leader was answered', () => {
  follows.hear({ type: 'live', tab: 'leader', url: 'http://follows.test/another' })
  expect(heard).not.toContain('live')
  follows.hear({ type: 'live', tab: 'leader', url: 'http://follows.test/shape' })
  expect(heard.at(-1)).toBe('live')
})

test.each([401, 403])(
  'a follower whose leader is refused with %s asks for itself, since the message may be old',
  (status) => {
    const url = 'http://follows.test/shape'
    const refusal = {
      code: 'forbidden',
      message: 'no',
      retryAfterMs: undefined,
      suspectsUrl: false,
    } as const
    follows.hear({ type: 'ended', tab: 'leader', url, ...refusal, status, transient: false })
    expect(heard).toContainEqual({ transient: true, status })
  },
)

test('a follower whose leader followed a document that is deleted has ended too', () => {
  const url = 'http://follows.test/shape'
  const refusal = {
    code: 'deleted',
    message: 'no',
    retryAfterMs: undefined,
    suspectsUrl: false,
  } as const
  follows.hear({ type: 'ended', tab: 'leader', url, ...refusal, status: 410, transient: false })
  expect(heard).toContainEqual({ transient: false, status: 410 })
})

test('a leader notifies the others while it waits for an answer', async () => {
  isLeader = true
  follows.lead()
  await new Promise<void>((resolve) => setImmediate(resolve))
  expect(posted).toEqual(['recent', 'leading', 'asking'])
  expect(heard.at(-1)).toBe(true)
})

test('a follower that its reader stops while it catches up delivers nothing more', () => {
  const url = 'http://follows.test/next'
  const runs: (() => void)[] = []
  const received: unknown[] = []
  const row = { headers: { operation: 'insert' }, key: 'seal', value: {} } as const
  const following = follows.add({
    http: { send: () => new Promise(() => {}), beacon: () => {} },
    clock: {
      ...clock,
      after: (_ms, run) => {
        runs.push(run)
        return () => {}
      },
    },
    url,
    start: 'now',
    live: 'long-poll',
    log: 'changes_only',
    onMessage: (message) => {
      received.push(message)
      following.stop()
    },
    onEnd: () => {},
  })
  const position = { offset: '1_0', handle: 'h' }
  follows.hear({ type: 'batch', tab: 'leader', url, messages: [row], position })
  for (const run of runs) run()
  expect(received).toEqual([row])
})
