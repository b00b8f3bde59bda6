import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RequestError } from '../errors.ts'
import { createErrorLog, type ErrorLog } from './errorLog.ts'

let lines: [string, unknown?][]
let log: ErrorLog
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] })
  lines = []
  log = createErrorLog({
    intervalMs: 30_000,
    write: (...line) => lines.push(line),
  })
})
afterEach(() => {
  vi.useRealTimers()
})

const request = new Request('http://host.test/api/docs/one/state?token=secret')
const unavailable = new RequestError('database_unavailable', 'the database cannot be reached')
const internal = new RequestError('internal', 'something went wrong here')

test('the first failure is logged with the request and the error, the others are counted', () => {
  for (let i = 0; i < 1_000; i++) log.failed(unavailable, unavailable, request)
  const text = 'database_unavailable: the database cannot be reached'
  expect(lines).toEqual([[`GET /api/docs/one/state: ${text}`, unavailable]])
  vi.advanceTimersByTime(30_000)
  expect(lines.slice(1)).toEqual([[`${text}: 999 more requests in the last 30 s`]])
  vi.advanceTimersByTime(300_000)
  log.worked('database')
  expect(lines.slice(2)).toEqual([['the database works again, 330 s after the first failure']])
  expect(vi.getTimerCount()).toBe(0)
})

test('bugs are distinguished by their position in the code, not by their message', () => {
  const bug = (id: string) => new Error(`there is no ${id}`)
  for (const id of ['one', 'two', 'three']) log.failed(bug(id), internal, request)
  log.failed(new TypeError('elsewhere'), internal, request)
  expect(lines).toHaveLength(2)
  expect(lines[0]?.[0]).toMatch(
    /^GET \/api\/docs\/one\/state: internal: Error at .*errorLog\.test\.ts/,
  )
  vi.advanceTimersByTime(30_000)
  expect(lines[2]?.[0]).toMatch(/^internal: Error at .*: 2 more requests in the last 30 s$/)
})

test('a thrown value that is not an Error gets a line too', () => {
  log.failed('thrown', internal, request)
  expect(lines).toEqual([['GET /api/docs/one/state: internal: string', 'thrown']])
})
