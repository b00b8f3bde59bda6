import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { followShape, type ShapeOptions } from './shape.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
afterEach(() => vi.useRealTimers())

const UP_TO_DATE = { headers: { control: 'up-to-date', global_last_seen_lsn: '7' } }
const row = (seq: number) => ({
  key: `"row"/"${seq}"`,
  headers: { operation: 'insert' },
  value: { seq: String(seq), data: '\\x0000' },
})

const shape = (...messages: object[]): Response =>
  Response.json(messages, {
    headers: {
      'electric-handle': 'stub-1',
      'electric-offset': '7_0',
      'electric-schema': '{"seq":{"type":"int8"},"data":{"type":"bytea"}}',
      'electric-up-to-date': '',
    },
  })

const refusal = (status: number, code: string): Response =>
  Response.json({ error: { code, message: code } }, { status })

/** Follows a shape whose requests get these answers, and then none. */
async function follow(answers: (() => Response)[], options: Partial<ShapeOptions> = {}) {
  const asked: URLSearchParams[] = []
  const seen: string[] = []
  const end = followShape({
    url: `http://stub.test/${Math.random()}`,
    start: 'beginning',
    fetch: async (input) => {
      asked.push(new URL(String(input)).searchParams)
      const answer = answers.shift()
      return answer === undefined ? new Promise(() => {}) : answer()
    },
    onMessage: (message) => {
      const { control } = message.headers as { control?: string }
      seen.push(control ?? (message.value as { seq: string }).seq)
    },
    onInterrupted: ({ code }) => seen.push(`interrupted: ${code}`),
    onRefused: ({ code }) => seen.push(`refused: ${code}`),
    ...options,
  })
  await vi.advanceTimersByTimeAsync(5_000)
  return { asked, seen, end }
}

test('a stream that breaks off is tried again and continues at its offset', async () => {
  const { asked, seen, end } = await follow([
    () => shape(row(1), UP_TO_DATE),
    () => refusal(503, 'database_unavailable'),
    () => {
      throw new TypeError('fetch failed')
    },
  ])
  end()
  expect(seen).toEqual([
    '1',
    'up-to-date',
    'interrupted: database_unavailable',
    'interrupted: network',
  ])
  expect(asked.map((params) => params.get('offset'))).toEqual(['-1', '7_0', '7_0', '7_0'])
})

test.each([
  [410, 'segment_folded'],
  [404, 'segment_not_opened'],
  [410, 'deleted'],
  [403, 'forbidden'],
])('a refusal with %i %s ends it', async (status, code) => {
  const { asked, seen } = await follow([() => refusal(status, code)])
  expect(seen).toEqual([`refused: ${code}`])
  expect(asked).toHaveLength(1)
})

test('a log that starts over is read from the beginning', async () => {
  const { asked, seen, end } = await follow([
    () => shape(row(1), UP_TO_DATE),
    () => Response.json([], { status: 409 }),
    () => shape(row(2), UP_TO_DATE),
  ])
  end()
  expect(seen).toEqual(['1', 'up-to-date', 'must-refetch', '2', 'up-to-date'])
  expect(asked.map((params) => params.get('offset')).slice(0, 3)).toEqual(['-1', '7_0', '-1'])
})

test('after the end the reader requests and reports nothing', async () => {
  const { asked, seen, end } = await follow([() => refusal(503, 'server_busy')], {
    // The wait is random up to this: so long that it never ends before `end`.
    retry: { baseMs: 1e9, maxMs: 1e9 },
  })
  end()
  await vi.advanceTimersByTimeAsync(2e9)
  expect(asked.length + seen.length).toBe(2)
})
