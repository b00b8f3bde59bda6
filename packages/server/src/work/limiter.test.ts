import type pg from 'pg'
import { describe, expect, test, vi } from 'vitest'
import { behindEdits } from '../store/index.ts'
import { type Asker, runLimited as run, type WorkLimits, YieldedError } from './limiter.ts'

/** Limiters are kept by pool. Only the identity of the pool matters. */
const aPool = () => ({}) as pg.Pool

const LIMITS: WorkLimits = {
  atOnce: 2,
  perAsker: 2,
  maxWaiting: 10,
  retryAfterSeconds: 3,
  maxRestMs: 2_000,
}

const runLimited = <T>(pool: pg.Pool, atOnce: number, work: () => Promise<T>) =>
  run(pool, 'inspection', {}, { ...LIMITS, atOnce, perAsker: 1 }, work)

describe('the limiter', () => {
  test('runs at most the given number of jobs at once, in order of arrival, even if one fails', async () => {
    const pool = aPool()
    const started: number[] = []
    const ends: (() => void)[] = []
    const works = [0, 1, 2, 3].map((number) =>
      runLimited(pool, 2, async () => {
        started.push(number)
        await new Promise<void>((resolve) => {
          ends[number] = resolve
        })
        if (number === 0) throw new Error('failed')
        return number
      }),
    )
    works[0]?.catch(() => {})
    expect(started).toEqual([0, 1])
    ends[0]?.()
    await expect(works[0]).rejects.toThrow('failed')
    await Promise.resolve()
    expect(started).toEqual([0, 1, 2])
    ends[1]?.()
    expect(await works[1]).toBe(1)
    await Promise.resolve()
    expect(started).toEqual([0, 1, 2, 3])
    ends[2]?.()
    ends[3]?.()
    expect(await Promise.all(works.slice(2))).toEqual([2, 3])
    // No job is left.
    expect(await runLimited(pool, 1, async () => 'free')).toBe('free')
  })

  test('does not make one pool wait for another', async () => {
    let end = () => {}
    const slow = runLimited(aPool(), 1, () => new Promise<void>((resolve) => (end = resolve)))
    expect(await runLimited(aPool(), 1, async () => 'at once')).toBe('at once')
    end()
    await slow
  })
})

