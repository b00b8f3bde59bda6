import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readTimes } from './rowTimes.ts'

/** The server stores a row with every seq up to this one, each a second later. */
const STORED = 25
const start = Date.parse('2026-03-04T05:06:07Z')

/** The times that the page knows. */
let known: Map<number, number>
let asked: string[]
let isReached: boolean

beforeEach(() => {
  vi.useFakeTimers()
  known = new Map()
  asked = []
  isReached = true
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path.split('?')[1] ?? '')
    if (!isReached) throw new TypeError('offline')
    const after = Number(new URLSearchParams(path.split('?')[1]).get('after'))
    const seqs = Array.from({ length: STORED }, (_, index) => index + 1)
    const page = seqs.filter((seq) => seq > after).slice(0, 10)
    const updates = page.map((seq) => ({
      seq,
      storedAt: new Date(start + seq * 1_000).toISOString(),
    }))
    const last = page.at(-1) ?? null
    return Response.json({ updates, next: last === STORED ? null : last })
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const open = (firstUnknown: () => number | null) =>
  readTimes({
    docId: 'minutes',
    firstUnknown,
    onTimes: (times) => {
      for (const [seq, at] of times) known.set(seq, at)
    },
  })

test('the times are read page by page from the first row without one, once for a burst of rows', async () => {
  const times = open(() => 4)
  for (let i = 0; i < 5; i++) times.ask()
  await vi.runAllTimersAsync()
  expect([...known.keys()]).toEqual(Array.from({ length: 22 }, (_, index) => index + 4))
  expect(known.get(4)).toBe(start + 4_000)
  // Rows that arrived while the first pages were read may not be on them, so they are read once more.
  expect(asked).toEqual([3, 13, 23, 3, 13, 23].map((after) => `after=${after}&limit=10000`))
})

test('nothing is read if all times are known, and after a failure the next row asks again', async () => {
  let first: number | null = null
  const times = open(() => first)
  times.ask()
  await vi.runAllTimersAsync()
  expect(asked).toEqual([])
  first = 24
  isReached = false
  times.ask()
  await vi.runAllTimersAsync()
  expect(known.size).toBe(0)
  isReached = true
  times.ask()
  await vi.runAllTimersAsync()
  expect([...known.keys()]).toEqual([24, 25])
  times.end()
  times.ask()
  await vi.runAllTimersAsync()
  expect(asked).toHaveLength(2)
})