/** Asks for work that ends when the test says so, or when its signal is aborted. */
function gated(pool: pg.Pool, limits: WorkLimits = LIMITS) {
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  const ask = (name: string, asker: Asker = {}) => {
    const asked = run(pool, 'inspection', asker, limits, (signal) => {
      begun.push(name)
      return new Promise<string>((resolve, reject) => {
        ends.set(name, () => resolve(name))
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    })
    asked.catch(() => {})
    return asked
  }
  const end = async (name: string) => {
    ends.get(name)?.()
    await settled()
  }
  return { begun, ask, end }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the limiter for several askers', () => {
  test('serves the askers alternately, however much one of them asks for', async () => {
    const { begun, ask, end } = gated(aPool(), { ...LIMITS, atOnce: 1, perAsker: 1 })
    for (const name of ['a1', 'a2', 'a3', 'a4']) void ask(name, { who: 'a' })
    for (const name of ['b1', 'b2']) void ask(name, { who: 'b' })
    void ask('c1', { who: 'c' })
    for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'b2']) await end(name)
    expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'])
  })

  test('keeps one place free that a single asker cannot use', async () => {
    const { begun, ask } = gated(aPool(), { ...LIMITS, atOnce: 3, perAsker: 2 })
    for (const name of ['a1', 'a2', 'a3']) void ask(name, { who: 'a' })
    void ask('b1', { who: 'b' })
    await settled()
    expect(begun).toEqual(['a1', 'a2', 'b1'])
  })

  test('drops the work of a client that has disconnected, both waiting and running', async () => {
    const { begun, ask } = gated(aPool(), { ...LIMITS, atOnce: 1, perAsker: 1 })
    const clients = Array.from({ length: 9 }, () => new AbortController())
    const asked = clients.map(({ signal }, i) => ask(`gone ${i}`, { who: 'a', signal }))
    const honest = ask('honest', { who: 'b' })
    for (const client of clients) client.abort(new Error('the client has gone'))
    await settled()
    expect(begun).toEqual(['gone 0', 'honest'])
    for (const one of asked) await expect(one).rejects.toThrow('the client has gone')
    void honest
  })

  test('refuses work with server_busy and a time to wait if too many jobs wait', async () => {
    const limits = { ...LIMITS, atOnce: 1, perAsker: 1, maxWaiting: 2 }
    const { begun, ask, end } = gated(aPool(), limits)
    void ask('running', { who: 'a' })
    void ask('a1', { who: 'a' })
    const newest = ask('a2', { who: 'a' })
    await expect(ask('a3', { who: 'a' })).rejects.toMatchObject({
      code: 'server_busy',
      retryAfterSeconds: 3,
    })
    // Another asker is accepted into the queue, and the longest queue drops its newest request.
    void ask('b1', { who: 'b' })
    await expect(newest).rejects.toMatchObject({ code: 'server_busy' })
    for (const name of ['running', 'a1', 'b1']) await end(name)
    expect(begun).toEqual(['running', 'a1', 'b1'])
  })

  test('always accepts the back end itself', async () => {
    const limits = { ...LIMITS, atOnce: 1, perAsker: 1, maxWaiting: 1 }
    const { begun, ask, end } = gated(aPool(), limits)
    for (const name of ['own 1', 'own 2', 'own 3']) void ask(name)
    void ask('a1', { who: 'a' })
    await expect(ask('a2', { who: 'a' })).rejects.toMatchObject({ code: 'server_busy' })
    for (const name of ['own 1', 'own 2', 'a1', 'own 3']) await end(name)
    expect(begun).toEqual(['own 1', 'own 2', 'a1', 'own 3'])
  })

  test('makes only the asker rest whose client has left running work', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const { begun, ask } = gated(aPool(), { ...LIMITS, perAsker: 1 })
      const client = new AbortController()
      const left = ask('left', { who: 'mallory', signal: client.signal })
      const next = ask('next', { who: 'mallory' })
      vi.advanceTimersByTime(100)
      client.abort(new Error('the client has gone'))
      await expect(left).rejects.toThrow('the client has gone')
      void ask('honest', { who: 'ada' })
      vi.advanceTimersByTime(899)
      expect(begun).toEqual(['left', 'honest'])
      vi.advanceTimersByTime(1)
      await Promise.resolve()
      expect(begun).toEqual(['left', 'honest', 'next'])
      next.catch(() => {})
    } finally {
      vi.useRealTimers()
    }
  })

  test.each([
    ['waits at most the limit after it has left long work', 500, 500],
    ['does not wait after it has left work if the limit is 0', 0, 0],
  ])('an asker %s', async (_, maxRestMs, restMs) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const { begun, ask } = gated(aPool(), { ...LIMITS, perAsker: 1, maxRestMs })
      const client = new AbortController()
      const left = ask('left', { who: 'mallory', signal: client.signal })
      void ask('next', { who: 'mallory' })
      vi.advanceTimersByTime(60_000)
      client.abort(new Error('the client has gone'))
      await expect(left).rejects.toThrow('the client has gone')
      if (restMs > 0) {
        vi.advanceTimersByTime(restMs - 1)
        expect(begun).toEqual(['left'])
        vi.advanceTimersByTime(1)
      }
      await settled()
      expect(begun).toEqual(['left', 'next'])
    } finally {
      vi.useRealTimers()
    }
  })

  test('aborts work that has used its time only if others wait', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const { begun, ask } = gated(aPool(), {
        ...LIMITS,
        atOnce: 1,
        perAsker: 1,
        yieldAfterMs: 1_000,
      })
      const slow = ask('slow', { who: 'a' })
      vi.advanceTimersByTime(60_000)
      await settled()
      void ask('next', { who: 'b' })
      await expect(slow).rejects.toBeInstanceOf(YieldedError)
      await settled()
      void ask('third', { who: 'c' })
      vi.advanceTimersByTime(999)
      await settled()
      expect(begun).toEqual(['slow', 'next'])
      vi.advanceTimersByTime(1)
      await settled()
      expect(begun).toEqual(['slow', 'next', 'third'])
    } finally {
      vi.useRealTimers()
    }
  })
})

test('routes and functions of the back end share a limiter, although only routes use the gated pool', async () => {
  const pool = aPool()
  const ends: (() => void)[] = []
  const hold = () => new Promise<void>((resolve) => void ends.push(resolve))
  const limits = { ...LIMITS, atOnce: 1, perAsker: 1 }
  const first = run(behindEdits(pool), 'inspection', { who: 'a' }, limits, hold)
  const second = run(pool, 'inspection', {}, limits, hold)
  await settled()
  expect(ends).toHaveLength(1)
  ends[0]?.()
  await first
  await settled()
  ends[1]?.()
  await second
})
